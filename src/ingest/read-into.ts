import { CubeError, isCubeError, redactUrl } from '../errors.js';
import type { DatasetFiles } from './dataset-files.js';
import type { DatasetReport } from './ingest-report.js';
import { unexpected } from './expectations.js';
import type { Feature } from './feature.js';
import type { IngestSession } from './ingest-session.js';
import type { ManifestDataset } from './parse-manifest.js';
import { repositoryOf } from './repository-of.js';
import { batchedSink, DatasetReader } from './read-dataset.js';

/** Read the files of a data set and stage their rows. Its counts add up, or it fails. Problems: those of `DatasetReader`. */
export async function readInto(
  session: IngestSession,
  dataset: ManifestDataset,
  { version, license, files, leftOut }: DatasetFiles,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<Omit<DatasetReport, 'status'>> {
  const named = { ...dataset, license: dataset.license ?? license };
  const { counts, kinds, warnings, labels } = await readFiles(session, named, files, { version, signal });
  warnings.push(...unexpected(dataset, { records: counts.records, kinds }));
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
    repo: repositoryOf(dataset),
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

/** Read the files of labels one by one; what is staged is counted, and the counts of each file add up. */
async function readFiles(
  session: IngestSession,
  dataset: ManifestDataset,
  files: DatasetFiles['files'],
  { version, signal }: { readonly version: string | null; readonly signal: AbortSignal | undefined },
) {
  const counts = { records: 0, features: 0, quarantined: 0, excluded: 0 };
  const warnings: string[] = [];
  const kinds = new Set<Feature['geomKind']>();
  const { sink, flush } = batchedSink((features, quarantine) => {
    for (const { geomKind } of features) kinds.add(geomKind);
    return session.add(features, quarantine);
  });
  const reader = new DatasetReader(dataset, files);
  try {
    for (const file of reader.labels) {
      const read = await reader.read(file, { version, sink, signal });
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
    await flush();
  } finally {
    await reader.close();
  }
  return { counts, kinds, warnings, labels: reader.labels };
}

/** Which data set it was, in the words of the problem, and by which key of the manifest it is told what a specification says below `labels`. */
export function withName({ name }: ManifestDataset, error: unknown): unknown {
  if (!isCubeError(error) || !('what' in error.problem) || error.problem.what === undefined) return error;
  if (error.problem.kind === 'invalid-spec' && error.problem.path.startsWith('labels.')) {
    const path = error.problem.path.replace(/^labels/, name);
    return new CubeError({ ...error.problem, path }, { cause: error });
  }
  if (error.problem.what.startsWith(`${name}:`) || error.problem.what.startsWith(`${name}/`)) return error;
  return new CubeError({ ...error.problem, what: `${name}: ${error.problem.what}` }, { cause: error });
}
