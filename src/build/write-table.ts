import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CubeError } from '../errors.js';
import { openDuckDb, sqlString } from '../duckdb/connection.js';
import type { Geometry, Label } from '../vector/label.js';

/** A row of a table that is written to a file. */
export type TableRow = Readonly<Record<string, string | number | null>>;

/** Write rows as .csv, .parquet or .geojson; the file appears when it is complete. `labels` give the geometries. */
export async function writeTable(path: string, rows: readonly TableRow[], labels: readonly Label[]): Promise<void> {
  const kind = /\.(csv|parquet|geojson)$/i.exec(path)?.[1]?.toLowerCase();
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    if (kind === 'csv') await writeFile(temporary, toCsv(rows));
    else if (kind === 'geojson') await writeFile(temporary, toGeoJson(rows, labels));
    else if (kind === 'parquet') await writeParquet(temporary, rows);
    else
      throw new CubeError({
        kind: 'invalid-argument',
        what: `"${path}": unknown kind of table`,
        fix: 'use .csv, .parquet or .geojson',
      });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof CubeError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what: 'the table cannot be written' }, { cause: error });
  }
}

/** RFC 4180 with a header; nulls are empty. */
export function toCsv(rows: readonly TableRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const field = (value: string | number | null) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names, ...rows.map((row) => names.map((name) => row[name] ?? null))]
    .map((line) => `${line.map(field).join(',')}\n`)
    .join('');
}

/** One feature a row, lon/lat; rows find their geometry by `label_id`. */
function toGeoJson(rows: readonly TableRow[], labels: readonly Label[]): string {
  const geometries = new Map(labels.map(({ labelId, geometry }) => [labelId, geoJsonGeometry(geometry)]));
  const features = rows.map((properties) => ({
    type: 'Feature',
    properties,
    geometry: geometries.get(Number(properties['label_id'])) ?? null,
  }));
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`;
}

function geoJsonGeometry(geometry: Geometry): unknown {
  const pairs = (flat: Float64Array) =>
    Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
  if (geometry.kind === 'points') return { type: 'MultiPoint', coordinates: pairs(geometry.points) };
  return { type: 'MultiPolygon', coordinates: geometry.polygons.map((rings) => rings.map(pairs)) };
}

async function writeParquet(path: string, rows: readonly TableRow[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'heliocube-table-'));
  const database = await openDuckDb();
  try {
    const source = join(folder, 'rows.ndjson');
    await writeFile(source, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const columns = Object.keys(rows[0] ?? {}).map(
      (name) => `${sqlString(name)}: ${sqlString(columnType(name, rows))}`,
    );
    const select = `SELECT * FROM read_ndjson(${sqlString(source)}, columns = {${columns.join(', ')}})`;
    await database.run(`COPY (${select}) TO ${sqlString(path)} (FORMAT parquet, COMPRESSION zstd)`);
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function columnType(name: string, rows: readonly TableRow[]): string {
  if (name === 'label_id' || name === 'band') return 'BIGINT';
  return rows.some((row) => typeof row[name] === 'string') ? 'VARCHAR' : 'DOUBLE';
}
