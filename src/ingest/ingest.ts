import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { codeVersion } from '../build/code-version.js';
import { lakeLocation, type LakeInput } from '../build/lake-input.js';
import { isPostgres } from '../build/output-paths.js';
import { CubeError, isCubeError, problemOf, redactUrl, type Problem } from '../errors.js';
import { throwIfAborted } from '../io/abort.js';
import type { LakeLocation } from '../lake/attach.js';
import { runModels, type ModelRun } from '../models/run-models.js';
import type { DedupRules } from '../sites/site-feature.js';
import { dedupRules } from './dedup-rules.js';
import { datasetFiles, type DatasetFiles } from './dataset-files.js';
import type { FetchOptions } from './fetch/fetch-options.js';
import { contentHash } from './content-hash.js';
import { IngestSession } from './ingest-session.js';
import { checkManifest, parseManifest, type Manifest, type ManifestDataset } from './parse-manifest.js';
import { readManifestText } from './read-manifest-text.js';
import { labelFiles, readDatasetFile, type RowSink } from './read-dataset.js';
import type { SitesWritten } from './write-sites.js';

/** Raised whenever the same files would be read into other rows: then lakes read them again. */
const HARMONISE_VERSION = 1;

/** What is ingested, and into which lake. */
export type IngestInput = {
  /** Path of a manifest (JSON or YAML), or the manifest as an object. */
  readonly manifest: string | object;
  /** Folder of relative paths where the manifest is an object; the working directory by default. */
  readonly folder?: string;
  /** Made where it is absent. */
  readonly lake: LakeInput;
  /** Names of data sets; all of the manifest by default. */
  readonly only?: readonly string[];
  /** Read and replace data sets although nothing has changed. */
  readonly again?: boolean;
  /** Go on without the data sets that fail. */
  readonly keepGoing?: boolean;
  /** Run the SQL models (raw to curated) when the rows are in; default true. */
  readonly models?: boolean;
  /** What is one site. Sites that other rules have made are made again, although no data set has changed. */
  readonly rules?: Partial<DedupRules>;
  /** Cache, limits and retries of what is fetched. */
  readonly fetch?: Omit<FetchOptions, 'signal' | 'onProgress'>;
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly signal?: AbortSignal;
};

/** What an ingest is at. */
export type IngestProgress = {
  readonly phase: 'fetch' | 'read' | 'commit' | 'models';
  readonly dataset: string | null;
  readonly done: number;
  readonly total: number;
  /** Of a fetch: bytes that are here, and all of them where they are known. */
  readonly doneBytes?: number;
  readonly totalBytes?: number | null;
};

/** What became of one data set. `records` = those in features + `quarantined` + `excluded`. */
export type DatasetReport = {
  readonly dataset: string;
  readonly status: 'added' | 'replaced' | 'unchanged' | 'skipped' | 'failed';
  readonly version: string | null;
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
  readonly leftOut: DatasetFiles['leftOut'];
  readonly records: number;
  readonly features: number;
  readonly quarantined: number;
  readonly excluded: number;
  readonly warnings: readonly string[];
  readonly problem: Problem | null;
};

/** What an ingest left in the lake. */
export type IngestReport = {
  readonly lake: string;
  /** Null where nothing had changed and nothing was written. */
  readonly runId: string | null;
  readonly snapshotId: number | null;
  readonly datasets: readonly DatasetReport[];
  /** By which the sites are made. */
  readonly rules: DedupRules;
  /** Of all data sets in the lake; null where nothing was written. */
  readonly sites: SitesWritten | null;
  /** The SQL models; those of this state of the lake that ran before are told as done. */
  readonly models: readonly ModelRun[];
  readonly warnings: readonly string[];
  readonly seconds: number;
};

/**
 * Bring published data sets into a lake: fetch, read, harmonise, deduplicate, and commit in one transaction. A data set whose entry and
 * files have not changed is not read again. Problems: `invalid-spec` for the manifest, those of fetching and reading, with the data
 * set's name.
 */
export async function ingest(input: IngestInput): Promise<IngestReport> {
  const startedMs = Date.now();
  const { signal, onProgress = () => {}, keepGoing = false, again = false } = input;
  const rules = dedupRules(input.rules);
  const { manifest, folder } = await readManifest(input);
  const wanted = chooseDatasets(manifest, input.only);
  const location = lakeLocation(input.lake);
  const session = await IngestSession.open({ ...location, signal });
  try {
    const known = await session.known();
    const reports: DatasetReport[] = [];
    const changed: string[] = [];
    for (const [done, dataset] of wanted.entries()) {
      throwIfAborted(signal);
      const at = { dataset: dataset.name, done, total: wanted.length };
      if (dataset.skip && input.only === undefined) {
        reports.push(emptyReport(dataset, 'skipped'));
        continue;
      }
      try {
        onProgress({ phase: 'fetch', ...at });
        const files = await datasetFiles(dataset, folder, {
          ...input.fetch,
          ...(signal === undefined ? {} : { signal }),
          onProgress: (bytes) => onProgress({ phase: 'fetch', ...at, ...bytes }),
        });
        const hash = contentHash([
          HARMONISE_VERSION,
          dataset,
          files.version,
          files.files.map(({ name, sha256 }) => [name, sha256]),
        ]);
        if (!again && known.get(dataset.name) === hash) {
          reports.push({ ...emptyReport(dataset, 'unchanged'), version: files.version });
          continue;
        }
        onProgress({ phase: 'read', ...at });
        const report = await readInto(session, dataset, files, hash, signal);
        reports.push({ ...report, status: known.has(dataset.name) ? 'replaced' : 'added' });
        changed.push(dataset.name);
      } catch (error) {
        const told = withName(dataset, error);
        if (!keepGoing || !isCubeError(told) || isCubeError(told, 'aborted') || isCubeError(told, 'lake')) throw told;
        await session.drop(dataset.name);
        reports.push({ ...emptyReport(dataset, 'failed'), problem: problemOf(told) });
      }
    }
    let commit = null;
    const runId = changed.length > 0 || (await session.hasOtherRules(rules)) ? randomUUID() : null;
    if (runId !== null) {
      onProgress({ phase: 'commit', dataset: null, done: wanted.length, total: wanted.length });
      const row = {
        manifest: JSON.stringify(storable(wanted)),
        codeVersion: codeVersion(),
        startedMs,
        finishedMs: Date.now(),
        datasets: changed,
        rules,
      };
      commit = await session.commit(runId, row);
    }
    const models = input.models === false ? [] : await runCurated(location, runId ?? (await session.lastRun()), input);
    return {
      lake: isPostgres(location.catalog) ? 'postgres' : location.catalog,
      runId,
      snapshotId: commit?.snapshotId ?? null,
      datasets: reports,
      rules,
      sites: commit?.sites ?? null,
      models,
      warnings: manifest.warnings,
      seconds: (Date.now() - startedMs) / 1000,
    };
  } finally {
    await session.close();
  }
}

/** The SQL models over what the run left; they carry its id, so that those which a stopped run has written are not written again. */
async function runCurated(
  lake: LakeLocation,
  runId: string | null,
  { signal, onProgress = () => {} }: IngestInput,
): Promise<readonly ModelRun[]> {
  if (runId === null) return [];
  let done = 0;
  const report = await runModels({
    lake,
    runId,
    resume: true,
    onModel: ({ model }) => onProgress({ phase: 'models', dataset: model, done: ++done, total: done }),
    ...(signal === undefined ? {} : { signal }),
  });
  return report.models;
}

/** Read a manifest, whole or not at all. */
export async function readManifest({ manifest, folder }: Pick<IngestInput, 'manifest' | 'folder'>): Promise<{
  readonly manifest: Manifest;
  readonly folder: string;
}> {
  if (typeof manifest !== 'string') {
    const checked = checkManifest(manifest);
    if (checked.faults.length > 0) throw checked.faults[0]!;
    return { manifest: checked.manifest, folder: resolve(folder ?? '.') };
  }
  const path = resolve(manifest);
  const text = await readManifestText(path);
  return { manifest: parseManifest(text), folder: dirname(path) };
}

function chooseDatasets({ datasets }: Manifest, only: readonly string[] | undefined): ManifestDataset[] {
  if (only === undefined) return [...datasets];
  const absent = only.filter((name) => !datasets.some((one) => one.name === name));
  if (absent.length > 0) {
    const what = `no data set ${absent.join(', ')} in the manifest`;
    throw new CubeError({
      kind: 'invalid-argument',
      what,
      fix: `one of: ${datasets.map(({ name }) => name).join(', ')}`,
    });
  }
  return datasets.filter(({ name }) => only.includes(name));
}

async function readInto(
  session: IngestSession,
  dataset: ManifestDataset,
  { version, license, files, leftOut }: DatasetFiles,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<Omit<DatasetReport, 'status'>> {
  const named = { ...dataset, license: dataset.license ?? license };
  const counts = { records: 0, features: 0, quarantined: 0, excluded: 0 };
  const warnings: string[] = [];
  const labels = labelFiles(named, files);
  for (const file of labels) {
    const sink: RowSink = (features, quarantine) => session.add(features, quarantine);
    const read = await readDatasetFile(named, file, { version, sink, ...(signal === undefined ? {} : { signal }) });
    const { used } = read;
    counts.records += read.records;
    counts.features += read.features;
    counts.quarantined += read.quarantined;
    counts.excluded += read.excluded;
    if (used + read.quarantined + read.excluded !== read.records) {
      const what = `${read.records} records, ${used} in features, ${read.quarantined} in the quarantine, ${read.excluded} excluded`;
      throw new CubeError({ kind: 'worker', what: `${dataset.name}/${file.name} does not add up: ${what}` });
    }
    warnings.push(...read.warnings.map((text) => `${file.name}: ${text}`));
  }
  const { expected_count: expected } = dataset;
  if (expected != null && expected !== counts.records) {
    warnings.push(`${counts.records} records, the manifest expects ${expected}`);
  }
  const stored = files.map(({ name, url, size, sha256 }) => ({
    name,
    url: url === null ? null : redactUrl(url),
    size,
    sha256,
  }));
  await session.finish({
    dataset: dataset.name,
    version,
    doi: redactUrl(dataset.doi),
    repo: dataset.repo,
    license: named.license,
    citation: dataset.citation ?? null,
    priority: dataset.priority,
    files: stored,
    contentHash: hash,
    ...counts,
    ingestedMs: Date.now(),
  });
  return {
    dataset: dataset.name,
    version,
    files: labels.map(({ name, size, sha256 }) => ({ name, size, sha256 })),
    leftOut,
    ...counts,
    warnings,
    problem: null,
  };
}

function emptyReport({ name }: ManifestDataset, status: DatasetReport['status']): DatasetReport {
  const none = { records: 0, features: 0, quarantined: 0, excluded: 0 };
  return { dataset: name, status, version: null, files: [], leftOut: [], ...none, warnings: [], problem: null };
}

/** Which data set it was, in the words of the problem. */
function withName({ name }: ManifestDataset, error: unknown): unknown {
  if (!isCubeError(error) || !('what' in error.problem) || error.problem.what === undefined) return error;
  if (error.problem.what.startsWith(name)) return error;
  return new CubeError({ ...error.problem, what: `${name}: ${error.problem.what}` }, { cause: error });
}

function storable(datasets: readonly ManifestDataset[]): object {
  return datasets.map((one) => ({
    ...one,
    doi: redactUrl(one.doi),
    ...(one.api == null ? {} : { api: redactUrl(one.api) }),
  }));
}
