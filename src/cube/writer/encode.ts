import type { ChunkRow } from '../records.js';
import { encodeChain } from '../../codec/encode-chain.js';
import { crc32c } from '../../codec/crc32c.js';
import { encodeBytes, type OutputMemory } from '../../codec/encode-chunk.js';
import { CubeError } from '../../errors.js';
import { fillSamples, newSamples, storedBytes, type DataType, type Samples } from '../../grid/dtype.js';
import { elementCount, unflatten } from '../../grid/flat-index.js';
import { copyBlock } from './block-copy.js';
import { objectShape, type ArrayLayout } from './layout.js';
import { isAllFill, sampleBytes } from './sample-bytes.js';

/**
 * One stored object from the samples of its chunk or shard (C order), or null where all of them are the fill value and
 * nothing is stored. `shape` is that of the samples where the object reaches over the array's far edges; the rest is
 * filled. The same samples give the same bytes, which may lie in what `memory` gives. Problem: `invalid-argument` for a number of samples that does not fit.
 */
export function encodeArrayChunk(
  array: ArrayLayout,
  samples: Samples,
  shape?: readonly number[],
  memory?: OutputMemory,
): Uint8Array | null {
  const whole = padded(array, samples, shape ?? objectShape(array));
  return array.shard === null ? encodeChunk(array, whole, memory) : encodeShard(array, array.shard, whole);
}

/** Where a chunk is in its array. */
export type ChunkPlace = Pick<ChunkRow, 'array' | 'timeIndex' | 'yIndex' | 'xIndex'>;

/** Whether samples of an array are all the fill value: no object is stored of them. */
export function isFillOnly(array: Pick<ArrayLayout, 'dtype' | 'fill'>, samples: Samples): boolean {
  return isAllFill(sampleBytes(samples, array.dtype), sampleBytes(filledSamples(array, 1), array.dtype));
}

/** Key of the object that a row of the ledger tells of; arrays without time have no time index. */
export function chunkKey({ array, timeIndex, yIndex, xIndex }: ChunkPlace): string {
  return objectKey({ name: array }, timeIndex === null ? [yIndex, xIndex] : [timeIndex, yIndex, xIndex]);
}

/** Key of a stored object below the store's root: "name/c/0/1/2", "name/c" for a scalar. */
export function objectKey(array: Pick<ArrayLayout, 'name'>, index: readonly number[]): string {
  return [array.name, 'c', ...index].join('/');
}

/** As `encodeArrayChunk` for an array without shards, but never null: coordinates are always stored. */
export function encodeWhole(array: ArrayLayout, samples: Samples): Uint8Array {
  return encodeBytes(array.codec, sampleBytes(samples, array.dtype), storedBytes(array.dtype));
}

function encodeChunk(array: ArrayLayout, samples: Samples, memory?: OutputMemory): Uint8Array | null {
  const bytes = sampleBytes(samples, array.dtype);
  if (isAllFill(bytes, sampleBytes(filledSamples(array, 1), array.dtype))) return null;
  if (array.chain !== undefined) return encodeChain(array.chain.codecs, bytes, array.dtype);
  return encodeBytes(array.codec, bytes, storedBytes(array.dtype), memory);
}

/**
 * Inner chunks in C order of their grid, then the index (offset and length of each, uint64 little-endian, all ones for a
 * missing one) and its crc32c (Zarr v3, sharding codec 1.0).
 */
function encodeShard(array: ArrayLayout, shard: readonly number[], samples: Samples): Uint8Array | null {
  const grid = shard.map((size, d) => size / array.chunk[d]!);
  const count = elementCount(grid);
  const inner = newSamples(array.dtype, elementCount(array.chunk));
  const index = new DataView(new ArrayBuffer(count * 16 + 4));
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const start = unflatten(i, grid).map((value, d) => value * array.chunk[d]!);
    const to = { data: inner, shape: array.chunk, start: array.chunk.map(() => 0) };
    copyBlock({ data: samples, shape: shard, start }, to, array.chunk);
    const encoded = encodeChunk(array, inner);
    index.setBigUint64(i * 16, encoded === null ? ABSENT : BigInt(offset), true);
    index.setBigUint64(i * 16 + 8, encoded === null ? ABSENT : BigInt(encoded.length), true);
    // Without compression the encoded bytes are a view of `inner`, which the next round overwrites.
    if (encoded !== null) parts.push(encoded.buffer === inner.buffer ? encoded.slice() : encoded);
    offset += encoded?.length ?? 0;
  }
  if (parts.length === 0) return null;
  const indexBytes = new Uint8Array(index.buffer);
  index.setUint32(count * 16, crc32c(indexBytes.subarray(0, count * 16)), true);
  return Buffer.concat([...parts, indexBytes]);
}

const ABSENT = 2n ** 64n - 1n;

function padded(array: ArrayLayout, samples: Samples, shape: readonly number[]): Samples {
  const full = objectShape(array);
  const fits = shape.length === full.length && shape.every((size, d) => size <= full[d]!);
  if (!fits || samples.length !== elementCount(shape)) {
    const what = `${array.name}: ${samples.length} samples of shape ${shape.join('×')}, expected ${full.join('×')}`;
    throw new CubeError({ kind: 'invalid-argument', what });
  }
  if (shape.every((size, d) => size === full[d])) return samples;
  const data = filledSamples(array, elementCount(full));
  const start = full.map(() => 0);
  copyBlock({ data: samples, shape, start }, { data, shape: full, start }, shape);
  return data;
}

/** So many samples of the fill value. */
export function filledSamples({ dtype, fill }: { dtype: DataType; fill: number }, length: number): Samples {
  const samples = newSamples(dtype, length);
  fillSamples(samples, fill);
  return samples;
}
