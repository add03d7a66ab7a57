import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CubeError, isCubeError } from '../errors.js';
import { openDuckDb, sqlErrors, sqlName, sqlString, type DuckDb } from '../duckdb/connection.js';
import { parquetRows } from '../duckdb/parquet-files.js';
import { toJavaScript } from '../duckdb/values.js';
import type { ByteSource, ReadOptions } from '../io/byte-source.js';
import { isLocal, pathOfUrl } from '../io/location.js';
import type { ItemCollector } from './collector.js';
import type { ItemFilter } from './filter.js';
import type { Interval } from './interval.js';
import { itemOfRow } from './parquet-row.js';

type Column = { readonly name: string; readonly type: string };

/** Which items of a stac-geoparquet file are read. */
export type GeoParquetOptions = ReadOptions & { readonly filter: ItemFilter; readonly collector: ItemCollector };

/**
 * Read the items of a stac-geoparquet file, a batch of rows at a time. Remote files are brought into a temporary one
 * first. Problems: those of the source; `invalid-data` for a file that is no Parquet or has no `id` and `assets`.
 */
export async function readGeoParquet(url: string, source: ByteSource, options: GeoParquetOptions): Promise<void> {
  if (isLocal(url)) {
    await source.read({ offset: 0, length: 4 }, readOptions(options)); // for its typed error
    return readFile(pathOfUrl(url), url, options);
  }
  const folder = await mkdtemp(join(tmpdir(), 'heliocube-stac-'));
  try {
    const path = join(folder, 'items.parquet');
    const { bytes } = await source.read('all', readOptions(options));
    await writeFile(path, bytes);
    await readFile(path, url, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readFile(path: string, url: string, { filter, collector, signal }: GeoParquetOptions): Promise<void> {
  const db = await openDuckDb({ extensions: ['spatial'] });
  try {
    // WKB columns as the bytes they are: one broken geometry must not cost the file.
    await db.run('SET enable_geoparquet_conversion = false');
    const from = parquetRows(path);
    const columns = await describe(db, from);
    for (const name of ['id', 'assets']) {
      if (columns.some((column) => column.name === name)) continue;
      throw new CubeError({ kind: 'invalid-data', url, what: `not stac-geoparquet: no column "${name}"` });
    }
    const result = await sqlErrors(() => db.connection.stream(selectItems(from, columns, filter, collector.keepsJson)));
    const batches = result.yieldConvertedRowObjects(toJavaScript);
    for (;;) {
      signal?.throwIfAborted();
      const batch = await sqlErrors(() => batches.next());
      if (batch.done === true) return;
      for (const row of batch.value) collector.add(itemOfRow(row), url);
    }
  } catch (cause) {
    if (!isCubeError(cause, 'lake')) throw cause;
    throw new CubeError(
      { kind: 'invalid-data', url, what: cause.problem.what.replaceAll(path, 'the file') },
      { cause },
    );
  } finally {
    await db.close();
  }
}

async function describe(db: DuckDb, from: string): Promise<Column[]> {
  const rows = await db.all(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`);
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

function selectItems(from: string, columns: readonly Column[], filter: ItemFilter, withLinks: boolean): string {
  const hasProperties = columns.some(({ name }) => name === 'properties');
  const fields = columns.flatMap(({ name, type }) => {
    if (name === 'links' && !withLinks) return []; // nothing of ours is in them
    if (name === 'links' && type !== 'VARCHAR') return ['to_json(links)::VARCHAR AS links'];
    // As text they come ten times faster than value by value.
    if (name === 'assets' && type !== 'VARCHAR') return ['to_json(assets)::VARCHAR AS assets'];
    if (type === 'JSON' && name !== 'assets' && name !== 'links' && !hasProperties) return []; // below, in one object
    if (isGeometry(type)) return name === 'geometry' ? [`${geoJsonOf(name, type)} AS geometry`] : [];
    return [
      /^TIMESTAMP(_\w+)?( WITH TIME ZONE)?$/.test(type) ? `${instantText(name)} AS ${sqlName(name)}` : sqlName(name),
    ];
  });
  // JSON values come as text, and a text could be anything: an object of them says what they are.
  const json = columns.flatMap(({ name, type }) => {
    if (name === 'proj:geometry' && isGeometry(type)) return [sqlString(name), `${geoJsonOf(name, type)}::JSON`];
    return type === 'JSON' && name !== 'assets' && name !== 'links' ? [sqlString(name), sqlName(name)] : [];
  });
  if (json.length > 0 && !hasProperties) fields.push(`json_object(${json.join(', ')})::VARCHAR AS properties`);
  const conditions = rowConditions(columns, filter);
  return `SELECT ${fields.join(', ')} FROM ${from}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`;
}

function isGeometry(type: string): boolean {
  return type.startsWith('GEOMETRY') || type === 'BLOB';
}

/** Null where it is no geometry. */
function geoJsonOf(name: string, type: string): string {
  return `TRY(ST_AsGeoJSON(${type === 'BLOB' ? `ST_GeomFromWKB(${sqlName(name)})` : sqlName(name)}))`;
}

/** RFC 3339 in UTC with milliseconds, or with microseconds where there are some: a Date would lose them. */
function instantText(name: string): string {
  const micros = `epoch_us(${sqlName(name)})`;
  const text = (second: string) => `strftime(make_timestamp(${micros}), '%Y-%m-%dT%H:%M:${second}Z')`;
  return `CASE WHEN NOT isfinite(${sqlName(name)}) THEN NULL WHEN ${micros} % 1000 = 0 THEN ${text('%S.%g')} ELSE ${text('%S.%f')} END`;
}

/** What DuckDB may skip without looking closer; never more than the filter itself would leave out. */
function rowConditions(columns: readonly Column[], { collections, ids, interval, bbox }: ItemFilter): string[] {
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type ?? '';
  const oneOf = (name: string, values: ReadonlySet<string> | null) =>
    values !== null && typeOf(name) === 'VARCHAR' ? [`${name} IN (${['', ...values].map(sqlString).join(', ')})`] : [];
  const latitudes =
    bbox !== null &&
    typeOf('bbox').startsWith('STRUCT(') &&
    /\bymin\b/.test(typeOf('bbox')) &&
    /\bymax\b/.test(typeOf('bbox'))
      ? [`(bbox IS NULL OR (bbox.ymin <= ${bbox[3]} AND bbox.ymax >= ${bbox[1]}))`]
      : [];
  const times = interval === null ? [] : timeConditions(typeOf('datetime'), interval);
  return [...oneOf('collection', collections), ...oneOf('id', ids), ...latitudes, ...times];
}

function timeConditions(type: string, { fromMs, toMs }: Interval): string[] {
  if (!type.startsWith('TIMESTAMP')) return [];
  const zoned = type.includes('TIME ZONE');
  const literal = (timeMs: number) => {
    const text = new Date(timeMs)
      .toISOString()
      .replace('T', ' ')
      .replace('Z', zoned ? '+00' : '');
    return `${zoned ? 'TIMESTAMPTZ' : 'TIMESTAMP'} '${text}'`;
  };
  const bounds = [
    ...(fromMs === -Infinity ? [] : [`datetime >= ${literal(fromMs)}`]),
    // Instants are cut to milliseconds, so the last one of the interval has parts behind it.
    ...(toMs === Infinity ? [] : [`datetime < ${literal(toMs + 1)}`]),
  ];
  return bounds.length === 0 ? [] : [`(datetime IS NULL OR (${bounds.join(' AND ')}))`];
}

function readOptions({ signal }: ReadOptions): ReadOptions {
  return signal === undefined ? {} : { signal };
}
