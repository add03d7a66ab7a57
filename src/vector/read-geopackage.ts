import { open } from 'node:fs/promises';
import { CubeError } from '../errors.js';
import type { DuckDb } from '../duckdb/connection.js';
import { readGdalLayer } from './read-gdal-layer.js';
import { readWhole } from './read-whole.js';
import type { SourceOptions, SourceTable } from './source-table.js';

/** First bytes of the file; anything else never reaches GDAL. */
const MAGIC = 'SQLite format 3\0';

/**
 * Read a GeoPackage through GDAL (DuckDB's spatial extension). Several layers with geometry: one must be named, or
 * `invalid-spec` lists them. A layer that holds another number of records than the file counts is damaged:
 * `invalid-data`, as GDAL ends early without a word.
 */
export async function readGeoPackage(db: DuckDb, options: SourceOptions): Promise<SourceTable> {
  await checkMagic(options.path);
  return readGdalLayer(db, options, 'store one in the layer');
}

async function checkMagic(path: string): Promise<void> {
  const start = await readStart(path, MAGIC.length);
  if (new TextDecoder('latin1').decode(start) !== MAGIC)
    fail(path, 'not a GeoPackage: it does not start with "SQLite format 3"');
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

function fail(url: string, what: string): never {
  throw new CubeError({ kind: 'invalid-data', url, what });
}
