import type { Window } from '../grid/affine.js';
import { fillSamples, type Samples } from '../grid/dtype.js';
import type { RasterLevel } from './level.js';
import { chunkPart, type ChunkPart, type ChunkPlacement } from './chunk-part.js';

/**
 * Copy one plane of a decoded chunk into a window. `index` is the chunk's place in the chunk grid, `samples` hold it in C
 * order of its stored shape, `at` gives the plane: an index in every dimension but x and y (those entries are ignored).
 * `destination` holds the window row-major, in the chunk's type. Pixels that the chunk does not cover are left alone.
 */
export function placeChunk(
  level: ChunkPlacement,
  index: readonly number[],
  samples: Samples,
  at: readonly number[],
  window: Window,
  destination: Samples,
): void {
  const part = chunkPart(level, index, at, window);
  if (part !== null) placePart(samples, part, destination);
}

/** The same for a chunk that is missing: its pixels hold the level's fill value. */
export function fillChunk(
  level: ChunkPlacement & Pick<RasterLevel, 'fill'>,
  index: readonly number[],
  at: readonly number[],
  window: Window,
  destination: Samples,
): void {
  const part = chunkPart(level, index, at, window);
  if (part !== null) fillPart(level.fill, part, destination);
}

/** Fill a part of a chunk that is missing. */
export function fillPart(fill: number | bigint, { to, width, height }: ChunkPart, destination: Samples): void {
  for (let row = 0; row < height; row++) {
    const from = to.start + row * to.rowStride;
    fillSamples(destination.subarray(from, from + width), fill);
  }
}

/** Copy a part of a decoded chunk. Whole rows at once where columns are neighbours, else sample by sample. Bits are moved, never values. */
export function placePart(samples: Samples, { from, to, width, height }: ChunkPart, destination: Samples): void {
  const source = rawView(samples);
  const target = rawView(destination);
  const words = source.words;
  const view = source.view;
  for (let row = 0; row < height; row++) {
    const read = (from.start + row * from.rowStride) * words;
    const write = (to.start + row * to.rowStride) * words;
    if (from.colStride === 1) target.view.set(view.subarray(read, read + width * words), write);
    else if (words === 1) copyRow(view, read, from.colStride, target.view, write, width);
    else copyPairs(view, read, from.colStride * 2, target.view, write, width);
  }
}

type RawView = { readonly view: Uint8Array | Uint16Array | Uint32Array; readonly words: number };

/** The memory of samples as unsigned words: one a sample, two for 64-bit types. */
function rawView({ buffer, byteOffset, length, BYTES_PER_ELEMENT }: Samples): RawView {
  switch (BYTES_PER_ELEMENT) {
    case 1:
      return { view: new Uint8Array(buffer, byteOffset, length), words: 1 };
    case 2:
      return { view: new Uint16Array(buffer, byteOffset, length), words: 1 };
    case 4:
      return { view: new Uint32Array(buffer, byteOffset, length), words: 1 };
    default:
      return { view: new Uint32Array(buffer, byteOffset, length * 2), words: 2 };
  }
}

function copyRow(
  from: RawView['view'],
  read: number,
  step: number,
  to: RawView['view'],
  write: number,
  count: number,
): void {
  for (let i = 0, at = read; i < count; i++, at += step) to[write + i] = from[at]!;
}

function copyPairs(
  from: RawView['view'],
  read: number,
  step: number,
  to: RawView['view'],
  write: number,
  count: number,
): void {
  for (let i = 0, at = read; i < count; i++, at += step) {
    to[write + 2 * i] = from[at]!;
    to[write + 2 * i + 1] = from[at + 1]!;
  }
}
