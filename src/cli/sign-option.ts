import { CubeError } from '../errors.js';
import { providerSigner } from '../ingest/stac/provider-signer.js';
import { SIGNERS, type SignerName } from '../ingest/stac/signers.js';
import type { SignHook } from '../io/url-signer.js';
import { variableOf } from '../lake/targets/environment.js';
import { listOption } from './parse-options.js';
import type { SignOptions } from './with-sign-option.js';

/** The sign hook of a command, in the shape of `SourceOptions`. Problem: `invalid-argument`, also for missing credentials. */
export function signOption({ sign }: SignOptions): { readonly sign?: SignHook } {
  if (sign === undefined) return { sign: providerSigner() };
  const providers = listOption(sign);
  if (providers.length === 1 && providers[0] === 'none') return {};
  const known = providers.filter((name): name is SignerName => SIGNERS.some((one) => one === name));
  if (known.length === 0 || known.length < providers.length) {
    const fix = `use ${SIGNERS.join(', ')} or none`;
    throw new CubeError({ kind: 'invalid-argument', what: `--sign "${sign}" is unknown`, fix });
  }
  if (known.includes('earthdata')) assertEarthdata();
  return { sign: providerSigner({ providers: known }) };
}

function assertEarthdata(): void {
  const has = (name: string) => variableOf(process.env, name) !== null;
  if (has('EARTHDATA_TOKEN') || (has('EARTHDATA_USERNAME') && has('EARTHDATA_PASSWORD'))) return;
  throw new CubeError({
    kind: 'invalid-argument',
    what: '--sign earthdata: the environment has no credentials of Earthdata',
    fix: 'set EARTHDATA_TOKEN, or EARTHDATA_USERNAME and EARTHDATA_PASSWORD',
  });
}
