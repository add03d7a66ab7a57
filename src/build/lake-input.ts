import { dirname, resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { LakeLocation } from '../lake/attach.js';
import { describeCatalog, parseCatalog } from '../lake/catalog.js';
import { dataPathOf } from '../lake/data-path.js';
import { isInBucket } from '../lake/storage.js';
import { isPostgres } from './output-paths.js';

/** A lake by its catalog, whose data folder is then beside it (as a build puts it), or by both. */
export type LakeInput = string | LakeLocation;

/** Where a lake is that is named by a DuckDB file, `sqlite:PATH`, or catalog and data folder. Relative to the working directory. */
export function lakeLocation(input: LakeInput): LakeLocation {
  if (typeof input !== 'string') return input;
  if (isPostgres(input) || input.startsWith('md:')) {
    const what = `a ${isPostgres(input) ? 'Postgres' : 'MotherDuck'} catalog does not say where the data files of its lake are`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'give the data folder too' });
  }
  const path = resolve(input.replace(/^sqlite:/, ''));
  return { catalog: input.startsWith('sqlite:') ? `sqlite:${path}` : path, dataPath: dataPathOf(path) };
}

/** A catalog as reports name it: without what may be a secret. */
export function reportedCatalog(catalog: string): string {
  return isPostgres(catalog) ? 'postgres' : describeCatalog(parseCatalog(catalog));
}

/**
 * The folder that hrefs in a lake are relative to: that of its catalog file, else the one that its data folder lies in, else the
 * working directory.
 */
export function lakeFolder({ catalog, dataPath }: LakeLocation): string {
  const isFile = !isPostgres(catalog) && !catalog.startsWith('md:');
  if (!isFile && isInBucket(dataPath)) return resolve('.');
  return dirname(resolve(isFile ? catalog.replace(/^sqlite:/, '') : dataPath));
}

/** The index of rasters that a lake holds, and what closes it. Only those who ask for one load DuckDB. */
export async function openRasterIndex(input: LakeInput) {
  const { openReferenceLake } = await import('../lake/reference-lake.js');
  return openReferenceLake(lakeLocation(input));
}
