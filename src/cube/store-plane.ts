import { createHash } from 'node:crypto';
import type { Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';
import { takeAny, type Arena } from './arena.js';
import type { ChunkRow } from './records.js';
import { chunkKey, encodeArrayChunk, isFillOnly, type ChunkPlace } from './writer/encode.js';
import type { ArrayLayout } from './writer/layout.js';

/** Where workers put encoded chunks. Each key has one writer; a write that has ended is whole. */
export interface ChunkStore {
  readonly arrays: ReadonlyMap<string, ArrayLayout>;
  writeObject(key: string, bytes: Uint8Array): Promise<void>;
  /** An object of an earlier attempt that this one does not have. */
  removeObject(key: string): Promise<void>;
}

/** Which chunk of the cube a plane is; `timeIndex` is null for planes without time. */
export type PlanePlace = {
  readonly timeIndex: number | null;
  readonly yIndex: number;
  readonly xIndex: number;
  readonly window: Window;
  /** Gives the memory for the encoded bytes; new memory without it. */
  readonly arena?: Arena;
};

/** What the ledger says of a plane, beside the fractions of its pixels. */
export type StoredPlane = Omit<ChunkRow, 'validFraction' | 'maskedFraction' | 'failedFraction'>;

/** Encode and store one plane of a chunk (or shard). A plane of nothing but the fill value is not stored. */
export async function storePlane(
  store: ChunkStore,
  name: string,
  samples: Samples,
  place: PlanePlace,
): Promise<StoredPlane> {
  const array = store.arrays.get(name)!;
  const { height, width } = place.window;
  const { arena } = place;
  const memory = (length: number) => takeAny(arena, 'uint8', length) as Uint8Array;
  const shape = place.timeIndex === null ? [height, width] : [1, height, width];
  const bytes = encodeArrayChunk(array, samples, shape, arena === undefined ? undefined : memory);
  const row = rowOf(name, place);
  const key = chunkKey(row);
  if (bytes === null) {
    await store.removeObject(key);
    return { ...row, state: 'empty', bytes: 0, sha256: null };
  }
  await store.writeObject(key, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...row, state: 'stored', bytes: bytes.byteLength, sha256 };
}

/** Leave a plane to a range of `bytes` bytes of a source file: nothing is stored, and what an earlier attempt stored goes. */
export async function storeReference(
  store: ChunkStore,
  name: string,
  bytes: number,
  place: PlanePlace,
): Promise<StoredPlane> {
  const row = rowOf(name, place);
  await store.removeObject(chunkKey(row));
  return { ...row, state: 'stored', bytes, sha256: null };
}

/** Whether all samples of a plane are the fill value, so that nothing is stored of it. */
export function isEmptyPlane(store: ChunkStore, name: string, samples: Samples): boolean {
  return isFillOnly(store.arrays.get(name)!, samples);
}

/** Whether a row tells of an object of the store: neither of nothing nor of a reference. */
export function isOwnObject({ state, storage }: Pick<ChunkRow, 'state' | 'storage'>): boolean {
  return state === 'stored' && storage !== 'virtual';
}

function rowOf(array: string, { timeIndex, yIndex, xIndex }: PlanePlace): ChunkPlace {
  return { array, timeIndex, yIndex, xIndex };
}
