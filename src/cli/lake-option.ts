import { lakeLocation, type LakeInput } from '../build/lake-input.js';
import { CubeError } from '../errors.js';
import type { LakeLocation } from '../lake/attach.js';
import { findTarget } from '../lake/targets/resolve-target.js';
import type { LakeOptions } from './with-lake-options.js';

/**
 * The lake that is named, by --lake or as a target, or nothing. Problem: `invalid-argument` for a data folder without a lake
 * and for both ways at once; those of a file of targets.
 */
export async function lakeOption(options: LakeOptions): Promise<{ readonly lake?: LakeInput }> {
  const { lake, lakeData, target, config } = options;
  if (lake !== undefined && target !== undefined) throw argument('--lake and --target exclude each other');
  if (lake === undefined && lakeData !== undefined) throw argument('--lake-data needs --lake');
  if (lake !== undefined) return { lake: lakeData === undefined ? lake : { catalog: lake, dataPath: lakeData } };
  const found = await findTarget({
    ...(target === undefined ? {} : { target }),
    ...(config === undefined ? {} : { config }),
  });
  return found === null ? {} : { lake: found };
}

/** The lake of a command that needs one. Problem: `invalid-argument` where none is named. */
export async function neededLake(options: LakeOptions): Promise<LakeLocation> {
  const { lake } = await lakeOption(options);
  if (lake !== undefined) return lakeLocation(lake);
  throw argument('no lake is named', 'give --lake, or --target with a file of targets (heliocube.yaml)');
}

function argument(what: string, fix?: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, ...(fix === undefined ? {} : { fix }) });
}

/** The snapshot of a lake that is named, or nothing. Problem: `invalid-argument`. */
export function lakeSnapshot({ snapshot }: { readonly snapshot?: string }): { readonly snapshot?: number } {
  if (snapshot === undefined) return {};
  if (/^\d{1,15}$/.test(snapshot)) return { snapshot: Number(snapshot) };
  throw new CubeError({ kind: 'invalid-argument', what: `--snapshot "${snapshot}": expected a whole number` });
}
