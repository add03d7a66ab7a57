import { systemClock, type Clock } from '../../io/clock.js';
import type { Environment } from '../../io/s3/settings.js';
import { sharedSignHook, type SignHook } from '../../io/url-signer.js';
import type { RetryOptions } from '../../io/with-retries.js';
import { variableOf } from '../../lake/targets/environment.js';
import { earthdataDenied, EarthdataSigner, isEarthdata } from './earthdata-signer.js';
import { isUnsignedBlob, signBlob, type PlanetaryOptions } from './planetary-signer.js';
import { SIGNERS, type SignerName } from './signers.js';

/** How signatures are asked for. */
export type ProviderSignerOptions = {
  /** All by default; each signs only URLs of its own hosts. */
  readonly providers?: readonly SignerName[];
  /** The Planetary Computer's service that gives tokens of containers; PC_SDK_SAS_URL, or its own by default. */
  readonly tokens?: string;
  /** Earthdata's service that gives tokens for names and passwords. */
  readonly login?: string;
  /** Holds PC_SDK_SUBSCRIPTION_KEY, EARTHDATA_TOKEN, EARTHDATA_USERNAME, EARTHDATA_PASSWORD; the process's by default. */
  readonly environment?: Environment;
  readonly retries?: RetryOptions;
  readonly clock?: Clock;
};

const PLANETARY_TOKENS = 'https://planetarycomputer.microsoft.com/api/sas/v1/token';
const EARTHDATA_LOGIN = 'https://urs.earthdata.nasa.gov';

/** So long a place that nobody signs for is not asked about again: one with unknown tokens, and one of no provider. */
const UNKNOWN_MS = 60_000;
const FOREIGN_MS = 3_600_000;

/**
 * A sign hook for items of all providers, by host: https URLs of Azure containers that the Planetary Computer publishes get the
 * container's token, those of Earthdata's data servers the user's; all others stay as they are. Whoever shares the hook shares its
 * memory: a token is asked for once, used until 80 % of its lifetime is over, and renewed once where it is refused. Nothing is stored.
 */
export function providerSigner(options: ProviderSignerOptions = {}): SignHook {
  const { providers = SIGNERS, environment = process.env, retries = {}, clock = systemClock } = options;
  const planetary: PlanetaryOptions = {
    tokens: options.tokens ?? variableOf(environment, 'PC_SDK_SAS_URL') ?? PLANETARY_TOKENS,
    subscriptionKey: variableOf(environment, 'PC_SDK_SUBSCRIPTION_KEY'),
    retries,
    clock,
  };
  const login = options.login ?? EARTHDATA_LOGIN;
  const earthdata = new EarthdataSigner({ ...earthdataUser(environment), login, retries, clock });
  const unsigned = (url: string, forMs: number) => ({
    url,
    expiresAt: clock.now() + forMs,
    scope: 'container' as const,
  });
  const sign: SignHook = async (text, { renew } = { renew: false }) => {
    const url = new URL(text);
    if (isUnsignedBlob(url, clock.now()) && providers.includes('planetary-computer')) {
      return (await signBlob(url, planetary)) ?? unsigned(text, UNKNOWN_MS);
    }
    if (isEarthdata(url) && providers.includes('earthdata')) {
      if (earthdata.isReady) return earthdata.sign(url, renew);
      // Some of what lies there is open to all.
      if (renew) throw earthdataDenied(text);
    }
    return url.searchParams.has('sig') ? text : unsigned(text, FOREIGN_MS);
  };
  return sharedSignHook(sign, clock);
}

function earthdataUser(environment: Environment) {
  const name = variableOf(environment, 'EARTHDATA_USERNAME');
  const password = variableOf(environment, 'EARTHDATA_PASSWORD');
  const user = name === null || password === null ? null : { name, password };
  return { token: variableOf(environment, 'EARTHDATA_TOKEN')?.trim() ?? null, user };
}
