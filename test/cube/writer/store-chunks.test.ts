import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EncodeSpec } from '../../../src/codec/encode-chunk.js';
import { prepareCodecs, WRITTEN_CODECS } from '../../../src/codec/prepare.js';
import { copyBlock } from '../../../src/cube/writer/block-copy.js';
import { encodeArrayChunk, objectKey } from '../../../src/cube/writer/encode.js';
import type { ArrayLayout } from '../../../src/cube/writer/layout.js';
import { ObjectFolder } from '../../../src/cube/writer/object-folder.js';
import { storeChunks } from '../../../src/cube/writer/store-chunks.js';
import { problemOf } from '../../../src/errors.js';
import { newSamples, type DataType } from '../../../src/grid/dtype.js';
import { elementCount, unflatten } from '../../../src/grid/flat-index.js';
import { nativeStoreChunks, type ChunkBatch } from '../../../src/native/chunk-batch.js';
import { FAILURE } from '../../../src/native/codec-types.js';
import { temporaryFolder } from '../../lake/temporary.js';

await prepareCodecs(WRITTEN_CODECS);
const root = temporaryFolder();
let folders = 0;
const newFolder = () => new ObjectFolder(join(root, `store${folders++}`));

const blosc = (cname: 'zstd' | 'lz4', shuffle: 'shuffle' | 'bitshuffle' | 'noshuffle'): EncodeSpec => {
  return { name: 'blosc', cname, level: 3, shuffle };
};
const CODECS: readonly EncodeSpec[] = [
  blosc('zstd', 'shuffle'),
  blosc('zstd', 'noshuffle'),
  blosc('lz4', 'bitshuffle'),
  { name: 'zstd', level: 2 },
  { name: 'gzip', level: 4 },
  { name: 'none' },
];
const layout = (
  dtype: DataType,
  shape: readonly number[],
  chunk: readonly number[],
  codec: EncodeSpec,
): ArrayLayout => {
  const dimensions = shape.map((_, d) => `d${d}`);
  return { name: 'data', dtype, dimensions, shape, chunk, shard: null, codec, fill: 7, attributes: {} };
};

/** What every chunk's file must hold, or null. */
function expectedChunks(array: ArrayLayout, samples: ReturnType<typeof newSamples>): Map<string, Uint8Array | null> {
  const { shape, chunk } = array;
  const counts = shape.map((size, d) => Math.ceil(size / chunk[d]!));
  return new Map(
    Array.from({ length: elementCount(counts) }, (_, i) => {
      const index = unflatten(i, counts);
      const start = index.map((at, d) => at * chunk[d]!);
      const size = start.map((from, d) => Math.min(chunk[d]!, shape[d]! - from));
      const data = newSamples(array.dtype, elementCount(size));
      copyBlock({ data: samples, shape, start }, { data, shape: size, start: size.map(() => 0) }, size);
      return [objectKey(array, index), encodeArrayChunk(array, data, size)];
    }),
  );
}

describe('storeChunks', () => {
  it.each(CODECS.map((codec) => [JSON.stringify(codec), codec] as const))('stores what %s makes', async (_, codec) => {
    const cases: readonly (readonly [DataType, readonly number[], readonly number[]])[] = [
      ['uint16', [50, 70], [16, 32]],
      ['float32', [3, 9, 21], [2, 4, 21]],
      ['uint8', [300], [64]],
      ['float64', [], []],
      ['int64', [2, 3, 4, 5], [1, 2, 3, 4]],
    ];
    for (const [dtype, shape, chunk] of cases) {
      const array = layout(dtype, shape, chunk, codec);
      const samples = newSamples(dtype, elementCount(shape));
      const wide = samples instanceof BigInt64Array;
      // The first chunks hold nothing but the fill value.
      for (let i = 0; i < samples.length; i++) {
        const value = i < samples.length / 2 ? 7 : (i * i) % 251;
        samples[i] = (wide ? BigInt(value) : value) as never;
      }
      const folder = newFolder();
      await storeChunks(folder, array, { start: shape.map(() => 0), shape }, samples);
      for (const [key, bytes] of expectedChunks(array, samples)) {
        const path = join(folder.path, key);
        if (bytes === null) expect(existsSync(path), key).toBe(false);
        else expect(Buffer.compare(readFileSync(path), bytes), `${dtype} ${key}`).toBe(0);
      }
    }
  });

  it('stores a box at its place in the grid', async () => {
    const array = layout('uint16', [8, 8], [2, 4], { name: 'none' });
    const folder = newFolder();
    await storeChunks(folder, array, { start: [4, 4], shape: [2, 4] }, Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(readFileSync(join(folder.path, 'data/c/2/1'))).toEqual(
      Buffer.from(Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer),
    );
  });

  it('replaces a file and does not write into what it is linked to', async () => {
    const array = layout('uint8', [2], [2], { name: 'none' });
    const folder = newFolder();
    mkdirSync(join(folder.path, 'data/c'), { recursive: true });
    writeFileSync(join(folder.path, 'old'), 'old');
    linkSync(join(folder.path, 'old'), join(folder.path, 'data/c/0'));
    await storeChunks(folder, array, { start: [0], shape: [2] }, Uint8Array.of(1, 2));
    expect(readFileSync(join(folder.path, 'data/c/0'))).toEqual(Buffer.of(1, 2));
    expect(readFileSync(join(folder.path, 'old'), 'utf8')).toBe('old');
  });

  it('says why an object cannot be written', async () => {
    const array = layout('uint8', [2], [2], { name: 'none' });
    const folder = newFolder();
    mkdirSync(join(folder.path, 'data/c/0/x'), { recursive: true });
    const box = { start: [0], shape: [2] };
    const error: unknown = await storeChunks(folder, array, box, Uint8Array.of(1, 2)).catch(
      (reason: unknown) => reason,
    );
    expect(problemOf(error)).toMatchObject({ kind: 'io', path: join(folder.path, 'data/c/0') });
  });
});

const native = nativeStoreChunks();
describe.runIf(native !== null)('the addon', () => {
  const folder = newFolder();
  mkdirSync(folder.path);
  const good: ChunkBatch = {
    array: new Uint8Array(8).fill(3),
    shape: [2, 2],
    chunk: [1, 2],
    fill: Uint8Array.of(0, 0),
    paths: ['a', 'b'].map((name) => join(folder.path, name)),
    codec: 0,
    level: 0,
    filter: 0,
    threads: 2,
  };
  it.each<[string, Partial<ChunkBatch>]>([
    ['too few paths', { paths: [join(folder.path, 'a')] }],
    ['another number of dimensions', { chunk: [1] }],
    ['no chunk size', { chunk: [0, 2] }],
    ['no array size', { shape: [0, 2] }],
    ['too few samples', { array: new Uint8Array(6) }],
    ['no sample size', { fill: new Uint8Array(0) }],
    ['an odd sample size', { fill: new Uint8Array(3) }],
    ['huge sizes', { shape: [0xffff_ffff, 0xffff_ffff], chunk: [0xffff_ffff, 0xffff_ffff] }],
    ['no such codec', { codec: 9 }],
    ['no such filter', { filter: 3 }],
    ['no such level', { codec: 3, level: 23 }],
  ])('refuses %s and writes nothing', async (_, odd) => {
    const batch = { ...good, ...odd };
    expect(Array.from(await native!(batch))).toEqual(batch.paths.map(() => FAILURE.badArgument));
    for (const path of good.paths) expect(existsSync(path)).toBe(false);
  });

  it('answers lengths, and a code for what cannot be written', async () => {
    const paths = [join(folder.path, 'a'), join(folder.path, 'no/such/folder')];
    expect(Array.from(await native!({ ...good, paths, threads: 0 }))).toEqual([4, FAILURE.unwritten]);
    expect(Array.from(await native!({ ...good, fill: Uint8Array.of(3, 3) }))).toEqual([0, 0]);
  });
});
