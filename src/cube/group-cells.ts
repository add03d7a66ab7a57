import type { GridSpec } from '../grid/grid-spec.js';
import type { BandSource } from './candidate.js';
import type { TimeGroup } from './time-group.js';

/** Place of one stored object in the cube's grid of chunks (or shards). */
export type Cell = { readonly yIndex: number; readonly xIndex: number };

/** Time steps and cells that share source tiles: every pair of them is a task. */
export type CellGroup = { readonly timeIndices: readonly number[]; readonly cells: readonly Cell[] };

/** One of so many parts of a plan. */
export type Part = { readonly index: number; readonly of: number };

/** A group is one message to a worker and one unit of loss when a worker dies. */
const MOST_TASKS = 32;
const MOST_CELLS_ASIDE = 4;

/**
 * Order cells and time steps so that tasks that share source tiles stand together: blocks of cells as wide as the
 * largest source tile, and runs of time steps as long as the sources' chunks along time. Parts take whole runs of time
 * steps where there are enough, else a stretch of the blocks each, so that they share few tiles or none.
 */
export function* groupCells(
  cells: readonly Cell[],
  times: readonly TimeGroup[],
  { grid, cell }: { readonly grid: GridSpec; readonly cell: number },
  part: Part,
): Generator<CellGroup> {
  const steps = Math.min(MOST_TASKS, timeChunk(times));
  const side = Math.min(
    MOST_CELLS_ASIDE,
    Math.max(1, Math.floor(Math.sqrt(MOST_TASKS / steps))),
    cellsPerTile(times, grid, cell),
  );
  const all = blocksOf(cells, side);
  const byTime = Math.ceil(times.length / steps) >= part.of;
  const share = (index: number) => Math.round((index * all.length) / part.of);
  const blocks = byTime ? all : all.slice(share(part.index), share(part.index + 1));
  for (let first = 0; first < times.length; first += steps) {
    if (byTime && (first / steps) % part.of !== part.index) continue;
    const timeIndices = Array.from({ length: Math.min(steps, times.length - first) }, (_, i) => first + i);
    for (const block of blocks) yield { timeIndices, cells: block };
  }
}

function blocksOf(cells: readonly Cell[], side: number): Cell[][] {
  const blocks = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = `${Math.floor(cell.yIndex / side)}/${Math.floor(cell.xIndex / side)}`;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [cell]);
    else block.push(cell);
  }
  return [...blocks.values()];
}

function* sourcesOf(times: readonly TimeGroup[]): Generator<BandSource> {
  for (const { members } of times) {
    for (const { bands } of members) for (const source of bands) if (source !== null) yield source;
  }
}

/** Longest chunk along a time axis among the sources. */
function timeChunk(times: readonly TimeGroup[]): number {
  let most = 1;
  for (const { raster } of sourcesOf(times)) {
    const axis = raster.dimensions.findIndex(({ timesMs }) => timesMs !== null);
    if (axis >= 0) most = Math.max(most, raster.levels[0]!.chunkShape[axis]!);
  }
  return most;
}

/** Cells along a side that the largest source tile covers, judged by pixel sizes in metres or degrees of one CRS. */
function cellsPerTile(times: readonly TimeGroup[], grid: GridSpec, cell: number): number {
  let most = 1;
  for (const { raster } of sourcesOf(times)) {
    const level = raster.levels[0]!;
    if (level.axes === null || level.transform === null) continue;
    const tile = Math.max(level.chunkShape[level.axes.x]!, level.chunkShape[level.axes.y]!);
    const ratio = Math.abs(level.transform[0] / grid.transform[0]);
    const pixels = ratio > 1e-2 && ratio < 1e2 ? tile * ratio : tile;
    most = Math.max(most, Math.ceil(pixels / cell));
  }
  return most;
}
