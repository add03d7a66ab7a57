import type { ChunkLayout } from '../codec/chunk-layout.js';
import { fusedLayout, type FusedLayout } from '../codec/tile-coding.js';
import type { Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { ChunkRef } from './chunk-ref.js';
import { storedChunkShape, type StoredLevel } from './level.js';
import type { WantedPart, WantedTile } from './plan-tiles.js';

/** What reading tiles works on. `destinations` hold the planes that the parts name, in the level's type. */
export type TileReading = {
  readonly level: StoredLevel;
  readonly destinations: readonly Samples[];
  readonly sources: SourceFactory;
  readonly signal: AbortSignal | undefined;
  /** Threads that decode. */
  readonly threads: number;
};

/** How a tile is stored; `fused` is null where one kernel call does not decode it. */
export type TileStorage = { readonly layout: ChunkLayout; readonly fused: FusedLayout | null };

/** A tile that is there, with the place of its bytes. */
export type LocatedTile = {
  readonly tile: WantedTile;
  readonly ref: Exclude<ChunkRef, { readonly kind: 'missing' }>;
  readonly storage: TileStorage;
};

/** How a level's tiles are stored: one object for all tiles of one shape, of which there are few. */
export function tileStorages(level: StoredLevel): (index: readonly number[]) => TileStorage {
  const known = new Map<string, TileStorage>();
  return (index) => {
    const shape = storedChunkShape(level, index);
    const key = shape.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const layout = { dtype: level.dtype, shape, codecs: level.codecs };
    const storage = { layout, fused: fusedLayout(layout, level.url) };
    known.set(key, storage);
    return storage;
  };
}

/** Samples of a tile up to the last one that its parts take. */
export function lastSample(parts: readonly WantedPart[]): number {
  return parts.reduce((most, { from, width, height }) => {
    const end = from.start + (height - 1) * from.rowStride + (width - 1) * from.colStride + 1;
    return Math.max(most, end);
  }, 0);
}

/**
 * A chunk's shape without the dimensions of size one before its rows, so that a decoder can stop behind a row; null where
 * rows do not come first.
 */
export function rowsFirst({ axes, codecs }: StoredLevel, shape: readonly number[]): readonly number[] | null {
  if (axes === null || shape.slice(0, axes.y).some((size) => size !== 1)) return null;
  return codecs.some((codec) => codec.name === 'transpose') ? null : shape.slice(axes.y);
}

/** Rows of a shape that hold its first `samples` samples. */
export function rowsOf(shape: readonly number[], samples: number): number {
  return Math.ceil(samples / shape.slice(1).reduce((product, size) => product * size, 1));
}
