import type { LakeInput } from '../build/lake-input.js';
import { CubeError } from '../errors.js';

/** Options that name a lake, as they were typed. */
export type LakeOptions = { readonly lake?: string; readonly lakeData?: string };

/** The lake that is named, or nothing. Problem: `invalid-argument` for a data folder without a lake. */
export function lakeOption({ lake, lakeData }: LakeOptions): { readonly lake?: LakeInput } {
  if (lake === undefined && lakeData === undefined) return {};
  if (lake === undefined) throw new CubeError({ kind: 'invalid-argument', what: '--lake-data needs --lake' });
  return { lake: lakeData === undefined ? lake : { catalog: lake, dataPath: lakeData } };
}

/** The snapshot of a lake that is named, or nothing. Problem: `invalid-argument`. */
export function lakeSnapshot({ snapshot }: { readonly snapshot?: string }): { readonly snapshot?: number } {
  if (snapshot === undefined) return {};
  if (/^\d{1,15}$/.test(snapshot)) return { snapshot: Number(snapshot) };
  throw new CubeError({ kind: 'invalid-argument', what: `--snapshot "${snapshot}": expected a whole number` });
}
