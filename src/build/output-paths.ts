import { dirname, join, relative, resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { BuildSpec } from '../cube/spec.js';

/** Where a build writes; absolute paths. */
export type OutputPaths = {
  readonly cube: string;
  /** Beside the cube: receipts of finished tasks. */
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
  const cube = cubePath(spec, specFolder, out);
  return { cube, journal: `${cube}.journal`, lake: lakePlace(spec.output.lake, { specFolder, out, cube }) };
}

/** Where the lake of a build is, or null where there is none or no place for it. */
export function lakePlaceOf(spec: BuildSpec, specFolder: string, out: string | null): LakePlace | null {
  if (out === null && typeof spec.output.cube !== 'string') return null;
  return outputPaths(spec, specFolder, out).lake;
}

/** True for the connection string of a Postgres catalog, which may hold a password. */
export function isPostgres(catalog: string): boolean {
  return /^postgres(ql)?:/i.test(catalog);
}

/** A path as it is written into the lake: relative to the lake's folder, so that both can move together. */
export function hrefFromLake(place: LakePlace, path: string): string {
  return relative(place.folder, path).replaceAll('\\', '/');
}

function cubePath({ output }: BuildSpec, specFolder: string, out: string | null): string {
  if (typeof output.cube === 'object') {
    throw new CubeError({
      kind: 'unsupported',
      feature: 'Icechunk stores',
      fix: 'give output.cube the path of a Zarr store',
    });
  }
  if (out !== null) return join(resolve(out), 'cube.zarr');
  if (output.cube !== undefined) return resolve(specFolder, output.cube);
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'output.cube',
    what: 'no place for the cube',
    fix: 'set it, or pass --out DIR',
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

/** The folder of a lake's data files beside its catalog file. */
export function dataPathOf(catalogFile: string): string {
  return `${catalogFile.replace(/\.[^./\\]+$/, '')}/`;
}
