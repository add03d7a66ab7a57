import { CubeError, isCubeError } from '../errors.js';
import { parseCrs } from '../grid/crs-definition.js';
import type { Crs } from '../grid/crs.js';
import type { SourceOptions } from './source-table.js';

/** OGC:CRS84: WGS 84, longitude first. */
export const LON_LAT: Crs = { kind: 'epsg', code: 4326 };

/** The CRS of label coordinates: what the user states, else what the file says, else an error that names the fix. No guess. */
export function chooseCrs(url: string, stated: string | undefined, found: Crs | null, missing: string): Crs {
  if (stated !== undefined) return parseStatedCrs(stated);
  if (found !== null) return found;
  throw new CubeError({
    kind: 'invalid-data',
    url,
    what: `no coordinate reference system: ${missing} or set labels.crs (--label-crs for cube stats, crs in a manifest)`,
  });
}

/** The CRS that a file is told to have where it does not say itself; null where nobody says. */
export function crsIfAbsent({ crsIfAbsent: text }: SourceOptions): Crs | null {
  return text === undefined ? null : parseStatedCrs(text);
}

/** The CRS that a file names, with the file in the error where it cannot be understood. */
export function parseFileCrs(url: string, text: string | object): Crs {
  try {
    return parseCrs(text);
  } catch (error) {
    if (!isCubeError(error)) throw error;
    if (error.problem.kind === 'unsupported') throw error;
    throw new CubeError(
      { kind: 'invalid-data', url, what: `coordinate reference system: ${error.message}` },
      { cause: error },
    );
  }
}

function parseStatedCrs(text: string): Crs {
  try {
    return parseCrs(text);
  } catch (error) {
    if (!isCubeError(error) || error.problem.kind === 'unsupported') throw error;
    throw new CubeError({ kind: 'invalid-spec', path: 'labels.crs', what: error.message }, { cause: error });
  }
}
