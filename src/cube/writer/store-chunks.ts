import { availableParallelism } from 'node:os';
import { BLOSC_FILTER, type EncodeSpec } from '../../codec/encode-chunk.js';
import { newSamples, storedBytes, type Samples } from '../../grid/dtype.js';
import { elementCount, unflatten } from '../../grid/flat-index.js';
import { CHUNK_CODEC, nativeStoreChunks } from '../../native/chunk-batch.js';
import { copyBlock } from './block-copy.js';
import { encodeArrayChunk, filledSamples, objectKey } from './encode.js';
import type { ArrayLayout } from './layout.js';
import type { ObjectFolder } from './object-folder.js';
import { sampleBytes } from './sample-bytes.js';

/** A box of an array: `start` is at a chunk's corner. */
export type ChunkBox = { readonly start: readonly number[]; readonly shape: readonly number[] };

/** A chunk of a box: its place among the box's chunks and in the array's grid. */
type BoxChunk = { readonly place: readonly number[]; readonly index: readonly number[] };

/**
 * Store all chunks of a box of an array without shards, in a store that nobody reads yet: in native threads where there are
 * any, else one by one; the same bytes. Chunks of nothing but the fill value get no object. Problems: those of writing.
 */
export async function storeChunks(
  folder: ObjectFolder,
  array: ArrayLayout,
  box: ChunkBox,
  samples: Samples,
): Promise<void> {
  const counts = box.shape.map((size, d) => Math.ceil(size / array.chunk[d]!));
  const chunks = Array.from({ length: elementCount(counts) }, (_, i): BoxChunk => {
    const place = unflatten(i, counts);
    return { place, index: place.map((at, d) => at + box.start[d]! / array.chunk[d]!) };
  });
  for (const chunk of await storeInThreads(folder, array, box, { samples, chunks })) {
    await storeOne(folder, array, box, { samples, chunk });
  }
}

/** Gives the chunks that are left: all without the addon, and those that failed, for storing them again says why. */
async function storeInThreads(
  folder: ObjectFolder,
  array: ArrayLayout,
  { shape }: ChunkBox,
  { samples, chunks }: { readonly samples: Samples; readonly chunks: readonly BoxChunk[] },
): Promise<readonly BoxChunk[]> {
  const store = nativeStoreChunks();
  const { dtype, codec } = array;
  if (store === null || storedBytes(dtype) !== samples.BYTES_PER_ELEMENT || elementCount(shape) === 0) return chunks;
  const paths: string[] = [];
  for (const { index } of chunks) paths.push(await folder.placeObject(objectKey(array, index)));
  const fill = sampleBytes(filledSamples(array, 1), dtype);
  const bytes = sampleBytes(samples, dtype);
  const batch = { array: bytes, shape: [...shape], chunk: [...array.chunk], fill, paths, ...codecNumbers(codec) };
  const lengths = await store({ ...batch, threads: availableParallelism() });
  return chunks.filter((_, i) => lengths[i]! < 0);
}

function codecNumbers(codec: EncodeSpec): { codec: number; level: number; filter: number } {
  switch (codec.name) {
    case 'none':
      return { codec: CHUNK_CODEC.none, level: 0, filter: 0 };
    case 'blosc':
      return { codec: CHUNK_CODEC[`blosc-${codec.cname}`], level: codec.level, filter: BLOSC_FILTER[codec.shuffle] };
    case 'zstd':
    case 'gzip':
      return { codec: CHUNK_CODEC[codec.name], level: codec.level, filter: 0 };
  }
}

async function storeOne(
  folder: ObjectFolder,
  array: ArrayLayout,
  { shape }: ChunkBox,
  { samples, chunk: { place, index } }: { readonly samples: Samples; readonly chunk: BoxChunk },
): Promise<void> {
  const start = place.map((at, d) => at * array.chunk[d]!);
  const size = start.map((from, d) => Math.min(array.chunk[d]!, shape[d]! - from));
  const data = newSamples(array.dtype, elementCount(size));
  copyBlock({ data: samples, shape, start }, { data, shape: size, start: size.map(() => 0) }, size);
  const bytes = encodeArrayChunk(array, data, size);
  if (bytes !== null) await folder.stageObject(objectKey(array, index), bytes);
}
