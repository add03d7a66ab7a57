import { dirname, join, relative, resolve } from 'node:path';
import { CubeError, redactUrl } from '../errors.js';
import { isLocal, pathOfUrl } from '../io/location.js';
import type { BuildSpec } from '../cube/spec.js';
import { dataPathOf } from '../lake/data-path.js';

/** Where a build writes; absolute paths. */
export type OutputPaths = {
  /** What the cube is: a folder of Zarr, or an Icechunk repository. */
  readonly store: 'zarr' | 'icechunk';
  /** Where readers find it: a path, or the s3: URL of a repository. */
  readonly cube: string;
  /** Local path that all that lies beside the cube is named after; the cube's own where that is local. */
  readonly work: string;
  /** Beside it: receipts of finished tasks. */
  readonly journal: string;
  /** Null for the cube alone. */
  readonly lake: LakePlace | null;
};

/** Where a lake's catalog and its data are. */
export type LakePlace = {
  /** Path of a DuckDB file, 'sqlite:PATH' or 'postgres:…'. */
  readonly catalog: string;
  readonly dataPath: string;
  /** Folder that relative hrefs in the lake are relative to. */
  readonly folder: string;
};

/** `out` puts everything into one folder; else the specification says where, relative to its own folder. */
export function outputPaths(spec: BuildSpec, specFolder: string, out: string | null): OutputPaths {
  const place = cubePlace(spec, specFolder, out);
  const { work } = place;
  return { ...place, journal: `${work}.journal`, lake: lakePlace(spec.output.lake, { specFolder, out, cube: work }) };
}

/** Where the lake of a build is, or null where there is none or no place for it. */
export function lakePlaceOf(spec: BuildSpec, specFolder: string, out: string | null): LakePlace | null {
  if (out === null && spec.output.cube === undefined) return null;
  return outputPaths(spec, specFolder, out).lake;
}

/** True for the connection string of a Postgres catalog, which may hold a password. */
export function isPostgres(catalog: string): boolean {
  return /^postgres(ql)?:/i.test(catalog);
}

/** A path as it is written into the lake: relative to the lake's folder, so that both can move together; URLs as they are. */
export function hrefFromLake({ folder }: Pick<LakePlace, 'folder'>, path: string): string {
  if (!isLocal(path)) return redactUrl(path);
  return relative(folder, path).replaceAll('\\', '/');
}

function cubePlace({ output }: BuildSpec, specFolder: string, out: string | null): CubePlace {
  const { cube } = output;
  if (typeof cube === 'object') return icechunkPlace(cube.icechunk, specFolder, out);
  if (out !== null) return localPlace('zarr', join(resolve(out), 'cube.zarr'));
  if (cube !== undefined) return localPlace('zarr', resolve(specFolder, cube));
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'output.cube',
    what: 'no place for the cube',
    fix: 'set it, or pass --out DIR',
  });
}

type CubePlace = Pick<OutputPaths, 'store' | 'cube' | 'work'>;

function localPlace(store: OutputPaths['store'], path: string): CubePlace {
  return { store, cube: path, work: path };
}

/** What lies beside a repository in a bucket is kept in the specification's folder. */
function icechunkPlace(place: string, specFolder: string, out: string | null): CubePlace {
  if (out !== null) return localPlace('icechunk', join(resolve(out), 'cube.icechunk'));
  if (isLocal(place)) return localPlace('icechunk', resolve(specFolder, pathOfUrl(place)));
  const name = /^s3:\/\/[^/]+\/(?:.*\/)?([^/]+)\/*$/i.exec(place)?.[1];
  if (name !== undefined)
    return { store: 'icechunk', cube: place.replace(/\/+$/, ''), work: resolve(specFolder, name) };
  throw new CubeError({
    kind: 'unsupported',
    feature: `Icechunk repositories written to ${redactUrl(place)}`,
    fix: 'name a folder or s3://BUCKET/PREFIX',
  });
}

function lakePlace(
  lake: string | undefined,
  { specFolder, out, cube }: { specFolder: string; out: string | null; cube: string },
): LakePlace | null {
  if (lake === 'none') return null;
  const folder = out === null ? dirname(cube) : resolve(out);
  if (lake !== undefined && isPostgres(lake)) return { catalog: lake, dataPath: join(folder, 'lake/'), folder };
  const sqlite = lake?.startsWith('sqlite:') === true;
  const written = lake === undefined ? null : lake.replace(/^sqlite:/, '');
  const name = sqlite ? 'lake.sqlite' : 'lake.ducklake';
  const path = out !== null || written === null ? join(folder, name) : resolve(specFolder, written);
  return { catalog: sqlite ? `sqlite:${path}` : path, dataPath: dataPathOf(path), folder: dirname(path) };
}
