import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { readGdalLayer } from './read-gdal-layer.js';
import { readWhole } from './read-whole.js';
import type { SourceOptions, SourceTable } from './source-table.js';

/** How far into a file its kind is looked for. */
const HEAD = 64 * 1024;

/**
 * Read a layer of a GML file (2 to 3.2) through GDAL, which puts longitude first where the CRS has latitude first. It reads a copy:
 * GDAL leaves files of its own beside what it reads, and believes those that are there. Problem: `invalid-data`.
 */
export async function readGml(db: DuckDb, options: SourceOptions): Promise<SourceTable> {
  const { path } = options;
  const bytes = await readWhole(path, options.signal);
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD));
  const fail = (what: string) => new CubeError({ kind: 'invalid-data', url: path, what: `not GML: ${what}` });
  if (/<!DOCTYPE|<!ENTITY/i.test(head)) throw fail('it declares a document type, which GML has none of');
  if (!/http:\/\/www\.opengis\.net\/gml/.test(head)) throw fail('nothing of its name space at the start');
  const folder = await mkdtemp(join(tmpdir(), 'heliocube-gml-'));
  try {
    const copy = join(folder, 'source.gml');
    await copyFile(path, copy);
    const table = await readGdalLayer(db, { ...options, path: copy }, 'give it a srsName').catch((error: unknown) => {
      throw withPath(error, copy, path);
    });
    return { ...table, url: path };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withPath(error: unknown, copy: string, path: string): unknown {
  if (!(error instanceof CubeError)) return error;
  const text = JSON.stringify(error.problem).replaceAll(
    JSON.stringify(copy).slice(1, -1),
    JSON.stringify(path).slice(1, -1),
  );
  return new CubeError(JSON.parse(text) as CubeError['problem'], { cause: error });
}
