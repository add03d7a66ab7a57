import type { Window } from '../grid/affine.js';
import { newSamples, type Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { RasterLevel } from '../raster/level.js';
import { fillPart, placePart } from '../raster/place-chunk.js';
import { planTiles, type PlaneWindow } from '../raster/plan-tiles.js';
import { readTiles, type WantedTiles } from '../raster/read-tiles.js';
import type { ArrayBlock } from './array-blocks.js';
import type { ArraySource } from './array-source.js';
import { ChunkReader } from './chunk-reader.js';
import { elementCount } from '../grid/flat-index.js';
import { choosePlanes, chooseWindow, type PlaneSelection } from './plane-selection.js';

/**
 * A level as an array of (band, y, x). Boxes that are cut where chunks are, or at the selection's own edges, are decoded in
 * threads; those that begin inside chunks share what is kept of them. Problem: `invalid-argument` for what is not in it.
 */
export function planeArray(level: RasterLevel, selection: PlaneSelection, sources: SourceFactory): ArraySource {
  const planes = choosePlanes(level, selection.bands);
  const window = chooseWindow(level, selection.window);
  const { dtype, chunkShape, axes } = level;
  const { x, y } = axes!;
  const [width, height] = [chunkShape[x]!, chunkShape[y]!];
  const keys = planes.map((at) => chunkOfPlane(level, at).join());
  const apart = keys.findIndex((key) => key !== keys[0]);
  const reader = new ChunkReader(level, sources);
  const cuts = {
    step: [apart < 0 ? planes.length : apart, height, width],
    phase: [0, window.row % height, window.col % width],
  };
  const array = { dtype, shape: [planes.length, window.height, window.width], dimensions: ['band', 'y', 'x'], ...cuts };
  const read = async (block: ArrayBlock, signal: AbortSignal | undefined, into?: Samples): Promise<Samples> => {
    const wanted = planesOf(planes, window, block);
    const data = into ?? newSamples(dtype, elementCount(block.shape));
    const pixels = block.shape[1]! * block.shape[2]!;
    const destinations = wanted.map((_, i) => data.subarray(i * pixels, (i + 1) * pixels));
    const tiles = planTiles(level, wanted);
    if (sharesNoChunk(block, array))
      await readTiles({ level, tiles, destinations }, sources, signal === undefined ? {} : { signal });
    else await readKept({ level, tiles, destinations }, reader, signal);
    return data;
  };
  return { ...array, read };
}

/** The planes and the window of a box. */
function planesOf(planes: readonly (readonly number[])[], window: Window, { start, shape }: ArrayBlock): PlaneWindow[] {
  const [first, row, col] = start as [number, number, number];
  const [count, height, width] = shape as [number, number, number];
  const part = { col: window.col + col, row: window.row + row, width, height };
  return planes.slice(first, first + count).map((at) => ({ at, window: part }));
}

/** Whether no chunk of a box is needed by another box beside it: every cut is one of the chunks', or the array's end. */
function sharesNoChunk(
  { start, shape }: ArrayBlock,
  { shape: all, step, phase }: Pick<ArraySource, 'shape' | 'step' | 'phase'>,
): boolean {
  const isCut = (at: number, d: number) => {
    const behind = (at + phase[d]!) % step[d]!;
    return at === 0 || at === all[d] || behind === 0;
  };
  return start.every((from, d) => isCut(from, d) && isCut(from + shape[d]!, d));
}

async function readKept(
  { level, tiles, destinations }: WantedTiles,
  reader: ChunkReader,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parts = new Map(tiles.map((tile) => [tile.index, tile.parts]));
  const use = (index: readonly number[], samples: Samples | null) => {
    for (const part of parts.get(index)!) {
      if (samples === null) fillPart(level.fill, part, destinations[part.plane]!);
      else placePart(samples, part, destinations[part.plane]!);
    }
  };
  await reader.each(parts.keys(), use, signal);
}

/** Place in the chunk grid of a plane's chunks, with 0 for x and y. */
function chunkOfPlane({ chunkShape, axes }: RasterLevel, at: readonly number[]): number[] {
  return at.map((value, d) => (d === axes!.x || d === axes!.y ? 0 : Math.floor(value / chunkShape[d]!)));
}
