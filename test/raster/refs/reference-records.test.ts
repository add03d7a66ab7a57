import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeKerchunkParquet } from '../../../src/cube/virtual/kerchunk-parquet.js';
import type { FileRefs, VirtualArray } from '../../../src/cube/virtual/virtual-store.js';
import { openDuckDb, sqlString } from '../../../src/duckdb/connection.js';
import { problemOf } from '../../../src/errors.js';
import { createSources } from '../../../src/io/sources.js';
import { openKerchunkParquet } from '../../../src/raster/refs/open-kerchunk.js';
import { ReferenceColumns } from '../../../src/raster/refs/reference-columns.js';
import { readReferenceRecords } from '../../../src/raster/refs/reference-records.js';
import { seeded } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';

const folder = temporaryFolder();
const sources = createSources();
let made = 0;

/** Write `refs.N.parq` files of these rows of SQL (path, offset, size, raw); null leaves a file out. */
async function recordsOf(...files: readonly (string | null)[]): Promise<string> {
  const place = join(folder, `records-${++made}`);
  mkdirSync(place);
  const database = await openDuckDb();
  for (const [record, rows] of files.entries()) {
    if (rows === null) continue;
    const path = join(place, `refs.${record}.parq`);
    await database.run(
      `COPY (SELECT * FROM (VALUES ${rows}) t(path, "offset", size, raw)) TO ${sqlString(path)} (FORMAT parquet)`,
    );
  }
  await database.close();
  return place;
}

async function read(place: string, count: number, recordSize: number) {
  const url = 'file:///refs.parquet';
  const columns = new ReferenceColumns([count], { url, locate: (written) => `file:///${written}` });
  await readReferenceRecords(sources, { url: place }, { columns, recordSize });
  return columns.refs();
}

const range = (url: string, offset: number, length: number) => ({ kind: 'range', url, offset, length });
const missing = { kind: 'missing' };

describe("rows of kerchunk's Parquet", () => {
  it('are ranges, whole files, bytes and missing chunks', async () => {
    const place = await recordsOf(
      `('a', 0, 5, NULL::BLOB), (NULL, 0, 0, NULL), ('b', NULL, NULL, NULL)`,
      null,
      String.raw`(NULL, 0, 0, '\x07'::BLOB), ('a', 7, 2, ''::BLOB), ('b', 9007199254740991, 1, NULL)`,
    );
    const refs = await read(place, 8, 3);
    expect(refs).toEqual({
      kind: 'list',
      refs: [
        range('file:///a', 0, 5),
        missing,
        { kind: 'object', url: 'file:///b' },
        missing,
        missing,
        missing,
        { kind: 'inline', bytes: Uint8Array.of(7) },
        // Bytes count, even none of them.
        { kind: 'inline', bytes: new Uint8Array(0) },
      ],
    });
  });

  it('may have other types in every file, and more rows than belong to it', async () => {
    const place = await recordsOf(
      `('a', 1::SMALLINT, 2::TINYINT, NULL::BLOB), ('x', 1, 2, NULL), ('x', 3, 4, NULL)`,
      `('b', 5000000000, 6::UBIGINT, NULL::BLOB)`,
      `('a', 8, 9, NULL)`,
    );
    const refs = (await read(place, 5, 2)) as FileRefs;
    expect(refs.files.map(({ url }) => url)).toEqual(expect.arrayContaining(['file:///a', 'file:///b', 'file:///x']));
    const urls = Array.from(refs.file, (number) => refs.files[number - 1]?.url ?? null);
    expect(urls).toEqual(['file:///a', 'file:///x', 'file:///b', null, 'file:///a']);
    expect(Array.from(refs.offsets)).toEqual([1, 1, 5_000_000_000, 0, 8]);
    expect(Array.from(refs.lengths)).toEqual([2, 2, 6, 0, 9]);
  });

  it.each([
    ['a negative offset', `('a', -1, 2, NULL::BLOB)`],
    ['a size beyond what is exact', `('a', 1, 9007199254740993, NULL::BLOB)`],
    ['an offset that is no number', `('a', 'here', 2, NULL::BLOB)`],
  ])('are refused for %s, and the file is named', async (_, row) => {
    const place = await recordsOf(`('a', 0, 5, NULL::BLOB)`, row);
    const error = await read(place, 2, 1).catch((cause: unknown) => cause);
    expect(problemOf(error)).toMatchObject({ kind: 'invalid-data', url: `${place}/refs.1.parq` });
  });

  it('are what was written, of many arrays at a time and of several files', async () => {
    const random = seeded(7);
    const whole = (below: number) => Math.floor(random() * below);
    const arrays = [1, 9_999, 10_000, 10_001, 25_000].map((count, i): VirtualArray => {
      const files = Array.from({ length: 1 + whole(3000) }, (_, n) => ({ url: `https://h/${n}'.tif`, identity: null }));
      const refs: FileRefs = {
        kind: 'files',
        files,
        file: Uint32Array.from({ length: count }, () => (random() < 0.2 ? 0 : 1 + whole(files.length))),
        offsets: Float64Array.from({ length: count }, () => whole(2 ** 53 - 1)),
        lengths: Float64Array.from({ length: count }, () => 1 + whole(2 ** 40)),
      };
      const shape = { dimensions: ['time', 'y', 'x'], shape: [count, 4, 4], chunkShape: [1, 4, 4] };
      const codecs = { v2: { dtype: '<u2', filters: null, compressor: null }, v3: [] };
      return { name: `a${i}`, dtype: 'uint16', ...shape, fill: 0, codecs, attributes: {}, refs };
    });
    const target = join(folder, 'many.parquet');
    mkdirSync(target);
    const database = await openDuckDb();
    const groups = [{ path: '', attributes: {}, coordinates: [], arrays }];
    await writeKerchunkParquet({ groups }, target, database);
    const counted = await database.all(
      `SELECT count(*) AS n FROM read_parquet(${sqlString(`${target}/a4/refs.*.parq`)})`,
    );
    expect(counted).toEqual([{ n: 30_000n }]);
    await database.close();
    const hierarchy = (await openKerchunkParquet(sources, target))!;
    const nodes = await Promise.all(arrays.map(({ name }) => hierarchy.node(name)));
    for (const [i, { refs: wanted }] of arrays.entries()) {
      const found = nodes[i]!.refs as FileRefs;
      const isSame = (at: number) =>
        wanted.file[at] === 0
          ? found.file[at] === 0
          : found.files[found.file[at]! - 1]?.url === encodeURI(wanted.files[wanted.file[at]! - 1]!.url) &&
            found.offsets[at] === wanted.offsets[at] &&
            found.lengths[at] === wanted.lengths[at];
      expect(wanted.file.length).toBe(found.file.length);
      expect(Array.from(wanted.file.keys()).filter((at) => !isSame(at))).toEqual([]);
    }
  });
});
