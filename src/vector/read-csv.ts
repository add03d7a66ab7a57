import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { sqlName } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import type { Json } from '../stac/item.js';
import { assumeCrs } from './assumed-crs.js';
import { choosePointColumns, hasPointColumns } from './csv-points.js';
import type { PointColumns } from './csv-points.js';
import { unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';
import { readWhole } from './read-whole.js';
import { chooseCrs, crsIfAbsent } from './source-crs.js';
import type { SourceOptions, SourceTable } from './source-table.js';
import { sniffCsv } from './sniff-csv.js';
import { fileErrors } from './sql-records.js';

/** Canonical numbers; what else looks like one (007, 1_000, 12345678901234567890) is text and stays so. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** How a geometry begins as text (OGC 06-103r4), also with the number of its CRS before it. */
const WKT =
  /^\s*(?:SRID=\d+;\s*)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)/i;

/**
 * Read points from CSV (or TSV) with a header line. Columns whose every value is a number become numbers, the rest keep
 * their text as written; empty is null. Columns named after longitude and latitude are OGC:CRS84 unless somebody says otherwise;
 * x and y need labels.crs. Problems: those of `sniffCsv` and `choosePointColumns`.
 */
export async function readCsv(
  db: DuckDb,
  options: SourceOptions & { pointColumns?: PointColumns | undefined },
): Promise<SourceTable> {
  const { path, crs: stated } = options;
  await access(path).catch(() => readWhole(path)); // for its typed error
  const { names, skipped, from } = await sniffCsv(db, path);
  assertColumns(names, path);
  await assertNoRowsAbove(skipped, path);
  const isPlaced = options.pointColumns !== undefined || hasPointColumns(names);
  const wkt = isPlaced ? null : await wktColumn(db, from, names, path);
  const { x, y, degrees } = choosePointColumns(names, { stated: options.pointColumns, wkt, path });
  const missing = `columns ${x} and ${y} do not say which:`;
  const chosen = degrees && stated === undefined ? null : chooseCrs(path, stated, crsIfAbsent(options), missing);
  const list = names.map((name, i) => `${sqlName(name)} AS c${i}`).join(', ');
  const rows = await fileErrors(path, () => db.all(`SELECT ${list} FROM ${from}`));
  const columns = names.map((_, i) => toColumn(rows.map((row) => row[`c${i}`])));
  const [xs, ys] = [columns[names.indexOf(x)]!, columns[names.indexOf(y)]!];
  const records = rows.map((_, row) => ({
    record: row + 1,
    geometry: toPoint(xs[row] ?? null, ys[row] ?? null),
    id: null,
    properties: Object.fromEntries(names.map((name, i) => [name, columns[i]![row] ?? null])),
  }));
  const { crs, warnings } = chosen === null ? assumeCrs(options, records) : { crs: chosen, warnings: [] };
  return { url: path, crs, records, temporal: new Map(), warnings };
}

/** Where no delimiter gives all lines as many fields, DuckDB takes each line for one. */
function assertColumns(names: readonly string[], url: string): void {
  if (names.length !== 1 || !/[,;\t|]/.test(names[0]!)) return;
  const what = `lines of different numbers of fields: none of , ; tab | divides all lines alike; the first line is ${JSON.stringify(names[0])}`;
  throw new CubeError({ kind: 'invalid-data', url, what });
}

/**
 * DuckDB takes the header to be where the last table of a file begins, and skips what is above it: titles and comments, but also the rows of files that
 * were put together. Problem: `invalid-data` for these.
 */
async function assertNoRowsAbove(skipped: number, url: string): Promise<void> {
  if (skipped === 0) return;
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(url), crlfDelay: Infinity })) {
    if (++line > skipped) return;
    if (!/[,;\t|]/.test(text) || /^\uFEFF?\s*(?:#|sep=)/i.test(text)) continue;
    const what = `lines of different numbers of fields: line ${line} has others than the lines from ${skipped + 1} on`;
    throw new CubeError({ kind: 'invalid-data', url, what });
  }
}

/** The first column that has a geometry as text, or null. */
async function wktColumn(db: DuckDb, from: string, names: readonly string[], url: string): Promise<string | null> {
  const firsts = names.map((name, i) => `any_value(${sqlName(name)}) AS c${i}`).join(', ');
  const [row] = await fileErrors(url, () => db.all(`SELECT ${firsts} FROM ${from}`));
  return names.find((_, i) => WKT.test(String(row?.[`c${i}`] ?? ''))) ?? null;
}

function toColumn(values: readonly unknown[]): Json[] {
  const texts = values.map((value) => (typeof value === 'string' && value !== '' ? value : null));
  const numeric = texts.every((text) => text === null || isNumber(text));
  return numeric ? texts.map((text) => (text === null ? null : Number(text))) : texts;
}

function isNumber(text: string): boolean {
  if (!NUMBER.test(text)) return false;
  return /[.eE]/.test(text) ? Number.isFinite(Number(text)) : Number.isSafeInteger(Number(text));
}

function toPoint(x: Json, y: Json): RawGeometry {
  if (x === null && y === null) return unusable('no geometry');
  const [px, py] = [toNumber(x), toNumber(y)];
  if (px === null || py === null) return unusable('coordinates are not numbers');
  return { kind: 'points', points: Float64Array.of(px, py) };
}

/** One odd value turns its column to text; the other rows are still numbers. */
function toNumber(value: Json): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value.trim())
    ? Number(value)
    : null;
}
