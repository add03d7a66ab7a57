import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf } from '../../src/errors.js';
import { openSession, withAttached, type LakeSession } from '../../src/lake/attach.js';
import { openReferenceLake, type ReferenceLake } from '../../src/lake/reference-lake.js';
import type { LevelRow, StoredRaster } from '../../src/lake/reference-rows.js';
import { restoreRaster } from '../../src/lake/restore-raster.js';
import { levelIdOf, type RefLists } from '../../src/lake/level-id.js';
import { rasterKey } from '../../src/raster/raster-index.js';
import { manyTiles, openArray, stored } from './reference-rasters.js';
import { temporaryFolder } from './temporary.js';

const url = 'https://data.example/scene.tif';
const damaged = {
  kind: 'lake',
  what: expect.stringContaining('not what was stored'),
  fix: expect.stringContaining('cube refs scan'),
};

/** Changes of a row of `levels` that SQL and its types let pass. */
const ROW_CHANGES: readonly Partial<LevelRow>[] = [
  { levelId: 'other' },
  { chunks: 4 },
  { chunks: 0 },
  { size: 17 },
  { size: null },
  { etag: 'forged' },
  { modifiedMs: 5 },
  { href: 'https://evil.example/' },
  { levelHref: 'https://evil.example/' },
  { variable: 'x' },
  { dtype: 'int16' },
  { dtype: 'decimal' },
  { shape: [512, 512, 1] },
  { shape: [] },
  { shape: Array.from({ length: 40 }, () => 1), chunkShape: Array.from({ length: 40 }, () => 1) },
  { chunkShape: [2 ** 30, 2 ** 30, 1] },
  { chunkShape: [512] },
  { edge: 'torn' },
  { axes: '{"y":9,"x":1,"band":null}' },
  { axes: '{"y":1,"x":1,"band":2}' },
  { axes: '{"y":-1,"x":1,"band":2}' },
  { axes: '"__proto__"' },
  { axes: 'null' },
  { codecs: '[{"name":"zlib"},{"name":"bytes","endian":"big"}]' },
  { codecs: '[{"name":"eval"}]' },
  { codecs: '[{"name":"predictor","rowSamples":0,"samplesPerPixel":0}]' },
  { codecs: '[{"name":"zlib","more":1}]' },
  { codecs: '{}' },
  { codecs: '[' },
  { codecFingerprint: '' },
  { fill: '{"$bigint":"x"}' },
  { fill: '"many"' },
  { bands: '[]' },
  { bands: '[{"name":null,"dtype":"uint16","unit":null},{"name":null,"dtype":"uint16","unit":null}]' },
  { nodata: '[[1]]' },
  { nodata: '[["1"]]' },
  { scale: [2] },
  { scale: [] },
  { offset: [1] },
  { crs: 'EPSG:4326' },
  { crs: 'anything' },
  { transform: [1, 2, 3] },
  { transform: [1, 2, 3, 4, 5, 6] },
  { dimensions: '[1]' },
  { problems: '{"a":[]}' },
  { problems: '["new"]' },
  { driver: 'magic' },
  { driver: 'zarr' },
  { level: 1 },
  { isMask: true },
  { refs: '{"kind":"ranges","url":"https://evil.example/"}' },
  { refs: '{"kind":"list","refs":[]}' },
  { refs: '{"kind":"files","files":[]}' },
  { refs: '{"kind":"objects","base":"https://evil.example/","prefix":"c","separator":"/"}' },
  { refs: 'null' },
];

/** Changes of a row that somebody made who knew how its hash is computed. */
const FORGED_CHANGES: readonly Partial<LevelRow>[] = ROW_CHANGES.filter(
  ({ chunkShape, axes, codecs, refs, edge, dtype, size }) =>
    chunkShape !== undefined ||
    edge !== undefined ||
    dtype === 'decimal' ||
    size === 17 ||
    (axes !== undefined && axes !== 'null') ||
    (codecs !== undefined && !codecs.includes('big')) ||
    (refs !== undefined && !refs.includes('ranges') && !refs.includes('objects')),
);

describe('a row that somebody has changed', () => {
  const [row] = stored(manyTiles(url, 5)).levels;
  const { refs } = manyTiles(url, 5).levels[0]!;
  if (refs.kind !== 'ranges') throw new Error('no ranges');
  const lists: RefLists = { offsets: refs.offsets, lengths: refs.lengths, files: null };
  const restore = (rows: readonly LevelRow[], found = lists) => {
    try {
      return restoreRaster(rows, new Map(rows.map(({ levelId }) => [levelId, found])));
    } catch (error) {
      return problemOf(error);
    }
  };

  it('is none', () => {
    expect(restore([row!])).toEqual(manyTiles(url, 5));
  });

  it.each(ROW_CHANGES)('%j', (change) => {
    expect(restore([{ ...row!, ...change }])).toMatchObject(damaged);
  });

  it.each(FORGED_CHANGES)('%j, with its hash', (change) => {
    const forged = { ...row!, ...change };
    expect(restore([{ ...forged, levelId: levelIdOf(forged, lists) }])).toMatchObject(damaged);
  });

  it.each([
    ['a negative offset', { ...lists, offsets: refs.offsets.map((value) => -value) }],
    ['a length behind the end', { ...lists, lengths: refs.lengths.map((value) => value + 9) }],
    ['a length beyond what numbers can count', { ...lists, lengths: refs.lengths.map(() => 2 ** 60) }],
    ['no number', { ...lists, lengths: refs.lengths.map(() => NaN) }],
    ['half a byte', { ...lists, offsets: refs.offsets.map((value) => value + 0.5) }],
    ['too few', { ...lists, offsets: refs.offsets.slice(1), lengths: refs.lengths.slice(1) }],
    ['files where there is one', { ...lists, files: new Uint32Array(5) }],
  ])('has references with %s', (_, found) => {
    expect(restore([row!], found)).toMatchObject(damaged);
    const levelId = levelIdOf(row!, found);
    expect(restore([{ ...row!, levelId }], found)).toMatchObject(damaged);
  });

  it('is there twice, or has a mask without its level', () => {
    expect(restore([row!, row!])).toMatchObject(damaged);
    expect(restore([row!, { ...row!, level: 3, isMask: true }])).toMatchObject(damaged);
    expect(restore([])).toMatchObject(damaged);
  });

  it('has shards of broken chunks', async () => {
    const [shards] = stored(await openArray(true), 'v').levels;
    const changes = [
      ['"shardShape":[1,4,4]', '"shardShape":[1,3,4]'],
      ['"innerChunks":4', '"innerChunks":4000000000'],
    ] as const;
    for (const [from, to] of changes) {
      const forged = { ...shards!, refs: shards!.refs.replace(from, to) };
      expect(forged.refs).not.toBe(shards!.refs);
      const levelId = levelIdOf(forged, null);
      const restored = () => restoreRaster([{ ...forged, levelId }], new Map());
      expect(restored).toThrow(/not what was stored/);
    }
  });
});

describe('tables that somebody has changed', () => {
  const root = temporaryFolder();
  const place = { catalog: join(root, 'lake.ducklake'), dataPath: join(root, 'data') };
  const names = [{ url, variable: null }];
  const rows: StoredRaster[] = [stored(manyTiles(url, 5000))];
  let lake: ReferenceLake;
  let session: LakeSession;

  beforeAll(async () => {
    lake = await openReferenceLake(place);
    session = await openSession(place);
    await lake.commit(rows, { replace: false });
  });
  afterAll(async () => {
    await lake.close();
    await session.database.close();
  });

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

  it.each([
    'UPDATE refs SET offsets = list_transform(offsets, x -> -x)',
    'UPDATE refs SET lengths = list_transform(lengths, x -> 9007199254740993)',
    'UPDATE refs SET offsets = offsets[1:7]',
    'UPDATE refs SET lengths = NULL, offsets = NULL',
    'UPDATE refs SET lengths = list_transform(lengths, x -> NULL)',
    'UPDATE refs SET files = lengths',
    'UPDATE refs SET first_chunk = first_chunk + 1',
    'UPDATE refs SET first_chunk = -5',
    'UPDATE refs SET first_chunk = NULL',
    'UPDATE refs SET first_chunk = 0',
    'DELETE FROM refs WHERE first_chunk > 0',
    'INSERT INTO refs SELECT * FROM refs',
    'UPDATE levels SET chunks = 4611686018427387904',
    'UPDATE levels SET size = -17',
    'UPDATE levels SET shape = [-1, 512, NULL]',
    'UPDATE levels SET chunk_shape = [0, 0, 0]',
    'UPDATE levels SET "offset" = [NULL]',
    'UPDATE levels SET is_mask = NULL, codecs = NULL',
  ])('%s', async (statement) => {
    await change(statement);
    const problem = await lake.read(names).then(() => null, problemOf);
    // A scan does not stumble over them, and puts them right.
    await lake.known(names);
    await lake.commit(rows, { replace: true });
    expect(problem).toMatchObject(damaged);
  });

  it('are as they were after another scan', async () => {
    expect((await lake.read(names)).get(rasterKey(names[0]!))).toEqual(manyTiles(url, 5000));
  });
});
