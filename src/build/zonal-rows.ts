import { isAbsolute, resolve } from 'node:path';
import { TileCache } from '../cube/tile-cache.js';
import { CubeError, redactUrl } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { CoverageRule } from '../native/coverage.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import type { RasterLevel } from '../raster/level.js';
import { openNamedRaster } from '../raster/open-named.js';
import type { Label } from '../vector/label.js';
import { readLabels } from '../vector/read-labels.js';
import { groupStatistics } from './group-statistics.js';
import { labelStatistics } from './label-statistics.js';
import { needsOf, nothingMeasured } from './measured.js';
import { defaultMaxMemory } from './memory.js';
import { PlacedLabels, type LabelGroup } from './placed-labels.js';
import { runLanes } from '../io/run-lanes.js';
import { rasterPlanes } from './raster-planes.js';
import { STATISTICS, type Statistic, type Statistics } from './statistic.js';

/** Labels, rasters and how pixels count. */
export type ZonalStatsInput<S extends Statistic = Statistic> = {
  /** Path of a label file, or labels that are read already. */
  readonly labels: string | readonly Label[];
  /** Paths or URLs of GeoTIFFs or Zarr arrays. */
  readonly rasters: readonly string[];
  /** `exact`: covered fraction; `center`: pixels whose centre is inside; `all-touched`. Default exact. */
  readonly rule?: CoverageRule;
  /** SQL over the labels' columns, for a label file. */
  readonly where?: string;
  /** Array of the Zarr groups among the rasters; GeoTIFFs have none. */
  readonly variable?: string;
  /** Version of the Icechunk repositories, which all of the rasters are then. */
  readonly version?: IcechunkVersion;
  /** Statistics that are computed; all by default. Leaving out what needs the values in order saves most of the time. */
  readonly statistics?: readonly S[];
  /** Bytes for decoded tiles, coverage and the values of large labels. */
  readonly maxMemory?: number;
  readonly sources?: SourceOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Statistics of one label on one band of one raster; exactextract's definitions, `coverage` counts pixels valid or not. */
export type ZonalRow<S extends Statistic = Statistic> = Pick<Statistics, S> & {
  readonly labelId: number;
  readonly featureUid: string;
  /** As it was asked for; a URL without its query. */
  readonly raster: string;
  /** 1-based. */
  readonly band: number;
};

/** Groups of labels at work at a time, so that a slow origin is asked for several tiles. */
const LANES = 8;
/** Rasters at work at a time: the next one's tiles are decoded while the last ones of the one before are measured. */
const RASTERS = 2;
/** Decoded tiles that are kept for labels that reach into the next row of tiles; more would only be fresh memory. */
const TILE_CACHE_BYTES = 128 * 1024 ** 2;

/**
 * One row for every label, raster and band, in that order; a label that misses a raster has count 0 and nulls. Labels in
 * any CRS are brought to the raster's, an edge split only where its chord leaves the true edge by more than 0.01 pixel.
 * Rasters of the same grid share the labels' places and coverage. Problems: those of labels and rasters, `no-data` where no
 * label is usable, `budget` where a large label has more different values than `maxMemory` holds.
 */
export async function zonalRows<S extends Statistic = Statistic>(input: ZonalStatsInput<S>): Promise<ZonalRow<S>[]> {
  const sources = createSources(input.sources ?? {});
  try {
    const labels = await labelsOf(input);
    const total = labels.length * input.rasters.length;
    let done = 0;
    const onLabels = (count: number) => input.onProgress?.((done += count), total);
    const tiles = new TileCache(sources, Math.min((input.maxMemory ?? defaultMaxMemory()) / 2, TILE_CACHE_BYTES));
    const job = { input, labels, sources, tiles, placed: new Map<string, PlacedLabels>(), onLabels };
    const perRaster: ZonalRow<S>[][][] = [];
    const next = async (index: number, signal: AbortSignal) => {
      perRaster[index] = await rasterRows({ ...job, input: { ...input, signal } }, input.rasters[index]!);
    };
    await runLanes(input.rasters.keys(), RASTERS, next, input.signal);
    return labels.flatMap((_, label) => perRaster.flatMap((rows) => rows[label]!));
  } finally {
    await sources.close();
  }
}

async function labelsOf({
  labels,
  where,
  signal,
}: Pick<ZonalStatsInput, 'labels' | 'where' | 'signal'>): Promise<readonly Label[]> {
  const some = typeof labels !== 'string' ? labels : (await readLabels(labelOptions(labels, where, signal))).labels;
  if (some.length > 0) return some;
  const what = typeof labels === 'string' ? `${labels} has no usable label` : 'there are no labels';
  throw new CubeError({ kind: 'no-data', what });
}

function labelOptions(labels: string, where: string | undefined, signal: AbortSignal | undefined) {
  return {
    path: labelPath(labels),
    h3: null,
    ...(where === undefined ? {} : { where }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Relative paths are relative to the working folder; URLs stay as they are. */
export function labelPath(path: string): string {
  return isAbsolute(path) || /^[a-z][a-z0-9+.-]+:/i.test(path) ? path : resolve(path);
}

type Job<S extends Statistic> = {
  readonly input: ZonalStatsInput<S>;
  readonly labels: readonly Label[];
  readonly sources: SourceFactory;
  readonly tiles: TileCache;
  /** Labels on the grids met so far. */
  readonly placed: Map<string, PlacedLabels>;
  readonly onLabels: (count: number) => void;
};

/** The rows of every label, one a band, on one raster. */
async function rasterRows<S extends Statistic>(job: Job<S>, name: string): Promise<ZonalRow<S>[][]> {
  const { input, sources, tiles, onLabels } = job;
  const { signal, rule = 'exact', maxMemory = defaultMaxMemory() } = input;
  const wanted: readonly Statistic[] = input.statistics ?? STATISTICS;
  const url = resolveLocation(name, `${process.cwd()}/`);
  const raster = await openNamedRaster(sources, url, { variable: input.variable, version: input.version, signal });
  const labels = placedOn(job, raster.levels[0]!, { rule, maxMemory });
  const planes = rasterPlanes(raster);
  const rows: Statistics[][] = job.labels.map(() => planes.map(nothingMeasured));
  const common = { raster, planes, labels, rule, needs: needsOf(wanted), valueBytes: maxMemory / 4 };
  const group = async (one: LabelGroup, either: AbortSignal): Promise<void> => {
    const found = await groupStatistics({ ...common, reading: { tiles, signal: either } }, one);
    for (const [i, { index }] of one.labels.entries()) rows[index] = found[i]!;
    onLabels(one.labels.length);
  };
  await runLanes(labels.groups, LANES, group, signal);
  for (const label of labels.large) {
    rows[label.index] = await labelStatistics({ ...common, label, reading: { tiles, signal } });
    onLabels(1);
  }
  onLabels(job.labels.length - labels.count);
  return rows.map((bands, i) => {
    const { labelId, featureUid } = job.labels[i]!;
    return bands.map((all, band) => {
      const values = Object.fromEntries(wanted.map((statistic) => [statistic, all[statistic]])) as Pick<Statistics, S>;
      return { labelId, featureUid, raster: shownName(name), band: band + 1, ...values };
    });
  });
}

/** The labels on a raster's grid; rasters of one grid and tiling share them. */
function placedOn<S extends Statistic>(
  { labels, placed }: Job<S>,
  level: RasterLevel,
  { rule, maxMemory }: { readonly rule: CoverageRule; readonly maxMemory: number },
): PlacedLabels {
  const { crs, transform, axes, shape, chunkShape } = level;
  const size = (lengths: readonly number[]) => axes !== null && [lengths[axes.x], lengths[axes.y]];
  const key = JSON.stringify([crs, transform, size(shape), size(chunkShape)]);
  let found = placed.get(key);
  if (found === undefined) {
    found = new PlacedLabels(labels, level, rule, maxMemory / 8);
    placed.set(key, found);
  }
  return found;
}

/** A path may hold what ends a URL. */
function shownName(name: string): string {
  return name.includes('://') ? redactUrl(name) : name;
}
