import { intersectWindows, type Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';
import { problemOf, type Problem } from '../errors.js';
import { chunkPart } from '../raster/chunk-part.js';
import { fillChunk, placeChunk } from '../raster/place-chunk.js';
import type { RasterLevel } from '../raster/level.js';
import { takeAny, type Arena } from './arena.js';
import { readDirect, type DirectTiles } from './read-direct.js';
import type { LevelHeader, TileRead } from './task.js';
import { TileCache } from './tile-cache.js';

/** A tile that could not be read, and the pixels of its raster that are unknown for that. */
export type FailedTile = { readonly window: Window; readonly problem: Problem; readonly attempts: number };

/** Samples of a window, and the tiles of it that could not be read. */
export type SourceWindow = {
  readonly data: Samples;
  readonly failed: readonly FailedTile[];
};

/** What reading windows takes. `arena` gives the memory; without it, it is new. */
export type WindowReader = {
  readonly tiles: TileCache | DirectTiles;
  readonly signal: AbortSignal | undefined;
  readonly arena?: Arena | undefined;
};

/** Columns and rows of a level's plane. */
export function levelSize(level: Pick<RasterLevel, 'shape' | 'axes'>): { width: number; height: number } {
  const { x, y } = level.axes!;
  return { width: level.shape[x]!, height: level.shape[y]! };
}

/** Pixels of its raster that a tile holds. */
export function tileWindow(level: LevelHeader, index: readonly number[]): Window {
  const { x, y } = level.axes!;
  const width = level.chunkShape[x]!;
  const height = level.chunkShape[y]!;
  return { col: index[x]! * width, row: index[y]! * height, width, height };
}

/**
 * Samples of a window of one plane, row-major, from the tiles that touch it; missing tiles hold the level's fill value.
 * Tiles that fail are reported, not thrown: their pixels are zeros that the caller must not use. An abort is thrown, and
 * every failure where tiles are not kept.
 */
export async function readWindow(
  plane: { readonly level: LevelHeader; readonly at: readonly number[]; readonly tiles: readonly TileRead[] },
  window: Window,
  { tiles, signal, arena }: WindowReader,
): Promise<SourceWindow> {
  const { level, at } = plane;
  const data = takeAny(arena, level.dtype, window.width * window.height);
  const failed: FailedTile[] = [];
  if (!(tiles instanceof TileCache)) {
    await readDirect(plane, window, data, { ...tiles, signal });
    return { data, failed };
  }
  const touched = plane.tiles.filter((tile) => intersectWindows(tileWindow(level, tile.index), window) !== null);
  if (touched.length !== tilesOf(level, window))
    throw new Error(`${level.url}: the plan lacks tiles of ${JSON.stringify(window)}`);
  await Promise.all(
    touched.map(async (tile) => {
      try {
        const part = isInside(level, tile, window) ? chunkPart(level, tile.index, at, window) : null;
        if (part !== null && (await tiles.place(level, tile, signal, { part, destination: data }))) return;
        await tiles.use(level, tile, signal, (samples) => {
          if (samples !== null) placeChunk(level, tile.index, samples, at, window, data);
          else fillChunk(level, tile.index, at, window, data);
        });
      } catch (error) {
        const problem = problemOf(error);
        if (problem.kind === 'aborted' || signal?.aborted === true) throw error;
        const attempts = problem.kind === 'network' ? problem.attempts : 1;
        fillChunk({ ...level, fill: 0 }, tile.index, at, window, data);
        failed.push({ window: tileWindow(level, tile.index), problem, attempts });
      }
    }),
  );
  failed.sort((a, b) => a.window.row - b.window.row || a.window.col - b.window.col);
  return { data, failed };
}

/** Whether a window holds all pixels that a tile has of its raster: then no window beside it needs the tile. */
function isInside(level: LevelHeader, { index }: TileRead, window: Window): boolean {
  const own = intersectWindows(tileWindow(level, index), { col: 0, row: 0, ...levelSize(level) });
  const shared = own === null ? null : intersectWindows(own, window);
  return shared !== null && shared.width === own!.width && shared.height === own!.height && isSinglePlane(level);
}

/** Whether a tile holds samples of one plane only. */
function isSinglePlane({ chunkShape, axes }: LevelHeader): boolean {
  return chunkShape.every((size, d) => size === 1 || d === axes!.x || d === axes!.y);
}

/** Number of tiles that a window inside the raster touches. */
function tilesOf(level: LevelHeader, { col, row, width, height }: Window): number {
  const { x, y } = level.axes!;
  const across = (from: number, length: number, size: number) =>
    Math.floor((from + length - 1) / size) - Math.floor(from / size) + 1;
  return across(col, width, level.chunkShape[x]!) * across(row, height, level.chunkShape[y]!);
}
