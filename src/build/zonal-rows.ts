import { isAbsolute, resolve } from 'node:path';
import { levelSize } from '../cube/read-window.js';
import { TileCache } from '../cube/tile-cache.js';
import { CubeError, redactUrl } from '../errors.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { createTransform } from '../grid/transform.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { CoverageRule } from '../native/coverage.js';
import { openRaster } from '../raster/open.js';
import type { Raster } from '../raster/raster.js';
import { placeLabel, type PlacedLabel } from '../vector/clip-window.js';
import type { Label } from '../vector/label.js';
import { readLabels } from '../vector/read-labels.js';
import { labelStatistics } from './label-statistics.js';
import { defaultMaxMemory } from './memory.js';
import { rasterPlanes } from './raster-planes.js';
import { runLanes } from './run-lanes.js';
import type { Statistics } from './statistic.js';

/** Labels, rasters and how pixels count. */
export type ZonalStatsInput = {
  /** Path of a label file, or labels that are read already. */
  readonly labels: string | readonly Label[];
  /** Paths or URLs of GeoTIFFs or Zarr arrays. */
  readonly rasters: readonly string[];
  /** `exact`: covered fraction; `center`: pixels whose centre is inside; `all-touched`. Default exact. */
  readonly rule?: CoverageRule;
  /** SQL over the labels' columns, for a label file. */
  readonly where?: string;
  /** Bytes for decoded tiles. */
  readonly maxMemory?: number;
  readonly sources?: SourceOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Statistics of one label on one band of one raster; exactextract's definitions, `coverage` counts pixels valid or not. */
export type ZonalRow = Statistics & {
  readonly labelId: number;
  readonly featureUid: string;
  /** As it was asked for; a URL without its query. */
  readonly raster: string;
  /** 1-based. */
  readonly band: number;
};

/** Labels at work at a time, so that a slow origin is asked for several tiles. */
const LANES = 8;

/**
 * One row for every label, raster and band, in that order; a label that misses a raster has count 0 and nulls. Labels in
 * any CRS are brought to the raster's, an edge split only where its chord leaves the true edge by more than 0.01 pixel.
 * Problems: those of labels and rasters, `no-data` where no label is usable.
 */
export async function zonalRows(input: ZonalStatsInput): Promise<ZonalRow[]> {
  const sources = createSources(input.sources ?? {});
  try {
    const labels = await labelsOf(input);
    const total = labels.length * input.rasters.length;
    let done = 0;
    const perRaster: ZonalRow[][][] = [];
    for (const name of input.rasters) {
      const job = { input, sources, name, onLabel: () => input.onProgress?.(++done, total) };
      perRaster.push(await rasterRows(labels, job));
    }
    return labels.flatMap((_, label) => perRaster.flatMap((rows) => rows[label]!));
  } finally {
    await sources.close();
  }
}

async function labelsOf({ labels, where, signal }: ZonalStatsInput): Promise<readonly Label[]> {
  const some = typeof labels !== 'string' ? labels : (await readLabels(labelOptions(labels, where, signal))).labels;
  if (some.length > 0) return some;
  const what = typeof labels === 'string' ? `${labels} has no usable label` : 'there are no labels';
  throw new CubeError({ kind: 'no-data', what });
}

function labelOptions(labels: string, where: string | undefined, signal: AbortSignal | undefined) {
  return {
    path: labelPath(labels),
    h3: 0,
    ...(where === undefined ? {} : { where }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Relative paths are relative to the working folder; URLs stay as they are. */
export function labelPath(path: string): string {
  return isAbsolute(path) || /^[a-z][a-z0-9+.-]+:/i.test(path) ? path : resolve(path);
}

type RasterJob = {
  readonly input: ZonalStatsInput;
  readonly sources: SourceFactory;
  readonly name: string;
  readonly onLabel: () => void;
};

/** The rows of every label, one a band, on one raster. */
async function rasterRows(
  labels: readonly Label[],
  { input, sources, name, onLabel }: RasterJob,
): Promise<ZonalRow[][]> {
  const { signal, rule = 'exact', maxMemory = defaultMaxMemory() } = input;
  const url = resolveLocation(name, `${process.cwd()}/`);
  const raster = await openRaster(sources, url, signal === undefined ? {} : { signal });
  const common = {
    raster,
    rule,
    planes: rasterPlanes(raster),
    tiles: new TileCache(sources, maxMemory / 2),
  };
  const rows: ZonalRow[][] = labels.map(() => []);
  const one = async ({ label, index, place }: LabelInOrder, either: AbortSignal): Promise<void> => {
    const statistics = await labelStatistics({ ...common, place, signal: either });
    const ids = { labelId: label.labelId, featureUid: label.featureUid, raster: shownName(name) };
    rows[index] = statistics.map((values, band) => ({ ...ids, band: band + 1, ...values }));
    onLabel();
  };
  await runLanes(inTileOrder(raster, labels), LANES, one, signal);
  return rows;
}

type LabelInOrder = { readonly label: Label; readonly index: number; readonly place: PlacedLabel };

/** Labels with their places, in the order of the tiles that they begin in, so that each tile is decoded once while it is kept. */
function inTileOrder(raster: Raster, labels: readonly Label[]): LabelInOrder[] {
  const level = raster.levels[0]!;
  const { axes, crs, transform } = level;
  if (axes === null || crs === null || transform === null) {
    const what = 'it has no CRS or no transform, so labels cannot be placed on it';
    throw new CubeError({ kind: 'invalid-data', url: raster.url, what });
  }
  const grid: GridSpec = { crs, transform, size: levelSize(level), chunk: { width: 1, height: 1 } };
  const toRaster = createTransform({ kind: 'epsg', code: 4326 }, crs);
  const [width, height] = [level.chunkShape[axes.x]!, level.chunkShape[axes.y]!];
  const placed = labels.map((label, index) => {
    const place = placeLabel(label, grid, toRaster);
    const { row, col } = place.window ?? { row: -1, col: -1 };
    return { label, index, place, tileRow: Math.floor(row / height), tileCol: Math.floor(col / width) };
  });
  return placed.sort((a, b) => a.tileRow - b.tileRow || a.tileCol - b.tileCol || a.index - b.index);
}

/** A path may hold what ends a URL. */
function shownName(name: string): string {
  return name.includes('://') ? redactUrl(name) : name;
}
