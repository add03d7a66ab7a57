import { randomUUID } from 'node:crypto';
import { codeVersion } from '../build/code-version.js';
import { lakeLocation, reportedCatalog, type LakeInput } from '../build/lake-input.js';
import { CubeError } from '../errors.js';
import type { ModelRun } from '../models/run-models.js';
import type { DedupRules } from '../sites/site-feature.js';
import type { DatasetRows } from './dataset-rows.js';
import { IngestSession } from './ingest-session.js';
import { runCurated } from './run-curated.js';

/** Which data sets are taken out of which lake. */
export type ForgetInput = {
  readonly lake: LakeInput;
  readonly datasets: readonly string[];
  /** Do it; otherwise it is only told what would be done. */
  readonly apply?: boolean;
  /** Run the SQL models (raw to curated) when the rows are out; default true. */
  readonly models?: boolean;
  readonly onProgress?: (progress: ForgetProgress) => void;
  readonly signal?: AbortSignal;
};

/** What a run is at; of models also how many have ended. */
export type ForgetProgress =
  | { readonly phase: 'look' | 'commit' }
  | { readonly phase: 'models'; readonly done: number };

/** What was taken out, or would be. */
export type ForgetReport = {
  readonly lake: string;
  readonly applied: boolean;
  /** Null of a dry run. */
  readonly runId: string | null;
  readonly snapshotId: number | null;
  /** Rows that go, by table. */
  readonly datasets: readonly DatasetRows[];
  /** Of all data sets. */
  readonly sites: { readonly before: number; readonly after: number };
  /** By which the sites are made: those of before. */
  readonly rules: DedupRules;
  /** None of a dry run, and without `models`: then the tables of models still have what was taken out. */
  readonly models: readonly ModelRun[];
  readonly seconds: number;
};

type Outcome = Pick<ForgetReport, 'runId' | 'snapshotId' | 'datasets' | 'sites' | 'rules'>;

/**
 * Take data sets out of a lake: their rows go and all sites are made anew in one transaction, then the models run. Snapshots of before
 * stay. A dry run deduplicates too, to say how many sites there would be. Problems: `not-found` for a lake, and for a data set that it
 * does not have; `invalid-argument` where none is named.
 */
export async function forgetDatasets(input: ForgetInput): Promise<ForgetReport> {
  const startedMs = Date.now();
  const { apply = false, signal } = input;
  const lake = lakeLocation(input.lake);
  const datasets = [...new Set(input.datasets)].sort();
  if (datasets.length === 0) throw new CubeError({ kind: 'invalid-argument', what: 'no data set is named' });
  const session = await IngestSession.open({ ...lake, signal });
  let outcome: Outcome;
  try {
    const run = { session, datasets, startedMs, onProgress: input.onProgress };
    outcome = apply ? await take(run) : await look(run);
  } finally {
    await session.close();
  }
  const { runId } = outcome;
  const onModel = (_model: string, done: number) => input.onProgress?.({ phase: 'models', done });
  const models = runId === null || input.models === false ? [] : await runCurated(lake, runId, onModel, signal);
  const seconds = (Date.now() - startedMs) / 1000;
  return { lake: reportedCatalog(lake.catalog), applied: apply, ...outcome, models, seconds };
}

type Run = {
  readonly session: IngestSession;
  readonly datasets: readonly string[];
  readonly startedMs: number;
  readonly onProgress: ForgetInput['onProgress'];
};

async function look({ session, datasets, onProgress }: Run): Promise<Outcome> {
  onProgress?.({ phase: 'look' });
  const before = await session.holdings(datasets);
  const rules = await session.rules();
  const sites = { before: before.sites, after: await session.sitesWithout(datasets, rules) };
  return { runId: null, snapshotId: null, datasets: before.datasets, sites, rules };
}

async function take({ session, datasets, startedMs, onProgress }: Run): Promise<Outcome> {
  onProgress?.({ phase: 'look' });
  await session.holdings(datasets); // who names what is not there has nothing changed
  const rules = await session.rules();
  onProgress?.({ phase: 'commit' });
  const runId = randomUUID();
  const { before, sites, snapshotId } = await session.forget(runId, {
    manifest: '[]',
    codeVersion: codeVersion(),
    startedMs,
    finishedMs: Date.now(),
    datasets: [],
    forgotten: datasets,
    rules,
  });
  return { runId, snapshotId, datasets: before.datasets, sites: { before: before.sites, after: sites.sites }, rules };
}
