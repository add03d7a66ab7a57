import { randomUUID } from 'node:crypto';
import { codeVersion } from '../../build/code-version.js';
import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import { CubeError, isCubeError, problemOf, redactUrl, type Problem } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { createSources } from '../../io/sources.js';
import type { SignHook } from '../../io/url-signer.js';
import type { RetryOptions } from '../../io/with-retries.js';
import type { WholeItem } from '../../stac/collector.js';
import { parseCql2 } from '../../stac/cql2/parse-text.js';
import type { LonLatBox } from '../../stac/item-box.js';
import { MAX_S2_LEVEL } from '../../vector/s2-cover.js';
import { bestOfPlaces, cloudCoverOf, isSearched, planHarvest, runHarvest } from './harvest.js';
import { readStacInput } from './read-input.js';
import { boxesAround, type SiteExtent } from './site-boxes.js';
import type { SourceOverrides, StacSource } from './source.js';
import { StacSession, type StacCommit } from './stac-session.js';

/** Which items are brought into which lake. */
export type StacFetchInput = SourceOverrides & {
  /** Manifests (path, or object), names of providers, and URLs or paths of APIs, catalogues, items, .parquet and .ndjson. */
  readonly from: string | object | readonly (string | object)[];
  /** Folder of relative paths; the working directory by default. */
  readonly folder?: string;
  /** Made where it is absent. */
  readonly lake: LakeInput;
  /** Names of catalogues of a manifest; all by default. */
  readonly only?: readonly string[];
  /** Search only around the sites that the lake holds. */
  readonly sites?: boolean;
  /** Levels (0 to 30) of the S2 cells whose tokens go into the column `s2_tokens`; null there where left out. */
  readonly s2Levels?: readonly number[];
  /** Go on without the catalogues that fail. */
  readonly keepGoing?: boolean;
  /** HTTP headers for the servers that the catalogues lie on. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly retries?: RetryOptions;
  /** Makes documents and files readable that no API serves; see `SourceOptions`. */
  readonly sign?: SignHook;
  readonly onProgress?: (progress: { readonly source: string; readonly items: number }) => void;
  readonly signal?: AbortSignal;
};

/** What became of one catalogue. `found` = `items` + `cloudy` + `filtered` + `beyond` + `known`. */
export type StacSourceReport = {
  readonly name: string;
  readonly href: string;
  readonly status: 'fetched' | 'skipped' | 'failed';
  readonly requests: number;
  readonly found: number;
  /** That went into the lake or were there as they are. */
  readonly items: number;
  readonly cloudy: number;
  readonly filtered: number;
  /** Left out because their places have enough. */
  readonly beyond: number;
  /** That another request, or a catalogue of higher priority, had given. */
  readonly known: number;
  readonly warnings: readonly string[];
  readonly problem: Problem | null;
};

/** What a fetch left in the lake. */
export type StacFetchReport = StacCommit & {
  /** Null where nothing had changed and nothing was written. */
  readonly runId: string | null;
  readonly sources: readonly StacSourceReport[];
  readonly warnings: readonly string[];
  readonly seconds: number;
};

type Counts = {
  requests: number;
  found: number;
  items: number;
  cloudy: number;
  filtered: number;
  beyond: number;
  known: number;
};

/**
 * Bring STAC items into the tables `stac_items` and `item_h3` of a lake in one transaction. An item is replaced by collection and id;
 * one that says what it said stays as it is, so that a second fetch writes nothing. Of one item in two catalogues that of the higher
 * priority counts. Problems: `invalid-spec` for a manifest, `invalid-argument` for an API without a place, those of reading.
 */
export async function fetchStac(input: StacFetchInput): Promise<StacFetchReport> {
  const startedMs = Date.now();
  const { signal, keepGoing = false } = input;
  const { sources, warnings } = await readStacInput(input);
  const ordered = sources.toSorted((a, b) => a.priority - b.priority);
  const session = await StacSession.open(lakeLocation(input.lake), s2LevelsOf(input), signal);
  const factory = createSources({
    ...(input.retries === undefined ? {} : { retries: input.retries }),
    ...(input.sign === undefined ? {} : { sign: input.sign }),
  });
  try {
    const sites = input.sites === true ? await session.sites() : null;
    const reports = new Map<StacSource, StacSourceReport>();
    for (const source of ordered) {
      throwIfAborted(signal);
      reports.set(
        source,
        await fetchSource(source, { input, session, factory, sites, fetchedMs: startedMs, keepGoing }),
      );
    }
    const told = sources.map((source) => reports.get(source)!);
    const runId = randomUUID();
    const commit = await session.commit(runId, {
      sources: JSON.stringify(told.map(storable)),
      codeVersion: codeVersion(),
      startedMs,
      finishedMs: Date.now(),
    });
    const seconds = (Date.now() - startedMs) / 1000;
    return { ...commit, runId: commit.snapshotId === null ? null : runId, sources: told, warnings, seconds };
  } finally {
    await factory.close();
    await session.close();
  }
}

function s2LevelsOf({ s2Levels = [] }: StacFetchInput): readonly number[] {
  const wrong = s2Levels.find((level) => !(Number.isInteger(level) && level >= 0 && level <= MAX_S2_LEVEL));
  if (wrong === undefined) return s2Levels;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `S2 level ${wrong} is no whole number from 0 to ${MAX_S2_LEVEL}`,
  });
}

type Context = {
  readonly input: StacFetchInput;
  readonly session: StacSession;
  readonly factory: SourceFactory;
  readonly sites: readonly SiteExtent[] | null;
  readonly fetchedMs: number;
  readonly keepGoing: boolean;
};

async function fetchSource(source: StacSource, context: Context): Promise<StacSourceReport> {
  const counts: Counts = { requests: 0, found: 0, items: 0, cloudy: 0, filtered: 0, beyond: 0, known: 0 };
  const warnings = new Set<string>();
  const href = redactUrl(source.href);
  const report = (status: StacSourceReport['status'], problem: Problem | null = null): StacSourceReport => ({
    name: source.name,
    href,
    status,
    ...counts,
    warnings: [...warnings],
    problem,
  });
  if (source.skipped !== null) {
    warnings.add(`left out: ${source.skipped}`);
    return report('skipped');
  }
  try {
    await fetchItems(source, context, counts, warnings);
    return report('fetched');
  } catch (error) {
    if (!context.keepGoing || !isCubeError(error) || isCubeError(error, 'aborted') || isCubeError(error, 'lake'))
      throw error;
    return report('failed', problemOf(error));
  }
}

async function fetchItems(
  source: StacSource,
  { input, session, factory, sites, fetchedMs }: Context,
  counts: Counts,
  warnings: Set<string>,
): Promise<void> {
  const places = placesOf(source, sites);
  const filter = source.filter === null ? null : parseCql2(source.filter);
  const collections = new Set<string>();
  for (const request of planHarvest(source, places)) {
    const before = counts.found;
    const { items, warnings: told } = await runHarvest(request, factory, {
      ...(input.signal === undefined ? {} : { signal: input.signal }),
      ...(input.headers === undefined ? {} : { headers: input.headers }),
      ...(input.retries === undefined ? {} : { retries: input.retries }),
      onProgress: (found) => input.onProgress?.({ source: source.name, items: before + found }),
    });
    for (const text of told) warnings.add(text);
    for (const { item } of items) collections.add(item.collection ?? '');
    counts.requests++;
    counts.found += items.length;
    const clear = items.filter((one) => isClear(one, source.maxCloudCover));
    const passing = filter === null ? clear : await session.passing(clear, filter);
    const best = bestOfPlaces(passing, request.places, source.maxItems);
    const added = await session.add(best, redactUrl(source.href), fetchedMs);
    counts.cloudy += items.length - clear.length;
    counts.filtered += clear.length - passing.length;
    counts.beyond += passing.length - best.length;
    counts.known += best.length - added;
    counts.items += added;
  }
  for (const name of source.collections ?? [])
    if (!collections.has(name)) warnings.add(`no item of collection "${name}"`);
}

/** Null: everywhere, for catalogues that are read whole anyway. */
function placesOf(
  { name, href, bbox, bufferM }: StacSource,
  sites: readonly SiteExtent[] | null,
): readonly LonLatBox[] | null {
  if (bbox !== null) return [bbox];
  if (sites !== null) return boxesAround(sites, bufferM);
  if (isSearched(href)) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: `${name} is an API, and no place is given`,
      fix: 'give --sites, or --bbox with -180,-90,180,90 for the whole world',
    });
  }
  return null;
}

/** What of a report is kept with the run: no words that may hold more than they should. */
function storable({ name, href, status, requests, found, items }: StacSourceReport): object {
  return { name, href, status, requests, found, items };
}

function isClear(one: WholeItem, max: number | null): boolean {
  const cover = cloudCoverOf(one);
  return max === null || cover === null || cover <= max;
}
