import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/errors.js';
import type { SourceFactory } from '../../src/io/byte-source.js';
import { createMemorySources } from '../../src/io/memory-source.js';
import { chunkRef, type RasterLevel } from '../../src/raster/level.js';
import { locateChunks } from '../../src/raster/locate-chunks.js';
import { shardBytes, type Entry } from './shard-bytes.js';

const BASE = 'https://data.example/a/';

/** 2 steps of 4 by 4 samples in chunks of 2 by 2. */
const STORED = {
  url: 'https://data.example/a',
  identity: null,
  dtype: 'uint8',
  shape: [2, 4, 4],
  chunkShape: [1, 2, 2],
  edge: 'padded',
  codecs: [{ name: 'bytes', endian: 'little' }],
  fill: 0,
  axes: { y: 1, x: 2, band: null },
  crs: null,
  transform: null,
} as const satisfies Omit<RasterLevel, 'refs'>;

const OBJECTS: RasterLevel = { ...STORED, refs: { kind: 'objects', base: BASE, prefix: 'c', separator: '/' } };
const LAYOUT = { innerChunks: 4, indexLocation: 'end', indexChecksum: true } as const;
/** A shard is a step of 4 by 4 samples. */
const SHARDS: RasterLevel = {
  ...STORED,
  refs: { kind: 'shards', base: BASE, prefix: 'c', separator: '/', shardShape: [1, 4, 4], layout: LAYOUT },
};

/** Sources in memory, and what was asked of them. */
function recording(objects: Record<string, Uint8Array>): { sources: SourceFactory; asked: string[] } {
  const memory = createMemorySources(Object.fromEntries(Object.entries(objects).map(([k, v]) => [BASE + k, v])));
  const asked: string[] = [];
  const open = (url: string) => {
    const source = memory.open(url);
    const read: typeof source.read = (range, options) => {
      asked.push(url.slice(BASE.length));
      return source.read(range, options);
    };
    return { ...source, url, read };
  };
  return { sources: { ...memory, open }, asked };
}

const place = (level: RasterLevel, index: readonly number[]) => {
  const ref = chunkRef(level, index);
  return ref.kind === 'range' ? [ref.url.slice(BASE.length), ref.offset, ref.length] : ref.kind;
};

describe('chunks that are objects', () => {
  it('lie at 0, as long as their objects, with the version that was found; absent ones are missing', async () => {
    const { sources, asked } = recording({ 'c/0/0/0': new Uint8Array(7), 'c/1/1/0': new Uint8Array(9) });
    const level = await locateChunks(OBJECTS, sources);
    expect(asked).toHaveLength(8);
    expect(place(level, [0, 0, 0])).toEqual(['c/0/0/0', 0, 7]);
    expect(place(level, [1, 1, 0])).toEqual(['c/1/1/0', 0, 9]);
    expect(place(level, [0, 0, 1])).toBe('missing');
    expect(chunkRef(level, [0, 0, 0])).toMatchObject({ identity: { size: 7, etag: expect.any(String) } });
  });

  it('are asked for once, and only in the planes that are wanted', async () => {
    const { sources, asked } = recording({ 'c/1/0/0': new Uint8Array(7) });
    const planes = [
      [1, 0, 0],
      [1, 0, 0],
    ];
    const level = await locateChunks(OBJECTS, sources, { planes });
    expect(asked.toSorted()).toEqual(['c/1/0/0', 'c/1/0/1', 'c/1/1/0', 'c/1/1/1']);
    expect(place(level, [1, 0, 0])).toEqual(['c/1/0/0', 0, 7]);
  });

  it('give the same references whatever comes first', async () => {
    const names = [0, 1].flatMap((t) => [0, 1].flatMap((y) => [0, 1].map((x) => `c/${t}/${y}/${x}`)));
    const { sources } = recording(Object.fromEntries(names.map((name, i) => [name, new Uint8Array(i + 1)])));
    let turn = 0;
    const late: SourceFactory = {
      ...sources,
      open(url) {
        const source = sources.open(url);
        const turns = 8 - turn++;
        const wait = async () => {
          for (let i = 0; i < turns; i++) await new Promise((done) => setImmediate(done));
        };
        return { ...source, read: (range, options) => wait().then(() => source.read(range, options)) };
      },
    };
    expect((await locateChunks(OBJECTS, late)).refs).toEqual((await locateChunks(OBJECTS, sources)).refs);
  });

  it('are an error where they have no bytes, and where there are too many', async () => {
    const { sources } = recording({ 'c/0/0/0': new Uint8Array(0) });
    const empty = await locateChunks(OBJECTS, sources).catch(problemOf);
    expect(empty).toMatchObject({ kind: 'invalid-data', url: `${BASE}c/0/0/0` });
    const huge = { ...OBJECTS, shape: [2 ** 20, 2 ** 20, 2 ** 20] };
    expect(await locateChunks(huge, sources).catch(problemOf)).toMatchObject({ kind: 'unsupported' });
  });

  it('may be some of a list', async () => {
    const range = {
      kind: 'range',
      url: `${BASE}x`,
      offset: 3,
      length: 4,
      guard: { notAfterMs: 5, etag: null },
    } as const;
    const refs = [{ kind: 'object', url: `${BASE}c` }, range, { kind: 'missing' }] as const;
    const { sources } = recording({ c: new Uint8Array(7) });
    const level = await locateChunks({ ...OBJECTS, refs: { kind: 'list', refs } }, sources);
    expect([0, 1].map((x) => place(level, [0, 0, x]))).toEqual([
      ['c', 0, 7],
      ['x', 3, 4],
    ]);
    expect(chunkRef(level, [0, 0, 1])).toEqual(range);
    const inline = { kind: 'inline', bytes: new Uint8Array(1) } as const;
    const given: RasterLevel = { ...OBJECTS, refs: { kind: 'list', refs: [...refs, inline] } };
    expect(await locateChunks(given, sources)).toBe(given);
  });
});

describe('chunks in shards', () => {
  const chunks = [Uint8Array.of(1, 2, 3), null, Uint8Array.of(4), Uint8Array.of(5, 6)];

  it.each(['start', 'end'] as const)('lie where the index at the %s says', async (indexLocation) => {
    const layout = { ...LAYOUT, indexLocation };
    const shards: RasterLevel = { ...SHARDS, refs: { ...SHARDS.refs, layout } as RasterLevel['refs'] };
    const { sources, asked } = recording({ 'c/1/0/0': shardBytes(chunks, layout) });
    const level = await locateChunks(shards, sources);
    expect(asked.toSorted()).toEqual(['c/0/0/0', 'c/1/0/0']);
    const first = indexLocation === 'start' ? 68 : 0;
    expect(place(level, [1, 0, 0])).toEqual(['c/1/0/0', first, 3]);
    expect(place(level, [1, 0, 1])).toBe('missing');
    expect(place(level, [1, 1, 0])).toEqual(['c/1/0/0', first + 3, 1]);
    expect(place(level, [1, 1, 1])).toEqual(['c/1/0/0', first + 4, 2]);
    expect(place(level, [0, 0, 0])).toBe('missing');
  });

  it('that reach past the array are left out', async () => {
    const narrow: RasterLevel = { ...SHARDS, shape: [2, 4, 2] };
    const { sources } = recording({ 'c/0/0/0': shardBytes(chunks, LAYOUT) });
    const level = await locateChunks(narrow, sources);
    expect([0, 1].map((y) => place(level, [0, y, 0]))).toEqual([
      ['c/0/0/0', 0, 3],
      ['c/0/0/0', 3, 1],
    ]);
  });

  const flipped = shardBytes(chunks, LAYOUT);
  flipped[flipped.length - 6]! ^= 1;
  const moved = (change: (entry: Entry) => Entry) =>
    shardBytes(chunks, LAYOUT, (entry, i) => (i === 2 ? change(entry) : entry));
  it.each([
    ['an index that its crc32c does not confirm', flipped, /crc32c/],
    ['a chunk outside the object', moved(([at]) => [at, 10 ** 9]), /the object has/],
    ['chunks that overlap', moved(([at, length]) => [at - 1, length]), /inner chunks 0 and 2 overlap/],
    ['a chunk over the index', moved(([, length]) => [30, length]), /inner chunk 2 overlaps the index/],
    ['a chunk without bytes', moved(([at]) => [at, 0]), /inner chunk 2 has no bytes/],
    ['no room for an index', new Uint8Array(20), /20 of 68 bytes/],
  ])('are refused by name: %s', async (_, bytes, what) => {
    const { sources } = recording({ 'c/0/0/0': bytes });
    expect(await locateChunks(SHARDS, sources).catch(problemOf)).toMatchObject({
      kind: 'invalid-data',
      url: `${BASE}c/0/0/0`,
      what: expect.stringMatching(what),
    });
  });
});
