import { copyBlock } from '../cube/writer/block-copy.js';
import { fillSamples, newSamples, type Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { storedChunkShape, type RasterLevel } from '../raster/level.js';
import type { ArrayBlock } from './array-blocks.js';
import type { ArraySource } from './array-source.js';
import { ChunkReader } from './chunk-reader.js';
import { elementCount, unflatten } from '../grid/flat-index.js';

/** A level as an array of its own shape, whatever its dimensions mean. */
export function wholeArray(level: RasterLevel, names: readonly string[], sources: SourceFactory): ArraySource {
  const { dtype, shape, chunkShape } = level;
  const reader = new ChunkReader(level, sources);
  const read = async (block: ArrayBlock, signal: AbortSignal | undefined, into?: Samples): Promise<Samples> => {
    const data = into ?? newSamples(dtype, elementCount(block.shape));
    const use = (index: readonly number[], samples: Samples | null) => copyPart(level, block, data, index, samples);
    await reader.each(chunksOf(block, chunkShape), use, signal);
    return data;
  };
  return { dtype, shape, dimensions: names, step: chunkShape, phase: shape.map(() => 0), read };
}

/** Places in the chunk grid of the chunks that a box touches. */
function* chunksOf({ start, shape }: ArrayBlock, chunkShape: readonly number[]): Generator<number[]> {
  const first = start.map((from, d) => Math.floor(from / chunkShape[d]!));
  const counts = start.map((from, d) => Math.ceil((from + shape[d]!) / chunkShape[d]!) - first[d]!);
  const total = elementCount(counts);
  for (let i = 0; i < total; i++) yield unflatten(i, counts).map((place, d) => place + first[d]!);
}

/** Copy what a chunk and a box share. */
function copyPart(
  level: RasterLevel,
  block: ArrayBlock,
  data: Samples,
  index: readonly number[],
  samples: Samples | null,
): void {
  const origin = index.map((place, d) => place * level.chunkShape[d]!);
  const from = origin.map((place, d) => Math.max(place, block.start[d]!));
  const size = from.map(
    (place, d) => Math.min(origin[d]! + level.chunkShape[d]!, block.start[d]! + block.shape[d]!) - place,
  );
  const to = { data, shape: block.shape, start: from.map((place, d) => place - block.start[d]!) };
  if (samples === null) {
    const filled = newSamples(level.dtype, elementCount(size));
    fillSamples(filled, level.fill);
    copyBlock({ data: filled, shape: size, start: size.map(() => 0) }, to, size);
  } else {
    const start = from.map((place, d) => place - origin[d]!);
    copyBlock({ data: samples, shape: storedChunkShape(level, index), start }, to, size);
  }
}
