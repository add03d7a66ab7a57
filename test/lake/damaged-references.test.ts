import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf } from '../../src/errors.js';
import { openSession, withAttached, type LakeSession } from '../../src/lake/attach.js';
import { openReferenceLake, type ReferenceLake } from '../../src/lake/reference-lake.js';
import type { StoredRaster } from '../../src/lake/reference-rows.js';
import { rasterKey } from '../../src/raster/raster-index.js';
import { manyTiles, openArray, stored } from './reference-rasters.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();
const place = { catalog: join(root, 'lake.ducklake'), dataPath: join(root, 'data') };
const url = 'https://data.example/scene.tif';
let lake: ReferenceLake;
let session: LakeSession;
let names: { url: string; variable: string | null }[];
let rows: StoredRaster[];

beforeAll(async () => {
  lake = await openReferenceLake(place);
  session = await openSession(place);
  const array = await openArray(true);
  names = [
    { url, variable: null },
    { url: array.url, variable: 'v' },
  ];
  rows = [stored(manyTiles(url, 5000)), stored(array, 'v')];
  await lake.commit(rows, { replace: false });
});
afterAll(async () => {
  await lake.close();
  await session.database.close();
});

/** Change the tables as somebody might who has found them. */
async function change(statement: string): Promise<void> {
  await withAttached(session, { readOnly: false }, async () => {
    await session.database.run('USE lake.cube');
    try {
      await session.database.run(statement);
    } finally {
      await session.database.run('USE memory.main');
    }
  });
}

const CHANGES: readonly string[] = [
  'UPDATE refs SET offsets = list_transform(offsets, x -> -x)',
  'UPDATE refs SET lengths = list_transform(lengths, x -> -1)',
  'UPDATE refs SET lengths = list_transform(lengths, x -> x + 1)',
  'UPDATE refs SET lengths = list_transform(lengths, x -> 9007199254740993)',
  'UPDATE refs SET offsets = offsets[1:7]',
  'UPDATE refs SET offsets = NULL',
  'UPDATE refs SET lengths = NULL, offsets = NULL',
  'UPDATE refs SET lengths = list_transform(lengths, x -> NULL)',
  'UPDATE refs SET files = lengths',
  'UPDATE refs SET first_chunk = first_chunk + 1',
  'UPDATE refs SET first_chunk = -5',
  'UPDATE refs SET first_chunk = 9007199254740993',
  'UPDATE refs SET first_chunk = NULL',
  'UPDATE refs SET first_chunk = 0',
  'DELETE FROM refs WHERE first_chunk > 0',
  'DELETE FROM refs',
  'INSERT INTO refs SELECT * FROM refs',
  "UPDATE levels SET level_id = 'other'",
  'UPDATE levels SET chunks = 4',
  'UPDATE levels SET chunks = 4611686018427387904',
  'UPDATE levels SET chunks = -1',
  'UPDATE levels SET size = 17',
  'UPDATE levels SET size = -17',
  'UPDATE levels SET size = NULL',
  "UPDATE levels SET etag = 'forged'",
  "UPDATE levels SET dtype = 'int16'",
  "UPDATE levels SET dtype = 'decimal'",
  'UPDATE levels SET shape = [512, 512, 1]',
  'UPDATE levels SET shape = [-1, 512, 1]',
  'UPDATE levels SET shape = NULL',
  'UPDATE levels SET chunk_shape = [0, 0, 0]',
  'UPDATE levels SET chunk_shape = [1073741824, 1073741824, 1]',
  'UPDATE levels SET chunk_shape = [512]',
  "UPDATE levels SET edge = 'torn'",
  `UPDATE levels SET axes = '{"y":9,"x":1,"band":null}'`,
  `UPDATE levels SET axes = '{"y":1,"x":1,"band":2}'`,
  `UPDATE levels SET axes = '"__proto__"'`,
  `UPDATE levels SET codecs = '[{"name":"zlib"},{"name":"bytes","endian":"big"}]'`,
  `UPDATE levels SET codecs = '[{"name":"eval"}]'`,
  `UPDATE levels SET codecs = '[{"name":"predictor","rowSamples":0,"samplesPerPixel":0}]'`,
  `UPDATE levels SET codecs = '{}'`,
  `UPDATE levels SET fill = '{"$bigint":"x"}'`,
  `UPDATE levels SET fill = '"many"'`,
  `UPDATE levels SET bands = '[]'`,
  `UPDATE levels SET nodata = '[[1]]'`,
  'UPDATE levels SET scale = [2]',
  'UPDATE levels SET scale = []',
  'UPDATE levels SET "offset" = [NULL]',
  "UPDATE levels SET crs = 'EPSG:4326'",
  'UPDATE levels SET transform = [1, 2, 3]',
  'UPDATE levels SET transform = [1, 2, 3, 4, 5, 6]',
  `UPDATE levels SET dimensions = '[1]'`,
  `UPDATE levels SET problems = '{"a":[]}'`,
  "UPDATE levels SET driver = 'magic'",
  'UPDATE levels SET level = 1',
  'UPDATE levels SET level = -1',
  'UPDATE levels SET is_mask = true',
  'UPDATE levels SET is_mask = NULL',
  `UPDATE levels SET refs = '{"kind":"ranges","url":"https://evil.example/"}'`,
  `UPDATE levels SET refs = '{"kind":"list","refs":[]}'`,
  `UPDATE levels SET refs = '{"kind":"files","files":[]}'`,
  `UPDATE levels SET refs = '{"kind":"objects","base":"https://evil.example/","prefix":"c","separator":"/"}'`,
  `UPDATE levels SET refs = replace(CAST(refs AS VARCHAR), '"shardShape":[1,4,4]', '"shardShape":[1,3,4]')
     WHERE variable = 'v'`,
  `UPDATE levels SET refs = replace(CAST(refs AS VARCHAR), '"innerChunks":4', '"innerChunks":4000000000')
     WHERE variable = 'v'`,
  `UPDATE levels SET refs = '[[[[['`,
];

describe('rows that somebody has changed', () => {
  it.each(CHANGES)('%s', async (statement) => {
    await change(statement);
    const problem = await lake.read(names).then(() => null, problemOf);
    // A scan does not stumble over them, and puts them right.
    await lake.known(names);
    await lake.commit(rows, { replace: true });
    expect(problem).toMatchObject({
      kind: 'lake',
      what: expect.stringContaining('not what was stored'),
      fix: expect.stringContaining('cube refs scan'),
    });
  });

  it('are as they were after another scan', async () => {
    const found = await lake.read(names);
    expect(found.size).toBe(2);
    expect(found.get(rasterKey(names[0]!))).toEqual(manyTiles(url, 5000));
  });
});
