import { open } from 'node:fs/promises';
import { CubeError } from '../errors.js';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { readWhole } from './read-whole.js';
import { chooseCrs, parseFileCrs } from './source-crs.js';
import type { SourceOptions, SourceTable } from './source-table.js';
import { describeColumns, fileErrors, queryOf, readSqlRecords, temporalColumns } from './sql-records.js';

/** First bytes of the formats read here; anything else never reaches GDAL under these names. */
const MAGIC = { gpkg: 'SQLite format 3\0', fgb: 'fgb' } as const;

type Layer = { readonly name: string; readonly geometryColumn: string | null; readonly crs: string | null };

/**
 * Read a GeoPackage or FlatGeobuf file through GDAL (DuckDB's spatial extension). Several layers with geometry: one
 * must be named, or `invalid-spec` lists them. GDAL's row number OGC_FID is no column of the file and is left out.
 */
export async function readGdal(db: DuckDb, format: keyof typeof MAGIC, options: SourceOptions): Promise<SourceTable> {
  const { path, crs: stated } = options;
  await checkMagic(path, MAGIC[format]);
  const layers = await readLayers(db, path);
  const layer = chooseLayer(layers, options.layer, path);
  const found = layer.crs === null || stated !== undefined ? null : parseFileCrs(path, layer.crs);
  const crs = chooseCrs(path, stated, found, 'store one in the layer');
  // keep_wkb: curves and broken geometry come as bytes and end in the quarantine; the conversion would fail as a whole.
  const from = `ST_Read(${sqlString(path)}, layer = ${sqlString(layer.name)}, keep_wkb = true)`;
  const query = queryOf(db);
  const columns = await describeColumns(query, from, path);
  const geometry =
    columns.find(({ type }) => type === 'WKB_BLOB') ?? columns.find(({ name }) => name === layer.geometryColumn);
  if (geometry === undefined)
    throw new CubeError({ kind: 'invalid-data', url: path, what: `layer "${layer.name}" has no geometry` });
  const leaveOut = ['OGC_FID'];
  const records = await readSqlRecords(query, { from, columns, geometry, leaveOut, url: path });
  return { url: path, crs, records, temporal: temporalColumns(columns), warnings: [] };
}

async function checkMagic(path: string, magic: string): Promise<void> {
  const start = await readStart(path, magic.length);
  if (new TextDecoder('latin1').decode(start) === magic) return;
  throw new CubeError({
    kind: 'invalid-data',
    url: path,
    what: `does not start with "${magic.replace('\0', '')}"`,
    offset: 0,
  });
}

async function readStart(path: string, length: number): Promise<Uint8Array> {
  let file;
  try {
    file = await open(path);
  } catch {
    return readWhole(path); // for its typed error
  }
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readLayers(db: DuckDb, path: string): Promise<Layer[]> {
  // ST_Read_Meta crashes on files that GDAL cannot open (duckdb-spatial#860): ask ST_Read first, which reports them.
  await fileErrors(path, () => db.all(`SELECT 1 FROM ST_Read(${sqlString(path)}, keep_wkb = true) LIMIT 0`));
  const rows = await fileErrors(path, () =>
    db.all(
      `SELECT l.name AS name, l.geometry_fields[1].name AS geometry, l.geometry_fields[1].crs.wkt AS wkt,
       l.geometry_fields[1].crs.auth_name AS authority, l.geometry_fields[1].crs.auth_code AS code, len(l.geometry_fields) AS fields
     FROM (SELECT unnest(layers) AS l FROM ST_Read_Meta(${sqlString(path)}))`,
    ),
  );
  return rows
    .filter((row) => Number(row['fields']) > 0)
    .map((row) => ({ name: String(row['name']), geometryColumn: textOf(row['geometry']), crs: crsText(row) }));
}

/** The authority's code where it is EPSG's, else the WKT. */
function crsText(row: Record<string, unknown>): string | null {
  const code = textOf(row['code']);
  if (textOf(row['authority']) === 'EPSG' && code !== null) return `EPSG:${code}`;
  return textOf(row['wkt']);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function chooseLayer(layers: readonly Layer[], wanted: string | undefined, path: string): Layer {
  const names = layers.map(({ name }) => name).join(', ');
  if (wanted !== undefined) {
    const layer = layers.find(({ name }) => name === wanted);
    if (layer !== undefined) return layer;
    throw new CubeError({
      kind: 'invalid-spec',
      path: 'labels.layer',
      what: `${path} has no layer "${wanted}"`,
      fix: `one of: ${names}`,
    });
  }
  if (layers.length === 0) throw new CubeError({ kind: 'invalid-data', url: path, what: 'no layer with geometry' });
  if (layers.length === 1) return layers[0]!;
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'labels.layer',
    what: `${path} has ${layers.length} layers`,
    fix: `name one of: ${names}`,
  });
}
