import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, sqlString } from '../../../src/duckdb/connection.js';
import { problemOf } from '../../../src/errors.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { openRaster } from '../../../src/raster/open.js';
import { readPlane } from '../../../src/raster/read-plane.js';
import { temporaryFolder } from '../../lake/temporary.js';

const folder = temporaryFolder();
const ROOT = 'https://example.com/v1/refs.parquet';
/** Rows of chunks 0 and 1, then of 4 and 5; the file of 2 and 3 is not there. */
const RECORDS = new Map<number, Uint8Array>();

async function parquet(name: string, rows: string): Promise<Uint8Array> {
  const path = join(folder, name);
  const database = await openDuckDb();
  await database.run(
    `COPY (SELECT * FROM (VALUES ${rows}) t(path, "offset", size, raw)) TO ${sqlString(path)} (FORMAT parquet)`,
  );
  await database.close();
  return readFileSync(path);
}

beforeAll(async () => {
  RECORDS.set(
    0,
    await parquet('first', `('tiles/x.bin', 2, 2, NULL::BLOB), ('https://example.com/other.bin', 0, 0, NULL)`),
  );
  RECORDS.set(2, await parquet('last', String.raw`(NULL, 0, 0, '\x07\x08'::BLOB), ('tiles/x.bin', 0, 2, NULL)`));
});

function folderOf(recordSize: unknown, shape: readonly number[], more: Record<string, Uint8Array> = {}) {
  const array = {
    zarr_format: 2,
    shape,
    chunks: [1, 2],
    dtype: '|u1',
    compressor: null,
    filters: null,
    fill_value: 9,
    order: 'C',
  };
  const metadata = {
    record_size: recordSize,
    metadata: { '.zgroup': { zarr_format: 2 }, 'a/.zarray': array, 'a/.zattrs': { _ARRAY_DIMENSIONS: ['y', 'x'] } },
  };
  const records = [...RECORDS].map(([record, bytes]) => [`${ROOT}/a/refs.${record}.parq`, bytes]);
  return createMemorySources({
    [`${ROOT}/.zmetadata`]: new TextEncoder().encode(JSON.stringify(metadata)),
    ...(Object.fromEntries(records) as Record<string, Uint8Array>),
    'https://example.com/v1/tiles/x.bin': Uint8Array.of(1, 2, 3, 4),
    'https://example.com/other.bin': Uint8Array.of(5, 6),
    ...more,
  });
}

async function problem(sources: ReturnType<typeof createMemorySources>) {
  return openRaster(sources, ROOT, { variable: 'a' }).then(
    () => expect.fail('it opened'),
    (error: unknown) => problemOf(error),
  );
}

describe("kerchunk's Parquet in a remote folder", () => {
  it('is read, with missing files as missing chunks', async () => {
    const sources = folderOf(2, [3, 4]);
    const raster = await openRaster(sources, ROOT, { variable: 'a' });
    const plane = await readPlane(
      raster.levels[0]!,
      { at: [0, 0], window: { col: 0, row: 0, width: 4, height: 3 } },
      sources,
    );
    expect(Array.from(plane, Number)).toEqual([3, 4, 5, 6, 9, 9, 9, 9, 7, 8, 1, 2]);
  });

  it('may not name a file of this machine', async () => {
    const bytes = await parquet('local', `('file:///etc/passwd', 0, 2, NULL::BLOB)`);
    expect(await problem(folderOf(2, [3, 4], { [`${ROOT}/a/refs.1.parq`]: bytes }))).toMatchObject({
      kind: 'forbidden',
    });
  });

  it('asks for no million files because its metadata says so', async () => {
    expect(await problem(folderOf(1, [1_000_000, 4]))).toMatchObject({ kind: 'unsupported' });
  });

  it('names the file that is no Parquet', async () => {
    const bytes = new TextEncoder().encode('no Parquet');
    expect(await problem(folderOf(2, [3, 4], { [`${ROOT}/a/refs.1.parq`]: bytes }))).toMatchObject({
      kind: 'invalid-data',
      url: `${ROOT}/a/refs.1.parq`,
    });
  });
});
