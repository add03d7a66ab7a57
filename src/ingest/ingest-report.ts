import type { LakeInput } from '../build/lake-input.js';
import type { Problem } from '../errors.js';
import type { ModelRun } from '../models/run-models.js';
import type { DedupRules } from '../sites/site-feature.js';
import type { DatasetFiles } from './dataset-files.js';
import type { FetchOptions } from './fetch/fetch-options.js';
import type { ManifestDataset } from './parse-manifest.js';
import type { SitesWritten } from './write-sites.js';

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
  /** Data sets that the lake holds and the manifest does not name: they stay, with their sites. */
  readonly others: readonly string[];
  /** By which the sites are made. */
  readonly rules: DedupRules;
  /** Of all data sets in the lake; null where nothing was written. */
  readonly sites: SitesWritten | null;
  /** The SQL models; those of this state of the lake that ran before are told as done. */
  readonly models: readonly ModelRun[];
  readonly warnings: readonly string[];
  readonly seconds: number;
};

/** The report of a data set of which nothing was read. */
export function emptyReport({ name }: ManifestDataset, status: DatasetReport['status']): DatasetReport {
  const none = { records: 0, features: 0, quarantined: 0, excluded: 0 };
  return { dataset: name, status, version: null, files: [], leftOut: [], ...none, warnings: [], problem: null };
}
