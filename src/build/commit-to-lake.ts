import type { TaskResult } from '../cube/task-result.js';
import { openLake } from '../lake/lake.js';
import type { BuildFolder } from './build-folder.js';
import { codeVersion } from './code-version.js';
import { reportedCatalog } from './lake-input.js';
import { hrefFromLake, type OutputPaths } from './output-paths.js';
import type { PreparedBuild } from './prepare.js';
import type { Progress } from './progress.js';
import { runRecords, storableSpec } from './run-records.js';

/** Where a run was committed. */
export type CommittedLake = { readonly catalog: string; readonly dataPath: string; readonly snapshotId: string };

/** Commit the tables of a finished build in one transaction; a run that is in the lake already is not committed twice. */
export async function commitToLake({
  prepared,
  folder,
  paths,
  results,
  startedAt,
  progress,
  signal,
}: {
  readonly prepared: PreparedBuild;
  readonly folder: BuildFolder;
  readonly paths: OutputPaths;
  readonly results: readonly TaskResult[];
  readonly startedAt: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}): Promise<CommittedLake | null> {
  const { lake: place } = paths;
  if (place === null) return null;
  progress({ kind: 'phase', name: 'lake' });
  const failed = results.some(({ failures }) => failures.length > 0);
  const records = runRecords(prepared, results, {
    runId: folder.runId,
    name: prepared.spec.name,
    spec: storableSpec(prepared),
    planHash: prepared.plan.hash,
    codeVersion: codeVersion(),
    startedAt,
    finishedAt: Date.now(),
    status: failed ? 'incomplete' : 'complete',
    cubeHref: hrefFromLake(place, paths.cube),
    cubeSnapshot: folder.version,
  });
  const lake = await openLake({
    catalog: place.catalog,
    dataPath: place.dataPath,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const { snapshotId } = await lake.commit(records, signal === undefined ? {} : { signal });
    await folder.committed();
    const catalog = reportedCatalog(place.catalog);
    return { catalog, dataPath: place.dataPath, snapshotId: snapshotId.toString() };
  } finally {
    await lake.close();
  }
}
