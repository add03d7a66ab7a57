import { randomUUID } from 'node:crypto';
import { codeVersion } from '../build/code-version.js';
import { lakeLocation, reportedCatalog, type LakeInput } from '../build/lake-input.js';
import { isCubeError, problemOf, redactUrl } from '../errors.js';
import { defineFlow } from '../flows/define-flow.js';
import { collectNode, inputNode, mapNode, node } from '../flows/nodes.js';
import type { ModelRun } from '../models/run-models.js';
import { chooseDatasets, readManifest } from './choose-datasets.js';
import { contentHash } from './content-hash.js';
import { dedupRules } from './dedup-rules.js';
import { datasetFiles, type DatasetFiles } from './dataset-files.js';
import {
  emptyReport,
  type DatasetReport,
  type IngestInput,
  type IngestProgress,
  type IngestReport,
} from './ingest-report.js';
import { IngestSession, type IngestCommit } from './ingest-session.js';
import type { ManifestDataset } from './parse-manifest.js';
import { readInto, withName } from './read-into.js';
import { runCurated } from './run-curated.js';

/** Raised whenever the same files would be read into other rows: then lakes read them again. */
const HARMONISE_VERSION = 4;

/** Downloads at a time; most are of different hosts. */
const DOWNLOADS = 3;

/** What an ingest may be told besides the manifest and the lake; see `IngestInput`. */
export type IngestSettings = Omit<IngestInput, 'manifest' | 'lake' | 'keepGoing' | 'signal' | 'onProgress'> & {
  readonly onStep?: (step: Omit<IngestProgress, 'done'>) => void;
};

type FetchedDataset = {
  readonly dataset: ManifestDataset;
  /** Null where it is skipped. */
  readonly files: DatasetFiles | null;
};

type Stored = {
  readonly runId: string | null;
  readonly commit: IngestCommit | null;
  readonly reports: readonly DatasetReport[];
};

const manifest = inputNode<string | object>('manifest', {
  description: 'path of a manifest',
  tags: { layer: 'source' },
});
const lake = inputNode<LakeInput>('lake', { description: 'made where it is absent', tags: { layer: 'lake' } });
const settings = inputNode<IngestSettings>('settings', { description: 'limits and choices', fallback: {} });

const entries = node('entries', {
  description: 'the manifest, checked',
  tags: { layer: 'source' },
  inputs: { manifest, settings },
  run: async ({ manifest: given, settings: { folder } }) => ({
    ...(await readManifest({ manifest: given, ...(folder === undefined ? {} : { folder }) })),
    startedMs: Date.now(),
  }),
});

const datasets = node('datasets', {
  description: 'those that are wanted',
  tags: { layer: 'source' },
  inputs: { entries, settings },
  run: (inputs) => chooseDatasets(inputs.entries.manifest, inputs.settings.only),
});

const rules = node('rules', {
  description: 'what is one site',
  tags: { layer: 'raw' },
  inputs: { settings },
  run: (inputs) => dedupRules(inputs.settings.rules),
});

const session = node('session', {
  description: 'staged rows on their way into the lake',
  tags: { layer: 'lake' },
  inputs: { datasets, rules, lake }, // what is wrong with the first two is told before a lake is opened
  run: async (inputs, { signal, onEnd }) => {
    const opened = await IngestSession.open({ ...lakeLocation(inputs.lake), signal });
    onEnd(() => opened.close());
    return opened;
  },
});

const known = node('known', {
  description: 'what the lake holds already, by content',
  tags: { layer: 'lake' },
  inputs: { session },
  run: (inputs) => inputs.session.known(),
});

const files = mapNode('files', {
  description: 'fetched, or found in the cache',
  tags: { layer: 'source' },
  over: datasets,
  key: ({ name }) => name,
  inputs: { datasets, entries, settings },
  concurrency: DOWNLOADS,
  run: async (dataset, inputs, { signal }): Promise<FetchedDataset> => {
    const { only, onStep, fetch } = inputs.settings;
    if (dataset.skip && only === undefined) return { dataset, files: null };
    const step = { phase: 'fetch', dataset: dataset.name, total: inputs.datasets.length } as const;
    onStep?.(step);
    try {
      const onProgress = (bytes: Pick<IngestProgress, 'doneBytes' | 'totalBytes'>) => onStep?.({ ...step, ...bytes });
      return { dataset, files: await datasetFiles(dataset, inputs.entries.folder, { ...fetch, signal, onProgress }) };
    } catch (error) {
      throw withName(dataset, error);
    }
  },
});

const rows = mapNode('rows', {
  description: 'read, harmonised, staged; unchanged data sets are not read again',
  tags: { layer: 'raw' },
  over: files,
  inputs: { datasets, session, known, settings },
  concurrency: 1, // reading is work of one thread, and memory holds one data set at a time
  run: async ({ dataset, files: found }, inputs, { signal }): Promise<DatasetReport> => {
    if (found === null) return emptyReport(dataset, 'skipped');
    const hash = hashOf(dataset, found);
    const earlier = inputs.known.get(dataset.name);
    if (inputs.settings.again !== true && earlier === hash)
      return { ...emptyReport(dataset, 'unchanged'), version: found.version };
    inputs.settings.onStep?.({ phase: 'read', dataset: dataset.name, total: inputs.datasets.length });
    try {
      const report = await readInto(inputs.session, dataset, found, hash, signal);
      return { ...report, status: earlier === undefined ? 'added' : 'replaced' };
    } catch (error) {
      await inputs.session.drop(dataset.name).catch((other: unknown) => {
        throw isCubeError(error, 'lake') ? error : other; // rows of half a data set must not go in
      });
      throw withName(dataset, error);
    }
  },
});

const sites = collectNode('sites', {
  description: 'features, deduplicated, and all of it committed in one transaction',
  tags: { layer: 'raw' },
  from: rows,
  inputs: { datasets, entries, rules, session, settings },
  run: async (elements, inputs): Promise<Stored> => {
    const wanted = inputs.datasets;
    // A lake that fails has failed for all, and what we did not foresee is no fault of a data set.
    for (const one of elements) if (!one.ok && isOurs(one.error)) throw one.error;
    const reports = elements.map((one, i): DatasetReport =>
      one.ok ? one.value : { ...emptyReport(wanted[i]!, 'failed'), problem: problemOf(one.error) },
    );
    const changed = reports.filter(({ status }) => status === 'added' || status === 'replaced');
    const isCurrent = changed.length === 0 && !(await inputs.session.hasOtherRules(inputs.rules));
    if (isCurrent) return { runId: null, commit: null, reports };
    const runId = randomUUID();
    inputs.settings.onStep?.({ phase: 'commit', dataset: null, total: wanted.length });
    const row = {
      manifest: JSON.stringify(storable(wanted)),
      codeVersion: codeVersion(),
      startedMs: inputs.entries.startedMs,
      finishedMs: Date.now(),
      datasets: changed.map(({ dataset }) => dataset),
      forgotten: [],
      rules: inputs.rules,
    };
    const commit = await inputs.session.commit(runId, row);
    return { runId, commit, reports };
  },
});

const models = node('models', {
  description: 'the SQL models, staging to curated',
  tags: { layer: 'curated' },
  inputs: { sites, session, lake, settings },
  checks: [{ name: 'all well', severity: 'warn', fault: describeFailed }],
  run: async (inputs, { signal }): Promise<readonly ModelRun[]> => {
    if (inputs.settings.models === false) return [];
    const runId = inputs.sites.runId ?? (await inputs.session.lastRun());
    if (runId === null) return [];
    const onModel = (model: string, total: number) =>
      inputs.settings.onStep?.({ phase: 'models', dataset: model, total });
    return runCurated(lakeLocation(inputs.lake), runId, onModel, signal);
  },
});

/** What `ingest` returns. */
export const ingestReport = node('report', {
  description: 'what became of every data set',
  tags: { layer: 'curated' },
  inputs: { entries, known, rules, sites, models, lake },
  run: (inputs): IngestReport => {
    const { catalog } = lakeLocation(inputs.lake);
    const { runId, commit, reports } = inputs.sites;
    const named = new Set(inputs.entries.manifest.datasets.map(({ name }) => name));
    return {
      lake: reportedCatalog(catalog),
      runId,
      snapshotId: commit?.snapshotId ?? null,
      datasets: reports,
      others: [...inputs.known.keys()].filter((name) => !named.has(name)).sort(),
      rules: inputs.rules,
      sites: commit?.sites ?? null,
      models: inputs.models,
      warnings: inputs.entries.manifest.warnings,
      seconds: (Date.now() - inputs.entries.startedMs) / 1000,
    };
  },
});

/** Ingest as a flow. What it keeps between runs is in the lake and in the cache of files, so that its nodes keep nothing themselves. */
export const INGEST_FLOW = defineFlow('ingest', [ingestReport], {
  description: 'published data sets into a lake: fetch, harmonise, deduplicate, model',
});

function describeFailed(ended: readonly ModelRun[]): string | null {
  const failed = ended.filter(({ status }) => status === 'error').map(({ model }) => model);
  return failed.length === 0 ? null : `failed: ${failed.join(', ')}`;
}

function isOurs(error: unknown): boolean {
  return !isCubeError(error) || isCubeError(error, 'lake') || isCubeError(error, 'worker');
}

function hashOf(dataset: ManifestDataset, { version, files: found }: DatasetFiles): string {
  return contentHash([HARMONISE_VERSION, dataset, version, found.map(({ name, sha256 }) => [name, sha256])]);
}

function storable(datasets: readonly ManifestDataset[]): object {
  return datasets.map((one) => ({
    ...one,
    doi: redactUrl(one.doi),
    ...(one.api == null ? {} : { api: redactUrl(one.api) }),
  }));
}
