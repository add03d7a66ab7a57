import { CubeError } from '../../errors.js';
import { fillSamples, newSamples, type Samples } from '../../grid/dtype.js';
import { flatten, unflatten } from '../../grid/flat-index.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { chunkGrid, storedChunkShape, type RasterLevel } from '../level.js';
import { readChunk } from '../read-plane.js';

/** Chunks of one array that are fetched at a time; small coordinate chunks are all waiting for the network. */
const CONCURRENCY = 16;

/**
 * All samples of an array of any rank, in C order of its shape; missing chunks hold the fill value. Refused
 * (`unsupported`) above `maxSamples`, also for one chunk, so that metadata alone cannot make us allocate.
 */
export async function readWholeArray(
  level: RasterLevel,
  sources: SourceFactory,
  options: { readonly maxSamples: number; readonly signal?: AbortSignal },
): Promise<Samples> {
  const length = level.shape.reduce((product, size) => product * size, 1);
  const chunkLength = level.chunkShape.reduce((product, size) => product * size, 1);
  if (!(Math.max(length, chunkLength) <= options.maxSamples)) {
    const feature = `reading ${length} samples in chunks of ${chunkLength} at once`;
    throw new CubeError({ kind: 'unsupported', feature, url: level.url });
  }
  const data = newSamples(level.dtype, length);
  const grid = chunkGrid(level);
  const count = length === 0 ? 0 : grid.reduce((product, size) => product * size, 1);
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = unflatten(next++, grid);
      const chunk = await readChunk(
        level,
        index,
        sources,
        options.signal === undefined ? {} : { signal: options.signal },
      );
      if (chunk === null) fillChunk(data, level, index);
      else copyChunk(data, level, index, chunk);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, count) }, work));
  return data;
}

function copyChunk(data: Samples, level: RasterLevel, index: readonly number[], chunk: Samples): void {
  const stored = storedChunkShape(level, index);
  forEachRow(level, index, (destination, rowOf, length) => {
    const source = flatten(rowOf, stored);
    setSamples(data, chunk.subarray(source, source + length), destination);
  });
}

function fillChunk(data: Samples, level: RasterLevel, index: readonly number[]): void {
  forEachRow(level, index, (destination, _rowOf, length) => {
    fillSamples(data.subarray(destination, destination + length), level.fill);
  });
}

/** Visit the rows (runs along the last dimension) of a chunk that lie inside the array. `rowOf` is reused. */
function forEachRow(
  level: RasterLevel,
  index: readonly number[],
  visit: (destination: number, rowOf: readonly number[], length: number) => void,
): void {
  const rank = level.shape.length;
  const start = index.map((value, d) => value * level.chunkShape[d]!);
  const size = start.map((value, d) => Math.min(level.chunkShape[d]!, level.shape[d]! - value));
  const length = rank === 0 ? 1 : size[rank - 1]!;
  const at = new Array<number>(rank).fill(0);
  for (;;) {
    visit(
      flatten(
        at.map((value, d) => value + start[d]!),
        level.shape,
      ),
      at,
      length,
    );
    let d = rank - 2;
    while (d >= 0 && ++at[d]! === size[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

/** Both sides have the array's type. */
function setSamples(data: Samples, row: Samples, offset: number): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.set(row as BigInt64Array, offset);
  else data.set(row as Float64Array, offset);
}
