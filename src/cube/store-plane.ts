import { createHash } from 'node:crypto';
import type { Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';
import { filled } from './fuser.js';
import type { ChunkRow } from './records.js';
import { encodeArrayChunk, objectKey } from './writer/encode.js';
import type { ArrayLayout } from './writer/layout.js';

/** Where workers put encoded chunks. Writes are atomic and each key has one writer. */
export interface ChunkStore {
  readonly arrays: ReadonlyMap<string, ArrayLayout>;
  writeObject(key: string, bytes: Uint8Array): Promise<void>;
  /** An object of an earlier attempt that this one does not have. */
  removeObject(key: string): Promise<void>;
}

export type PlanePlace = {
  readonly timeIndex: number | null;
  readonly yIndex: number;
  readonly xIndex: number;
  readonly window: Window;
};

/** Encode and store one plane of a chunk (or shard). A plane of nothing but the fill value is not stored. */
export async function storePlane(
  store: ChunkStore,
  name: string,
  samples: Samples,
  place: PlanePlace,
): Promise<Omit<ChunkRow, 'validFraction' | 'maskedFraction' | 'failedFraction'>> {
  const array = store.arrays.get(name)!;
  const index = place.timeIndex === null ? [place.yIndex, place.xIndex] : [place.timeIndex, place.yIndex, place.xIndex];
  const bytes = encodeArrayChunk(array, padToObject(array, samples, place.window));
  const key = objectKey(array, index);
  const row = { array: name, timeIndex: place.timeIndex, yIndex: place.yIndex, xIndex: place.xIndex };
  if (bytes === null) {
    await store.removeObject(key);
    return { ...row, state: 'empty', bytes: 0, sha256: null };
  }
  await store.writeObject(key, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...row, state: 'stored', bytes: bytes.byteLength, sha256 };
}

/** Stored objects have their full size at the grid's far edges too; what lies outside holds the fill value. */
function padToObject(array: ArrayLayout, samples: Samples, { width, height }: Window): Samples {
  const [fullHeight, fullWidth] = (array.shard ?? array.chunk).slice(-2) as [number, number];
  if (width === fullWidth && height === fullHeight) return samples;
  const full = filled(array.dtype, array.fill, fullWidth * fullHeight);
  for (let row = 0; row < height; row++) {
    full.set(samples.subarray(row * width, (row + 1) * width) as never, row * fullWidth);
  }
  return full;
}
