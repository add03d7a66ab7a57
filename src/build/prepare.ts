import { CubeError, formatProblem } from '../errors.js';
import { createTransform } from '../grid/transform.js';
import type { GridSpec } from '../grid/grid-spec.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal, pathOfUrl, resolveLocation } from '../io/location.js';
import type { RasterIndex } from '../raster/raster-index.js';
import type { DroppedItem, StacItem } from '../stac/item.js';
import { groupItems } from '../stac/group.js';
import { placeLabel, type PlacedLabel } from '../vector/clip-window.js';
import type { LabelSet } from '../vector/label.js';
import type { Candidate } from '../cube/candidate.js';
import { openCandidates, type OpenedCandidates } from '../cube/open-candidates.js';
import { planStorage } from '../cube/plan-storage.js';
import { planTasks, type CubePlan } from '../cube/plan.js';
import type { TimeGroup } from '../cube/time-group.js';
import { bandNames, planBands, specNodata } from '../cube/plan-bands.js';
import { middleLongitude, pixelMetres, resolveGrid } from '../cube/resolve-grid.js';
import type { BuildSpec } from '../cube/spec.js';
import type { MaskPlan, PlanContext } from '../cube/task.js';
import type { Progress } from './progress.js';
import type { ReadSpec } from './read-spec.js';
import { searchAll } from './search-all.js';
import { withoutUndefined } from './without-undefined.js';

/** Everything that is known before the first pixel is read. */
export type PreparedBuild = {
  readonly spec: BuildSpec;
  readonly folder: string;
  readonly grid: GridSpec;
  readonly context: PlanContext;
  readonly times: readonly TimeGroup[];
  readonly items: readonly StacItem[];
  readonly dropped: readonly DroppedItem[];
  readonly candidates: readonly Candidate[];
  readonly labels: LabelSet | null;
  readonly placed: readonly PlacedLabel[];
  readonly plan: CubePlan;
  readonly warnings: readonly string[];
  /** URLs of the rasters that a lake of references knew, whose headers were not read. */
  readonly indexed: ReadonlySet<string>;
};

/** What a plan needs beside the specification. */
export type PrepareOptions = {
  readonly sources: SourceFactory;
  readonly allowIncomplete: boolean;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Whether the cube lies on this machine, where its references may name files of it. */
  readonly localCube: boolean;
  /** Answers SQL from the lake, for `labels.path: lake:TABLE`; null where the build has no lake. */
  readonly queryLake: ((sql: string) => Promise<Record<string, unknown>[]>) | null;
  /** Knows rasters whose headers need not be read. */
  readonly index?: RasterIndex;
  /** HTTP headers of STAC API requests. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** Search, read labels and headers, compute the grid, group and plan. */
export async function prepareBuild({ spec, folder }: ReadSpec, options: PrepareOptions): Promise<PreparedBuild> {
  const { progress } = options;
  progress({ kind: 'phase', name: 'search' });
  const search = await searchAll(spec, folder, options);
  progress({ kind: 'phase', name: 'labels' });
  const labels = await readSpecLabels(spec, folder, options);
  progress({ kind: 'phase', name: 'headers' });
  const opened = await openCandidates(search.items, options.sources, {
    bands: bandNames(spec),
    nodata: (band) => specNodata(spec, band),
    keyOf: (band) => (spec.bands.includes(band) ? 'bands' : 'mask.band'),
    interval: search.interval,
    allowIncomplete: options.allowIncomplete,
    onOpened: (done, total) => progress({ kind: 'items', done, total }),
    ...(options.index === undefined ? {} : { index: options.index }),
    ...signalOf(options),
  });
  assertOpened(opened);
  progress({ kind: 'phase', name: 'plan' });
  const grid = resolveGrid(spec, opened.candidates, labels?.labels ?? []);
  const base = planContext(spec, grid, opened.candidates, options.allowIncomplete);
  const times = groupItems(opened.candidates, {
    groupby: spec.time.groupby,
    sortby: spec.sortby,
    midLon: middleLongitude(grid),
  });
  const placed = placeLabels(labels, grid);
  const cell = spec.grid.shard ?? spec.grid.chunk;
  const planIn = (context: PlanContext) => planTasks({ spec, grid, context, times, labels: placed, cell });
  const draft = planIn(base);
  // What is planned says which tiles lie under chunks, and they how the chunks are stored.
  const context = wantsReferences(spec)
    ? { ...base, tileChains: planStorage(draft.groups(), base, { chunk: grid.chunk, local: options.localCube }) }
    : base;
  const plan = context === base ? draft : planIn(context);
  assertData(plan, placed.length);
  const warnings = [...search.warnings, ...(labels?.warnings ?? []), ...opened.warnings];
  for (const text of warnings) progress({ kind: 'warning', text });
  const { items } = search;
  const dropped = [...search.dropped, ...opened.dropped];
  return {
    spec,
    folder,
    grid,
    context,
    times,
    items,
    dropped,
    candidates: opened.candidates,
    labels,
    placed,
    plan,
    warnings,
    indexed: opened.indexed,
  };
}

async function readSpecLabels(spec: BuildSpec, folder: string, options: PrepareOptions): Promise<LabelSet | null> {
  const { labels } = spec;
  if (labels === undefined) {
    if (spec.clip.mode === 'pixels') {
      throw new CubeError({
        kind: 'invalid-spec',
        path: 'clip.mode',
        what: 'clipping needs labels',
        fix: 'set labels, or clip: { mode: none }',
      });
    }
    return null;
  }
  const path = labels.path.startsWith('lake:') ? labels.path : localPath(resolveLocation(labels.path, `${folder}/`));
  const { where, layer, crs, h3, x, y } = labels;
  const pointColumns = x === undefined || y === undefined ? undefined : { x, y };
  const query = options.queryLake ?? undefined;
  // Only builds with labels need DuckDB.
  const { readLabels } = await import('../vector/read-labels.js');
  return readLabels({
    path,
    h3,
    ...withoutUndefined({ where, layer, crs, query, pointColumns }),
    ...signalOf(options),
  });
}

function localPath(location: string): string {
  return isLocal(location) ? pathOfUrl(location) : location;
}

function placeLabels(labels: LabelSet | null, grid: GridSpec): PlacedLabel[] {
  if (labels === null) return [];
  const transform = createTransform({ kind: 'epsg', code: 4326 }, grid.crs);
  return labels.labels.map((label) => placeLabel(label, grid, transform));
}

/** Where every item is broken, the cube would hold nothing but failures. */
function assertOpened({ candidates }: OpenedCandidates): void {
  if (candidates.length === 0) throw new CubeError({ kind: 'no-data', what: 'no item has data for the request' });
  if (candidates.some(({ broken }) => broken === null)) return;
  const { item, broken } = candidates[0]!;
  const count = candidates.length === 1 ? 'the only item' : `none of ${candidates.length} items`;
  const first = `${item.id}, band "${broken!.band}": ${formatProblem(broken!.problem)}`;
  const what = `${count} can${candidates.length === 1 ? 'not' : ''} be opened, such as ${first}`;
  throw new CubeError({ kind: 'no-data', what, fix: 'check the hrefs of the assets' });
}

/** A cube without any pixel of any item is a mistake in the request, not a cube. */
function assertData({ estimate, taskCount }: CubePlan, labels: number): void {
  if (taskCount === 0) {
    const what = `none of ${labels} labels (with clip.buffer) touches the grid`;
    throw new CubeError({
      kind: 'no-data',
      what,
      fix: 'check grid.extent and the labels, or set clip: { mode: none }',
    });
  }
  if (estimate.reads > 0) return;
  const what = labels === 0 ? 'no item has pixels on the grid' : 'no item has pixels where the labels are';
  throw new CubeError({ kind: 'no-data', what, fix: 'check grid.crs and grid.extent, source.bbox and the labels' });
}

function planContext(
  spec: BuildSpec,
  grid: GridSpec,
  candidates: readonly Candidate[],
  allowIncomplete: boolean,
): PlanContext {
  const bands = planBands(spec, candidates);
  const metres = pixelMetres(grid);
  const toPixels = (distance: number) => ({ x: distance / metres.x, y: distance / metres.y });
  const mode = spec.labels === undefined ? 'none' : spec.clip.mode;
  return {
    grid: { crs: grid.crs, transform: grid.transform },
    bands,
    mask: maskPlan(spec, toPixels),
    mosaic: spec.mosaic,
    clip: { mode, bufferPx: toPixels(mode === 'none' ? 0 : spec.clip.buffer) },
    allowIncomplete,
  };
}

function wantsReferences({ output: { cube } }: BuildSpec): boolean {
  return typeof cube === 'object' && cube.virtual === 'auto';
}

function maskPlan({ mask, bands }: BuildSpec, toPixels: (metres: number) => { x: number; y: number }): MaskPlan | null {
  if (mask === null) return null;
  const at = bands.indexOf(mask.band);
  const rule: MaskPlan['rule'] =
    mask.values !== undefined
      ? { kind: 'values', values: mask.values }
      : mask.range !== undefined
        ? { kind: 'range', from: mask.range[0], to: mask.range[1] }
        : { kind: 'bits', bits: mask.bits! };
  return { band: at < 0 ? bands.length : at, rule, invert: mask.invert, dilatePx: toPixels(mask.dilate) };
}

function signalOf({ signal }: { readonly signal?: AbortSignal }): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
