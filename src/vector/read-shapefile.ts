import { CubeError } from '../errors.js';
import { dbfLanguageDriver, dbfTextBytes, parseDbf } from './dbf.js';
import type { DbfTable } from './dbf.js';
import { unusable } from './raw-geometry.js';
import { readWhole, readWholeIfPresent } from './read-whole.js';
import { parseShapes } from './shapefile-shapes.js';
import { chooseCrs, crsIfAbsent, parseFileCrs } from './source-crs.js';
import type { SourceOptions, SourceRecord, SourceTable } from './source-table.js';
import { chooseTextCoding } from './text-coding.js';

/** The files that make one shapefile; those that are absent are null. */
export type ShapefileParts = {
  readonly shp: Uint8Array;
  readonly shx: Uint8Array | null;
  readonly dbf: Uint8Array | null;
  readonly prj: string | null;
  readonly cpg: string | null;
};

/**
 * Read a shapefile. The .shx and .dbf may be absent; without a .prj the CRS must be stated. Our own reader rather than
 * GDAL's: no byte of a broken file reaches native code, and every record keeps its number.
 */
export async function readShapefile(options: SourceOptions): Promise<SourceTable> {
  const { path, signal } = options;
  const shp = await readWhole(path, signal);
  const beside = (extension: string) => readBeside(path, extension, signal);
  const [shx, dbf, prj, cpg] = await Promise.all([beside('shx'), beside('dbf'), beside('prj'), beside('cpg')]);
  return parseShapefile({ shp, shx, dbf, prj: asText(prj), cpg: asText(cpg) }, options);
}

/** The pure part of `readShapefile`. */
export function parseShapefile(parts: ShapefileParts, options: SourceOptions): SourceTable {
  const { path, crs: stated } = options;
  const found =
    parts.prj === null || parts.prj.trim() === '' || stated !== undefined ? null : parseFileCrs(path, parts.prj);
  const crs = chooseCrs(path, stated, found ?? crsIfAbsent(options), 'add a .prj');
  const { geometries } = parseShapes(parts.shp, parts.shx, path);
  const coding = parts.dbf === null ? null : textCoding(parts.dbf, parts.cpg, path);
  const table = parts.dbf === null || coding === null ? null : parseDbf(parts.dbf, coding, path);
  const warnings: string[] = [];
  if (coding?.warning !== null && coding?.warning !== undefined) warnings.push(coding.warning);
  if (table === null) warnings.push('no .dbf: records have no properties');
  else if (table.rows.length !== geometries.length) {
    const what = `the .shp has ${geometries.length} records and the .dbf ${table.rows.length}`;
    throw new CubeError({ kind: 'invalid-data', url: path, what });
  }
  const records: SourceRecord[] = geometries.map((geometry, i) => {
    const row = table?.rows[i];
    const usable = row?.deleted === true ? unusable('deleted in the .dbf') : geometry;
    return { record: i + 1, geometry: usable, id: null, properties: row?.values ?? {} };
  });
  return { url: path, crs, records, temporal: temporalColumns(table), warnings };
}

function temporalColumns(table: DbfTable | null): ReadonlyMap<string, 'DATE'> {
  return new Map((table?.columns ?? []).filter(({ type }) => type === 'D').map(({ name }) => [name, 'DATE'] as const));
}

function textCoding(dbf: Uint8Array, cpg: string | null, path: string) {
  return chooseTextCoding(cpg, dbfLanguageDriver(dbf), dbfTextBytes(dbf, path), path);
}

/** Companions have the same name; their extension may be in either case. */
async function readBeside(
  path: string,
  extension: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  const stem = path.replace(/\.shp$/i, '');
  const lower = await readWholeIfPresent(`${stem}.${extension}`, signal);
  return lower ?? readWholeIfPresent(`${stem}.${extension.toUpperCase()}`, signal);
}

function asText(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder('utf-8').decode(bytes);
}
