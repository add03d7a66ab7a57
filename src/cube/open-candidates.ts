import { CubeError, isCubeError, problemAt, problemOf } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { RasterIndex } from '../raster/raster-index.js';
import { isClassBand, resolveBand, type ResolvedBand } from '../stac/resolve-band.js';
import type { DroppedItem, StacItem } from '../stac/item.js';
import type { BandSource, BrokenBand, Candidate } from './candidate.js';
import { contradictions } from './contradictions.js';
import type { Nodata } from './nodata.js';
import type { OpenedBand } from './opened-band.js';
import { RasterCache, type NamedBand } from './raster-cache.js';
import { timeSteps } from './time-steps.js';

/** What is opened of the items, and what overrides their files. */
export type OpenOptions = {
  /** Requested bands, then the mask band where it is not one of them. */
  readonly bands: readonly string[];
  /** Values of the specification by band; they win over the file's. */
  readonly nodata: (band: string) => readonly Nodata[] | null;
  /** Key of the specification that names a band, for errors. */
  readonly keyOf: (band: string) => string;
  /** Closed interval that the time steps of an item's Zarr assets must lie in. */
  readonly interval: (item: StacItem) => { readonly fromMs: number; readonly toMs: number };
  readonly allowIncomplete: boolean;
  /** Knows rasters whose headers need not be read. */
  readonly index?: RasterIndex;
  readonly signal?: AbortSignal;
  readonly onOpened?: (done: number, total: number) => void;
};

/** What can be used of the items, what cannot, and what contradicts itself. */
export type OpenedCandidates = {
  readonly candidates: readonly Candidate[];
  readonly dropped: readonly DroppedItem[];
  readonly warnings: readonly string[];
  /** URLs of the rasters that came from the index. */
  readonly indexed: ReadonlySet<string>;
};

/** Headers read at a time; the byte sources limit each origin further. */
const CONCURRENT_ITEMS = 16;

/**
 * Read the headers of every band of every item. Items without one of the bands are dropped with the reason; where no
 * item has a band it is an error. Where a header cannot be read the build stops, unless it may be incomplete.
 */
export async function openCandidates(
  items: readonly StacItem[],
  sources: SourceFactory,
  options: OpenOptions,
): Promise<OpenedCandidates> {
  const resolved = resolveItems(items, options);
  const rasters = new RasterCache(sources, options.signal);
  if (options.index !== undefined) await rasters.fill(options.index, bandsOf(resolved.kept, options));
  const found: Candidate[][] = Array.from({ length: resolved.kept.length }, () => []);
  const warnings: string[] = [];
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < resolved.kept.length) {
      const index = next++;
      options.signal?.throwIfAborted();
      found[index] = await openItem(resolved.kept[index]!, rasters, options, warnings);
      options.onOpened?.(++done, resolved.kept.length);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_ITEMS }, worker));
  return {
    candidates: found.flat(),
    dropped: resolved.dropped,
    warnings: [...warnings.sort(), ...contradictions(found.flat(), options.bands)],
    indexed: rasters.indexed,
  };
}

function bandsOf(items: readonly ResolvedItem[], { bands }: OpenOptions): NamedBand[] {
  return items.flatMap((item) => item.bands.map((band, index) => ({ band, name: bands[index]! })));
}

type ResolvedItem = { readonly item: StacItem; readonly bands: readonly ResolvedBand[] };

function resolveItems(
  items: readonly StacItem[],
  { bands, keyOf }: Pick<OpenOptions, 'bands' | 'keyOf'>,
): { kept: ResolvedItem[]; dropped: DroppedItem[] } {
  const kept: ResolvedItem[] = [];
  const dropped: DroppedItem[] = [];
  let firstError: unknown = null;
  for (const item of items) {
    try {
      kept.push({ item, bands: bands.map((band) => resolveBand(item, band, keyOf(band))) });
    } catch (error) {
      if (!isCubeError(error, 'invalid-spec')) throw error;
      firstError ??= error;
      dropped.push({ item, reason: error.problem.what });
    }
  }
  if (kept.length === 0 && firstError !== null) throw firstError;
  return { kept, dropped };
}

async function openItem(
  { item, bands }: ResolvedItem,
  rasters: RasterCache,
  options: OpenOptions,
  warnings: string[],
): Promise<Candidate[]> {
  const opened: (OpenedBand | null)[] = [];
  let broken: BrokenBand | null = null;
  for (const [index, band] of bands.entries()) {
    const name = options.bands[index]!;
    try {
      opened.push({ ...band, name, raster: await rasters.open(band, name) });
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'aborted' || !options.allowIncomplete) throw withItem(error, item, name);
      broken ??= { band: name, problem, attempts: problem.kind === 'network' ? problem.attempts : 1 };
      opened.push(null);
    }
  }
  for (const band of opened) {
    for (const problem of band?.raster.problems ?? []) warnings.push(`${item.id}, ${band!.name}: ${problem}`);
  }
  if (broken !== null) return [{ ...candidateOf(item, item.timeMs), bands: opened.map(() => null), broken }];
  return timeSteps(item, opened as OpenedBand[], options.interval(item), warnings).map(({ timeMs, steps }) => ({
    ...candidateOf(item, timeMs),
    bands: (opened as OpenedBand[]).map((band, index) => bandSource(item, band, steps[index]!, options)),
    broken: null,
  }));
}

function candidateOf(item: StacItem, timeMs: number): Pick<Candidate, 'item' | 'id' | 'timeMs' | 'properties'> {
  return { item, id: item.id, timeMs, properties: item.properties };
}

/** The plane of a raster at a time step: every dimension but x, y, band and time must have one entry. */
function bandSource(item: StacItem, opened: OpenedBand, step: number, options: OpenOptions): BandSource {
  const { raster, bandIndex, name, asset, band } = opened;
  const level = raster.levels[0]!;
  const axes = level.axes;
  if (axes === null)
    throw new CubeError({ kind: 'unsupported', feature: `band "${name}" has no x and y axes`, url: raster.url });
  const at = raster.dimensions.map((dimension, d) => {
    if (d === axes.x || d === axes.y) return 0;
    if (d === axes.band) return bandIndex;
    if (dimension.timesMs !== null) return step;
    if (dimension.size === 1) return 0;
    const feature = `band "${name}" of item ${item.id}: dimension "${dimension.name}" of size ${dimension.size}`;
    throw new CubeError({ kind: 'unsupported', feature, url: raster.url });
  });
  const file = raster.bands[axes.band === null ? 0 : bandIndex];
  if (file === undefined) {
    const what = `band "${name}" is band ${bandIndex + 1}, the file has ${raster.bands.length}`;
    throw new CubeError({ kind: 'invalid-data', url: raster.url, what });
  }
  const said = band?.nodata ?? null;
  const nodata = options.nodata(name) ?? (file.nodata.length > 0 ? file.nodata : said === null ? [] : [said]);
  const scaledFile = file.scale !== 1 || file.offset !== 0;
  const scale = scaledFile ? file.scale : (band?.scale ?? 1);
  const offset = scaledFile ? file.offset : (band?.offset ?? 0);
  return { raster, at, nodata, scale, offset, classes: isClassBand(asset, name), href: asset.href };
}

function withItem(error: unknown, item: StacItem, band: string): unknown {
  if (!isCubeError(error)) return error;
  const where = `item ${item.id}, band "${band}"`;
  return new CubeError(problemAt(error.problem, where), { cause: error });
}
