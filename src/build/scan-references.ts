import { CubeError, isCubeError, problemOf, redactUrl } from '../errors.js';
import { MAX_REQUESTS } from '../io/origin-limit.js';
import { runLanes } from '../io/run-lanes.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { KnownRaster, ReferenceLake } from '../lake/reference-lake.js';
import { rasterKey, rasterName, type RasterName } from '../raster/raster-index.js';
import { lakeLocation, openRasterIndex, reportedCatalog, type LakeInput } from './lake-input.js';
import { scanRaster } from './scan-raster.js';
import { findTargets, type RefusedRaster, type ScanQuery, type ScanTarget } from './scan-targets.js';
import { ScanBatches } from './scan-batches.js';

/** What is scanned, and into which lake. */
export type ScanInput = ScanQuery & {
  /** Rasters, or STAC catalogues, collections, items, item collections, tables and API roots; paths or URLs. */
  readonly hrefs: readonly string[];
  /** The lake is created where it is absent. */
  readonly lake: LakeInput;
  /** Open every raster, known or not, and replace what is stored of it. */
  readonly again?: boolean;
  /** Headers read at a time; each origin may get fewer. Default 128. */
  readonly concurrency?: number;
  readonly sources?: SourceOptions;
  readonly onProgress?: (done: number, total: number) => void;
};

/** What a scan found and left in the lake. */
export type ScanReport = {
  readonly lake: string;
  /** Distinct rasters that were asked for, but for those refused unseen. */
  readonly rasters: number;
  readonly added: number;
  /** They were in the lake, and had changed since (or were scanned again). */
  readonly replaced: number;
  /** They were in the lake, and have not changed. */
  readonly unchanged: number;
  /** Rows that were written: levels with their masks, and references. */
  readonly levels: number;
  readonly references: number;
  readonly refused: readonly RefusedRaster[];
  readonly warnings: readonly string[];
  readonly seconds: number;
};

/**
 * Read the headers of rasters and keep their levels and references in a lake. What is there and has not changed is
 * skipped after one small read, so that a scan which was stopped goes on. Rasters that cannot be stored are in the report,
 * with the reason; an abort keeps what is done.
 */
export async function scanReferences(input: ScanInput): Promise<ScanReport> {
  const startedAt = Date.now();
  const { lake: place, sources: options = {}, signal } = input;
  const { catalog } = lakeLocation(place);
  const sources = createSources(options);
  const lake = await openRasterIndex(place);
  try {
    const { targets, refused, warnings } = await findTargets(input.hrefs, queryOf(input), sources);
    if (targets.length + refused.length === 0) throw nothingFound();
    const { named, unnamed } = nameTargets(targets);
    const scanned = await scanAll(named, lake, input);
    return {
      lake: reportedCatalog(catalog),
      rasters: targets.length,
      ...scanned,
      refused: [...refused, ...unnamed, ...scanned.refused].sort(byHref),
      warnings,
      seconds: (Date.now() - startedAt) / 1000,
    };
  } catch (error) {
    // Whatever an abort breaks first, it is one problem.
    if (signal?.aborted !== true || isCubeError(error, 'aborted')) throw error;
    throw new CubeError({ kind: 'aborted', what: 'the scan was stopped' }, { cause: error });
  } finally {
    await lake.close();
    await sources.close();
  }
}

type Scanned = Pick<ScanReport, 'added' | 'replaced' | 'unchanged' | 'levels' | 'references' | 'refused'>;

async function scanAll(named: readonly NamedTarget[], lake: ReferenceLake, input: ScanInput): Promise<Scanned> {
  const { again = false, concurrency = MAX_REQUESTS, onProgress = () => {}, signal } = input;
  const known = await knownRasters(lake, named, signal);
  const batches = new ScanBatches(lake);
  const counts = { added: 0, replaced: 0, unchanged: 0 };
  const refused: RefusedRaster[] = [];
  let done = 0;
  const scan = async ({ target, name }: NamedTarget, either: AbortSignal): Promise<void> => {
    const before = known.get(rasterKey(name)) ?? null;
    try {
      const stored = await scanRaster(target, name, again ? null : before, either);
      if (stored === null) counts.unchanged++;
      else if (await batches.add(stored, before !== null)) counts[before === null ? 'added' : 'replaced']++;
    } catch (error) {
      if (either.aborted || !isCubeError(error) || isCubeError(error, 'lake')) throw error;
      refused.push(refusal(target, error));
    }
    onProgress(++done, named.length);
  };
  try {
    await runLanes(named, Math.max(1, concurrency), scan, signal);
  } finally {
    await batches.finish();
  }
  return { ...counts, levels: batches.levels, references: batches.references, refused };
}

type NamedTarget = { readonly target: ScanTarget; readonly name: RasterName };

function queryOf(input: ScanInput): ScanQuery {
  const {
    hrefs: _,
    lake: _lake,
    again: _again,
    concurrency: _lanes,
    sources: _sources,
    onProgress: _told,
    ...query
  } = input;
  return query;
}

/** Targets whose URLs may be stored, and those whose may not. */
function nameTargets(targets: readonly ScanTarget[]): { named: NamedTarget[]; unnamed: RefusedRaster[] } {
  const named: NamedTarget[] = [];
  const unnamed: RefusedRaster[] = [];
  for (const target of targets) {
    try {
      const name = rasterName(target.sources, target.href, target.variable);
      if (name === null) throw secretUrl(target.href);
      named.push({ target, name });
    } catch (error) {
      if (!isCubeError(error)) throw error;
      unnamed.push(refusal(target, error));
    }
  }
  return { named, unnamed };
}

function nothingFound(): CubeError {
  const fix = 'check collections, datetime, bbox and bands';
  return new CubeError({ kind: 'no-data', what: 'no item with a raster matches', fix });
}

function secretUrl(href: string): CubeError {
  const feature = 'a URL with a query, fragment or user info, which is never stored';
  const fix = 'give the plain URL, and credentials or a sign hook';
  return new CubeError({ kind: 'unsupported', url: redactUrl(href), feature, fix });
}

function knownRasters(
  lake: ReferenceLake,
  named: readonly NamedTarget[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, KnownRaster>> {
  const names = named.map(({ name }) => name);
  return lake.known(names, signal === undefined ? {} : { signal });
}

function refusal({ href, itemId, band }: ScanTarget, error: unknown): RefusedRaster {
  return { href: redactUrl(href), itemId, band, problem: problemOf(error) };
}

function byHref(a: RefusedRaster, b: RefusedRaster): number {
  return a.href === b.href ? ((a.band ?? '') < (b.band ?? '') ? -1 : 1) : a.href < b.href ? -1 : 1;
}
