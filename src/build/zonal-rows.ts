import { resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { Affine, Window } from '../grid/affine.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { createTransform } from '../grid/transform.js';
import { isFloatType, type Samples } from '../grid/dtype.js';
import { coverPolygons, type CoverageRule } from '../native/coverage.js';
import { weightedStatistics } from '../native/statistics.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { SourceFactory } from '../io/byte-source.js';
import { openRaster } from '../raster/open.js';
import type { Raster, RasterBand } from '../raster/raster.js';
import { listTiles } from '../cube/place-source.js';
import { levelSize, readWindow } from '../cube/read-window.js';
import { TileCache } from '../cube/tile-cache.js';
import { placeLabel, type PlacedLabel } from '../vector/clip-window.js';
import type { Label } from '../vector/label.js';
import { readLabels } from '../vector/read-labels.js';
import { defaultMaxMemory } from './memory.js';

export const STATISTICS = [
  'count',
  'sum',
  'mean',
  'stdev',
  'variance',
  'min',
  'max',
  'median',
  'majority',
  'minority',
  'variety',
  'coverage',
] as const;
export type Statistic = (typeof STATISTICS)[number];

export type ZonalStatsInput = {
  /** Path of a label file, or labels that are read already. */
  readonly labels: string | readonly Label[];
  /** Paths or URLs of GeoTIFFs or Zarr arrays. */
  readonly rasters: readonly string[];
  /** `exact`: covered fraction; `center`: pixels whose centre is inside; `all-touched`. Default exact. */
  readonly rule?: CoverageRule;
  readonly where?: string;
  /** Bytes for decoded tiles. */
  readonly maxMemory?: number;
  readonly sources?: SourceOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Statistics of one label on one band of one raster; exactextract's definitions, `coverage` counts pixels valid or not. */
export type ZonalRow = {
  readonly labelId: number;
  readonly featureUid: string;
  readonly raster: string;
  /** 1-based. */
  readonly band: number;
} & { readonly [S in Statistic]: number | null };

/**
 * One row for every label, raster and band, in that order; a label that misses a raster has count 0 and nulls. Labels in
 * any CRS are brought to the raster's, an edge split only where its chord leaves the true edge by more than 0.01 pixel.
 */
export async function zonalRows(input: ZonalStatsInput): Promise<ZonalRow[]> {
  const sources = createSources(input.sources ?? {});
  try {
    const labels = await labelsOf(input);
    const perRaster: ZonalRow[][] = [];
    let done = 0;
    for (const url of input.rasters) {
      const raster = await openRaster(sources, url, signalOf(input));
      const total = labels.length * input.rasters.length;
      const rows = await rasterRows(raster, labels, {
        input,
        sources,
        url,
        onLabel: () => input.onProgress?.(++done, total),
      });
      perRaster.push(rows);
    }
    return inLabelOrder(labels, perRaster);
  } finally {
    await sources.close();
  }
}

async function labelsOf({ labels, where, signal }: ZonalStatsInput): Promise<readonly Label[]> {
  if (typeof labels !== 'string') return labels;
  const set = await readLabels({
    path: resolve(labels),
    h3: 0,
    ...(where === undefined ? {} : { where }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (set.labels.length > 0) return set.labels;
  throw new CubeError({ kind: 'no-data', what: `${labels} has no usable label` });
}

type RasterJob = {
  readonly input: ZonalStatsInput;
  readonly sources: SourceFactory;
  readonly url: string;
  readonly onLabel: () => void;
};

/** Labels are visited in the order of the tiles that they lie in, so that each tile is decoded once while it is kept. */
async function rasterRows(raster: Raster, labels: readonly Label[], job: RasterJob): Promise<ZonalRow[]> {
  const level = raster.levels[0]!;
  const { axes, crs, transform } = level;
  if (axes === null || crs === null || transform === null) {
    const what = 'it has no CRS or no transform, so labels cannot be placed on it';
    throw new CubeError({ kind: 'invalid-data', url: raster.url, what });
  }
  const grid: GridSpec = {
    crs,
    transform: transform as Affine,
    size: levelSize(level),
    chunk: { width: 1, height: 1 },
  };
  const toRaster = createTransform({ kind: 'epsg', code: 4326 }, crs);
  const placed = labels.map((label, index) => ({ label, index, place: placeLabel(label, grid, toRaster) }));
  const tile = { width: level.chunkShape[axes.x]!, height: level.chunkShape[axes.y]! };
  const tileOf = ({ place: { window } }: (typeof placed)[number]) =>
    window === null ? -1 : Math.floor(window.row / tile.height) * 1e9 + Math.floor(window.col / tile.width);
  placed.sort((a, b) => tileOf(a) - tileOf(b) || a.index - b.index);
  const tiles = new TileCache(job.sources, (job.input.maxMemory ?? defaultMaxMemory()) / 2);
  const rows: { index: number; band: number; row: ZonalRow }[] = [];
  for (const { label, index, place } of placed) {
    job.input.signal?.throwIfAborted();
    for (const [band, { at, info }] of planesOf(raster).entries()) {
      const statistics = await labelStatistics(raster, { at, info, place, tiles, job });
      const ids = { labelId: label.labelId, featureUid: label.featureUid, raster: job.url, band: band + 1 };
      rows.push({ index, band, row: { ...ids, ...statistics } });
    }
    job.onLabel();
  }
  return rows.sort((a, b) => a.index - b.index || a.band - b.band).map(({ row }) => row);
}

/** Every plane of a raster in C order of its dimensions other than x and y. */
function planesOf({ levels, bands }: Raster): { at: number[]; info: RasterBand }[] {
  const { shape, axes } = levels[0]!;
  const others = shape.map((size, d) => (d === axes!.x || d === axes!.y ? 1 : size));
  const count = others.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, flat) => {
    const at = others.map(() => 0);
    let rest = flat;
    for (let d = others.length - 1; d >= 0; d--) {
      at[d] = rest % others[d]!;
      rest = Math.floor(rest / others[d]!);
    }
    return { at, info: bands[axes!.band === null ? 0 : at[axes!.band]!] ?? bands[0]! };
  });
}

type Statistics = { [S in Statistic]: number | null };

async function labelStatistics(
  raster: Raster,
  {
    at,
    info,
    place,
    tiles,
    job,
  }: { at: readonly number[]; info: RasterBand; place: PlacedLabel; tiles: TileCache; job: RasterJob },
): Promise<Statistics> {
  const values: number[] = [];
  const weights: number[] = [];
  let coverage = 0;
  for (const window of strips(place.window)) {
    const { cells, fractions } = coverPolygons(place.polygons, window, job.input.rule ?? 'exact');
    if (cells.length === 0) continue;
    const { data, valid } = await readValid(raster, { at, info, window, tiles, signal: job.input.signal });
    for (let i = 0; i < cells.length; i++) {
      coverage += fractions[i]!;
      if (!valid[cells[i]!]) continue;
      values.push(Number(data[cells[i]!]));
      weights.push(fractions[i]!);
    }
  }
  const { count, sum, mean, stdev, variance, min, max, median, majority, minority, variety } = weightedStatistics(
    Float64Array.from(values),
    Float64Array.from(weights),
  );
  // exactextract gives quantiles in the raster's type.
  const middle = median === null || isFloatType(raster.levels[0]!.dtype) ? median : Math.trunc(median);
  return { count, sum, mean, stdev, variance, min, max, median: middle, majority, minority, variety, coverage };
}

/** A large label is read in strips of at most this many pixels. */
const STRIP_PIXELS = 4_000_000;

function strips(window: Window | null): Window[] {
  if (window === null) return [];
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / window.width));
  const list: Window[] = [];
  for (let row = 0; row < window.height; row += rows) {
    list.push({ ...window, row: window.row + row, height: Math.min(rows, window.height - row) });
  }
  return list;
}

async function readValid(
  { levels, masks }: Raster,
  {
    at,
    info,
    window,
    tiles,
    signal,
  }: { at: readonly number[]; info: RasterBand; window: Window; tiles: TileCache; signal: AbortSignal | undefined },
): Promise<{ data: Samples; valid: Uint8Array }> {
  const level = levels[0]!;
  const { data, failed } = await readWindow({ level, at, tiles: listTiles(level, at, window) }, window, tiles, signal);
  const mask = masks[0] ?? null;
  const zeros = mask === null ? [] : mask.shape.map(() => 0);
  const masked =
    mask === null
      ? null
      : await readWindow({ level: mask, at: zeros, tiles: listTiles(mask, zeros, window) }, window, tiles, signal);
  const problem = [...failed, ...(masked?.failed ?? [])][0]?.problem;
  if (problem !== undefined) throw new CubeError(problem);
  const nodata = info.nodata.map((value) => (data instanceof Float32Array ? Math.fround(value) : value));
  const valid = Uint8Array.from({ length: data.length }, (_, i) => {
    const value = Number(data[i]);
    return Number.isNaN(value) || nodata.includes(value) || (masked !== null && Number(masked.data[i]) === 0) ? 0 : 1;
  });
  return { data, valid };
}

function inLabelOrder(labels: readonly Label[], perRaster: readonly (readonly ZonalRow[])[]): ZonalRow[] {
  return labels.flatMap((_, index) =>
    perRaster.flatMap((rows) => {
      const bands = rows.length / labels.length;
      return rows.slice(index * bands, (index + 1) * bands);
    }),
  );
}

function signalOf({ signal }: ZonalStatsInput): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
