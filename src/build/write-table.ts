import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CubeError } from '../errors.js';
import { openDuckDb, sqlString } from '../duckdb/connection.js';
import { writeFileAtomic } from '../io/write-file.js';
import type { Geometry, Label } from '../vector/label.js';

/** A row of a table that is written to a file. */
export type TableRow = Readonly<Record<string, string | number | null>>;

const KINDS = ['csv', 'parquet', 'geojson'] as const;

/** The kind of table that a path's extension names. Problem: `invalid-argument` for any other. */
export function tableKind(path: string): (typeof KINDS)[number] {
  const kind = KINDS.find((one) => path.toLowerCase().endsWith(`.${one}`));
  if (kind !== undefined) return kind;
  const what = `"${path}": unknown kind of table`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: 'use .csv, .parquet or .geojson' });
}

/**
 * Write rows as .csv, .parquet or .geojson; `labels` give the geometries. Missing folders are made; the file appears
 * when it is whole. Problem: `io`.
 */
export async function writeTable(path: string, rows: readonly TableRow[], labels: readonly Label[]): Promise<void> {
  const kind = tableKind(path);
  if (kind !== 'parquet') {
    const text = kind === 'csv' ? toCsv(rows) : toGeoJson(rows, labels);
    return writeFileAtomic(path, new TextEncoder().encode(text));
  }
  const folder = await mkdtemp(join(tmpdir(), 'heliocube-table-'));
  try {
    await writeFileAtomic(path, await parquetBytes(folder, rows));
  } finally {
    await rm(folder, { recursive: true, force: true });
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

/** `folder` takes the working files. */
async function parquetBytes(folder: string, rows: readonly TableRow[]): Promise<Uint8Array> {
  const [source, table] = [join(folder, 'rows.ndjson'), join(folder, 'table.parquet')];
  await writeFile(source, rows.map((row) => `${JSON.stringify(row, jsonNumber)}\n`).join(''));
  const columns = Object.keys(rows[0] ?? {}).map((name) => `${sqlString(name)}: ${sqlString(columnType(name, rows))}`);
  const select = `SELECT * FROM read_ndjson(${sqlString(source)}, columns = {${columns.join(', ')}})`;
  const database = await openDuckDb();
  try {
    await database.run(`COPY (${select}) TO ${sqlString(table)} (FORMAT parquet, COMPRESSION zstd)`);
  } finally {
    await database.close();
  }
  return readFile(table);
}

/** JSON has no infinities; DuckDB reads their names. */
function jsonNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function columnType(name: string, rows: readonly TableRow[]): string {
  if (name === 'label_id' || name === 'band') return 'BIGINT';
  return typeof rows[0]?.[name] === 'string' ? 'VARCHAR' : 'DOUBLE';
}
