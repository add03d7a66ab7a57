import { access } from 'node:fs/promises';
import { sqlName, sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import type { Json } from '../stac/item.js';
import { assumeCrs } from './assumed-crs.js';
import { choosePointColumns } from './csv-points.js';
import type { PointColumns } from './csv-points.js';
import { unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';
import { readWhole } from './read-whole.js';
import { chooseCrs, crsIfAbsent } from './source-crs.js';
import type { SourceOptions, SourceTable } from './source-table.js';
import { describeColumns, fileErrors, queryOf } from './sql-records.js';

/** Canonical numbers; what else looks like one (007, 1_000, 12345678901234567890) is text and stays so. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Read points from CSV (or TSV) with a header line. Columns whose every value is a number become numbers, the rest keep
 * their text as written; empty is null. Columns named after longitude and latitude are OGC:CRS84 unless somebody says otherwise;
 * x and y need labels.crs.
 */
export async function readCsv(
  db: DuckDb,
  options: SourceOptions & { pointColumns?: PointColumns | undefined },
): Promise<SourceTable> {
  const { path, crs: stated } = options;
  await access(path).catch(() => readWhole(path)); // for its typed error
  const from = `read_csv(${sqlString(path)}, all_varchar = true, header = true, sample_size = -1)`;
  const names = (await describeColumns(queryOf(db), from, path)).map(({ name }) => name);
  const { x, y, degrees } = choosePointColumns(names, options.pointColumns, path);
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
