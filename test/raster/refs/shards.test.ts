import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../src/errors.js';
import type { SourceFactory } from '../../../src/io/byte-source.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { locateChunks } from '../../../src/raster/locate-chunks.js';
import { openRaster } from '../../../src/raster/open.js';
import { readPlane } from '../../../src/raster/read-plane.js';
import { arrayV3 } from '../zarr/memory-store.js';
import { shardBytes } from '../shard-bytes.js';

const URL_OF_REFS = 'https://data.example/refs.json';
const LAYOUT = { indexLocation: 'end', indexChecksum: true } as const;

const CODECS = [
  {
    name: 'sharding_indexed',
    configuration: {
      chunk_shape: [1, 2],
      codecs: [{ name: 'bytes' }],
      index_codecs: [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }],
      index_location: 'end',
    },
  },
];
/** 2 rows of 8 samples; a shard is 2 by 4 of them, in inner chunks of 1 by 2. */
const METADATA = arrayV3({
  shape: [2, 8],
  dimensions: ['y', 'x'],
  dtype: 'uint8',
  chunk: [2, 4],
  codecs: CODECS,
  fill: 9,
});
const SHARD = shardBytes([Uint8Array.of(1, 2), Uint8Array.of(3, 4), null, Uint8Array.of(5, 6)], LAYOUT);
const FIRST = [1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 5, 6, 9, 9, 9, 9];

const padded = Uint8Array.from([7, 7, 7, ...SHARD, 8, 8]);
const base64 = (bytes: Uint8Array) => `base64:${Buffer.from(bytes).toString('base64')}`;

function store(refs: object, more: object = {}): SourceFactory {
  const json = { version: 1, refs: { 'a/zarr.json': METADATA, ...refs }, ...more };
  return createMemorySources({
    [URL_OF_REFS]: new TextEncoder().encode(JSON.stringify(json)),
    'https://data.example/padded.bin': padded,
    'https://data.example/shard.bin': SHARD,
  });
}

async function open(sources: SourceFactory) {
  const raster = await openRaster(sources, URL_OF_REFS, { variable: 'a' });
  return raster.levels[0]!;
}

async function pixels(sources: SourceFactory): Promise<number[]> {
  const window = { col: 0, row: 0, width: 8, height: 2 };
  return Array.from(await readPlane(await open(sources), { at: [0, 0], window }, sources), Number);
}

const problem = (sources: SourceFactory) => pixels(sources).then(() => expect.fail('it was read'), problemOf);

describe('shards behind references', () => {
  it.each([
    ['a part of a file', { 'a/c/0/0': ['https://data.example/padded.bin', 3, SHARD.length] }],
    ['a whole object', { 'a/c/0/0': ['https://data.example/shard.bin'] }],
    ['bytes in the reference', { 'a/c/0/0': base64(SHARD) }],
  ])('are read: %s; absent ones are fill values', async (_, refs) => {
    expect(await pixels(store(refs))).toEqual(FIRST);
  });

  it('of several kinds are read beside each other, and two of one file are told apart', async () => {
    const other = shardBytes([null, Uint8Array.of(1, 0), null, null], LAYOUT);
    const mixed = store({ 'a/c/0/0': base64(SHARD), 'a/c/0/1': ['https://data.example/padded.bin', 3, SHARD.length] });
    expect(await pixels(mixed)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 9, 9, 5, 6, 9, 9, 5, 6]);
    const two = createMemorySources({
      [URL_OF_REFS]: new TextEncoder().encode(
        JSON.stringify({
          'a/zarr.json': METADATA,
          'a/c/0/0': ['https://data.example/two.bin', SHARD.length, other.length],
          'a/c/0/1': ['https://data.example/two.bin', 0, SHARD.length],
        }),
      ),
      'https://data.example/two.bin': Uint8Array.from([...SHARD, ...other]),
    });
    expect(await pixels(two)).toEqual([9, 9, 1, 0, 1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 5, 6]);
  });

  it.each([
    ['too short', ['https://data.example/padded.bin', 3, 20], /20 of 68 bytes/],
    ['one byte off', ['https://data.example/padded.bin', 4, SHARD.length], /crc32c/],
    ['past the end', ['https://data.example/padded.bin', 10, SHARD.length], /of 68 bytes/],
    ['damaged bytes', base64(SHARD.map((byte, i) => (i === 20 ? byte ^ 1 : byte))), /crc32c/],
    ['no bytes', 'base64:', /0 of 68 bytes/],
  ])('are errors by name: %s', async (_, ref, what) => {
    expect(await problem(store({ 'a/c/0/0': ref }))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringMatching(what),
    });
  });

  it('of a file that has changed since are found out', async () => {
    const url = 'https://data.example/padded.bin';
    const files = { [url]: { size: padded.length + 1, etag: null } };
    const sources = store({ 'a/c/0/0': [url, 3, SHARD.length] }, { heliocube: { files } });
    expect(await problem(sources)).toMatchObject({ kind: 'changed', url });
  });

  it('may not be what a remote document must not name', async () => {
    const ref = ['file:///etc/passwd', 0, 68];
    expect(await problem(store({ 'a/c/0/0': ref }))).toMatchObject({ kind: 'forbidden' });
  });

  it('become references to their inner chunks', async () => {
    const url = 'https://data.example/padded.bin';
    const files = { [url]: { size: padded.length, etag: null } };
    const sources = store(
      { 'a/c/0/0': [url, 3, SHARD.length], 'a/c/0/1': ['https://data.example/shard.bin'] },
      {
        heliocube: { files },
      },
    );
    const { refs } = await locateChunks(await open(sources), sources);
    expect(refs).toMatchObject({
      kind: 'files',
      files: [
        { url, identity: { size: padded.length } },
        { url: 'https://data.example/shard.bin', identity: { size: SHARD.length, etag: expect.any(String) } },
      ],
      file: Uint32Array.of(1, 1, 2, 2, 0, 1, 0, 2),
      offsets: Float64Array.of(3, 5, 0, 2, 0, 7, 0, 4),
      lengths: Float64Array.of(2, 2, 2, 2, 0, 2, 0, 2),
    });
    const given = await open(store({ 'a/c/0/0': base64(SHARD) }));
    expect(await locateChunks(given, sources)).toBe(given);
  });
});
