import { levelSize } from '../cube/read-window.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { newSamples, type Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { RasterLevel } from '../raster/level.js';
import { fillChunk, placeChunk } from '../raster/place-chunk.js';
import type { ArrayBlock } from './array-blocks.js';
import type { ArraySource } from './array-source.js';
import { ChunkReader } from './chunk-reader.js';
import { elementCount, unflatten } from './flat-index.js';

/** Which part of a level: all of it where nothing is given. */
export type PlaneSelection = {
  /** Pixels of the level. */
  readonly window?: Window;
  /** Planes from 0 on: bands, or every index of the dimensions other than x and y in C order. */
  readonly bands?: readonly number[];
};

/** A level as an array of (band, y, x). Problem: `invalid-argument` for what is not in it. */
export function planeArray(level: RasterLevel, selection: PlaneSelection, sources: SourceFactory): ArraySource {
  const planes = choosePlanes(level, selection.bands);
  const window = chooseWindow(level, selection.window);
  const { dtype, chunkShape, axes } = level;
  const { x, y } = axes!;
  const [width, height] = [chunkShape[x]!, chunkShape[y]!];
  const keys = planes.map((at) => chunkOfPlane(level, at).join());
  const apart = keys.findIndex((key) => key !== keys[0]);
  const reader = new ChunkReader(level, sources);
  return {
    dtype,
    shape: [planes.length, window.height, window.width],
    dimensions: ['band', 'y', 'x'],
    step: [apart < 0 ? planes.length : apart, height, width],
    phase: [0, window.row % height, window.col % width],
    read: (block, signal) => readBlock({ level, planes, window, reader }, block, signal),
  };
}

type Planes = {
  readonly level: RasterLevel;
  readonly planes: readonly (readonly number[])[];
  readonly window: Window;
  readonly reader: ChunkReader;
};

async function readBlock(
  { level, planes, window, reader }: Planes,
  { start, shape }: ArrayBlock,
  signal: AbortSignal | undefined,
): Promise<Samples> {
  const [first, row, col] = start as [number, number, number];
  const [count, height, width] = shape as [number, number, number];
  const part = { col: window.col + col, row: window.row + row, width, height };
  const data = newSamples(level.dtype, elementCount(shape));
  const members = new Map<string, { readonly at: readonly number[]; readonly data: Samples }[]>();
  for (let i = 0; i < count; i++) {
    const at = planes[first + i]!;
    const key = chunkOfPlane(level, at).join();
    const plane = { at, data: data.subarray(i * width * height, (i + 1) * width * height) };
    members.set(key, [...(members.get(key) ?? []), plane]);
  }
  const use = (index: readonly number[], samples: Samples | null) => {
    for (const plane of members.get(withoutTile(level, index).join())!) {
      if (samples === null) fillChunk(level, index, part, plane.data);
      else placeChunk(level, index, samples, plane.at, part, plane.data);
    }
  };
  const depths = [...members.values()].map(([plane]) => chunkOfPlane(level, plane!.at));
  await reader.each(tilesOf(level, depths, part), use, signal);
  return data;
}

/** Place in the chunk grid of a plane's chunks, with 0 for x and y. */
function chunkOfPlane(level: RasterLevel, at: readonly number[]): number[] {
  const places = at.map((value, d) => Math.floor(value / level.chunkShape[d]!));
  return withoutTile(level, places);
}

function withoutTile({ axes }: RasterLevel, index: readonly number[]): number[] {
  return index.map((place, d) => (d === axes!.x || d === axes!.y ? 0 : place));
}

function* tilesOf({ chunkShape, axes }: RasterLevel, depths: readonly number[][], part: Window): Generator<number[]> {
  const { x, y } = axes!;
  const [width, height] = [chunkShape[x]!, chunkShape[y]!];
  for (let row = Math.floor(part.row / height); row * height < part.row + part.height; row++) {
    for (let col = Math.floor(part.col / width); col * width < part.col + part.width; col++) {
      for (const depth of depths) yield depth.map((place, d) => (d === x ? col : d === y ? row : place));
    }
  }
}

function choosePlanes({ url, shape, axes }: RasterLevel, bands: readonly number[] | undefined): number[][] {
  if (axes === null) throw argument(`${url} is no raster: it has no x and y dimension`);
  const others = shape.map((size, d) => (d === axes.x || d === axes.y ? 1 : size));
  const total = elementCount(others);
  const wanted = bands ?? Array.from({ length: total }, (_, i) => i);
  const odd = wanted.find((band) => !Number.isSafeInteger(band) || band < 0 || band >= total);
  if (odd !== undefined) throw argument(`band ${odd + 1} does not exist, there are ${total}`);
  if (wanted.length === 0) throw argument('no band is asked for');
  return wanted.map((band) => unflatten(band, others));
}

function chooseWindow(level: RasterLevel, window: Window | undefined): Window {
  const size = levelSize(level);
  if (window === undefined) return { col: 0, row: 0, ...size };
  const { col, row, width, height } = window;
  const whole = [col, row, width, height].every(Number.isSafeInteger);
  const inside = col >= 0 && row >= 0 && col + width <= size.width && row + height <= size.height;
  if (whole && inside && width > 0 && height > 0) return window;
  throw argument(`window ${col},${row},${width},${height} is not inside ${size.width}×${size.height} pixels`);
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
