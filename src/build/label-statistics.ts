import { listTiles } from '../cube/place-source.js';
import { readWindow } from '../cube/read-window.js';
import type { TileCache } from '../cube/tile-cache.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { isFloatType, storedBytes, type Samples } from '../grid/dtype.js';
import { coverPolygons, type CoverageCells, type CoverageRule } from '../native/coverage.js';
import { weightedStatistics } from '../native/statistics.js';
import type { RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';
import type { PlacedLabel } from '../vector/clip-window.js';
import type { RasterPlane } from './raster-planes.js';
import type { Statistics } from './statistic.js';
import { WeightedValues } from './weighted-values.js';

/** One label on one raster. */
export type LabelStatisticsInput = {
  readonly raster: Raster;
  readonly planes: readonly RasterPlane[];
  readonly place: PlacedLabel;
  readonly rule: CoverageRule;
  readonly tiles: TileCache;
  readonly signal: AbortSignal | undefined;
};

/** A large label is read in strips of at most this many pixels. */
const STRIP_PIXELS = 2 ** 20;

/** Statistics of every plane of a raster under one label, in the planes' order. */
export async function labelStatistics(input: LabelStatisticsInput): Promise<Statistics[]> {
  const { raster, planes, place, rule } = input;
  const { dtype } = raster.levels[0]!;
  const sums = planes.map(() => new WeightedValues(!isFloatType(dtype) && storedBytes(dtype) <= 2));
  let coverage = 0;
  for (const window of strips(place.window)) {
    const covered = coverPolygons(place.polygons, window, rule);
    if (covered.cells.length === 0) continue;
    for (const fraction of covered.fractions) coverage += fraction;
    const masked = await readMask(input, window);
    for (const [i, plane] of planes.entries()) await addPlane(input, plane, { window, covered, masked }, sums[i]!);
  }
  return sums.map((sum) => ({ ...statisticsOf(sum, dtype), coverage }));
}

function statisticsOf({ values, weights }: WeightedValues, dtype: RasterLevel['dtype']): Omit<Statistics, 'coverage'> {
  const { count, sum, mean, stdev, variance, min, max, median, majority, minority, variety } = weightedStatistics(
    values,
    weights,
  );
  // exactextract gives quantiles in the raster's type.
  const middle = median === null || isFloatType(dtype) ? median : Math.trunc(median);
  return { count, sum, mean, stdev, variance, min, max, median: middle, majority, minority, variety };
}

function strips(window: Window | null): Window[] {
  if (window === null) return [];
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / window.width));
  const list: Window[] = [];
  for (let row = 0; row < window.height; row += rows) {
    list.push({ ...window, row: window.row + row, height: Math.min(rows, window.height - row) });
  }
  return list;
}

type Strip = { readonly window: Window; readonly covered: CoverageCells; readonly masked: Samples | null };

async function addPlane(
  { raster, tiles, signal }: LabelStatisticsInput,
  { at, info }: RasterPlane,
  { window, covered: { cells, fractions }, masked }: Strip,
  sum: WeightedValues,
): Promise<void> {
  const data = await readSamples(raster.levels[0]!, at, window, { tiles, signal });
  const nodata = info.nodata.map((value) => (data instanceof Float32Array ? Math.fround(value) : value));
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    const value = Number(data[cell]);
    if (Number.isNaN(value) || nodata.includes(value)) continue;
    if (masked !== null && Number(masked[cell]) === 0) continue;
    sum.add(value, fractions[i]!);
  }
}

/** Null where the raster has no mask. */
async function readMask({ raster, tiles, signal }: LabelStatisticsInput, window: Window): Promise<Samples | null> {
  const mask = raster.masks[0] ?? null;
  if (mask === null) return null;
  const first = mask.shape.map(() => 0);
  return readSamples(mask, first, window, { tiles, signal });
}

async function readSamples(
  level: RasterLevel,
  at: readonly number[],
  window: Window,
  { tiles, signal }: Pick<LabelStatisticsInput, 'tiles' | 'signal'>,
): Promise<Samples> {
  const { data, failed } = await readWindow({ level, at, tiles: listTiles(level, at, window) }, window, {
    tiles,
    signal,
  });
  if (failed.length > 0) throw new CubeError(failed[0]!.problem);
  return data;
}
