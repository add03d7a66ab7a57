import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Executor, TaskGroup } from '../cube/executor.js';
import { isOwnObject } from '../cube/store-plane.js';
import type { TaskResult } from '../cube/task-result.js';
import type { ChunkTask } from '../cube/task.js';
import { MAX_REQUESTS } from '../io/origin-limit.js';
import type { SourceOptions } from '../io/sources.js';
import { openWorkerState, type WorkerBudget } from '../workers/jobs.js';
import { SerialExecutor } from '../workers/serial-executor.js';
import { ThreadExecutor } from '../workers/thread-executor.js';
import { addonStatus } from '../native/load.js';
import { withSources, type BuildInput, type OpenedSources } from './build-input.js';
import { openBuildFolder, type BuildFolder } from './build-folder.js';
import type { commitToLake, CommittedLake } from './commit-to-lake.js';
import { lostTask } from './lost-task.js';
import { assertChunkFits, defaultMaxMemory, workerBudget } from './memory.js';
import { outputPaths } from './output-paths.js';
import { prepareFor } from './prepare-for.js';
import type { PreparedBuild } from './prepare.js';
import type { Progress } from './progress.js';
import type { ReadSpec } from './read-spec.js';
import { explainStale } from './stale-index.js';
import { summariseStorage, type StorageSummary } from './storage-summary.js';
import { storeLayout } from './store-layout.js';

/** Bytes of remote objects kept, for all workers together. */
const DEFAULT_CACHE = 64 * 1024 ** 2;

/** What a finished build made. */
export type BuildSummary = {
  readonly name: string;
  readonly runId: string;
  readonly planHash: string;
  readonly status: 'complete' | 'incomplete';
  /** Absolute path of the Zarr store or Icechunk repository, or the repository's s3: URL. */
  readonly cube: string;
  /** The repository's snapshot that holds the cube; null for a Zarr store. */
  readonly snapshot: string | null;
  readonly lake: CommittedLake | null;
  readonly counts: {
    readonly times: number;
    readonly height: number;
    readonly width: number;
    readonly bands: number;
    readonly tasks: number;
    readonly resumed: number;
    readonly objects: number;
    readonly bytes: number;
    readonly bytesRead: number;
    readonly tilesDecoded: number;
    readonly labels: number;
    readonly labelStats: number;
    readonly quarantined: number;
  };
  /** Null where the build did not ask for references. */
  readonly storage: StorageSummary | null;
  readonly failures: number;
  readonly warnings: readonly string[];
  readonly seconds: number;
};

/**
 * Build a cube and its lake tables from a specification. The same inputs give the same store, whatever the number of
 * workers and however often the build was interrupted and resumed. Errors are `CubeError`s; `AbortSignal` leaves a state
 * that `resume` goes on with.
 */
export function buildCube(input: BuildInput): Promise<BuildSummary> {
  return withSources(input, (sources, read) => buildWith(input, sources, read));
}

async function buildWith(input: BuildInput, sources: OpenedSources, read: ReadSpec): Promise<BuildSummary> {
  const startedAt = Date.now();
  const { signal, progress = () => {} } = input;
  const addon = addonStatus();
  if (addon.kind === 'absent')
    progress({ kind: 'warning', text: `native addon: ${addon.why}; slower twins run instead (${addon.fix})` });
  const budget = workerBudget(memoryOf(input), workersOf(input));
  const prepared = await prepareFor(input, sources.factory, read);
  const { grid } = prepared.spec;
  assertChunkFits(grid.shard ?? grid.chunk, prepared.context, memoryOf(input), workersOf(input));
  const paths = outputPaths(prepared.spec, prepared.folder, input.out ?? null);
  const folder = await openBuildFolder({
    paths,
    layout: storeLayout(prepared),
    plan: prepared.plan,
    sources: sources.factory,
    mode: input.resume === true ? 'resume' : input.overwrite === true ? 'overwrite' : 'new',
    newRunId: randomUUID(),
    startedAt,
  });
  try {
    for (const { key, reason } of folder.redone)
      progress({ kind: 'warning', text: `task ${key} is done again: ${reason}` });
    const resumed = folder.results.size;
    await runTasks({ ...input, sources: sources.options, budget }, prepared, folder, progress);
    const results = inOrder(folder.results);
    progress({ kind: 'phase', name: 'store' });
    await folder.seal(prepared);
    const lake = await commitTo({
      prepared,
      folder,
      paths,
      results,
      startedAt,
      progress,
      ...(signal === undefined ? {} : { signal }),
    });
    return summarise({ prepared, folder, results, resumed, lake, startedAt });
  } catch (error) {
    throw explainStale(error, prepared.indexed);
  } finally {
    await folder.close();
  }
}

type RunInput = BuildInput & { readonly budget: WorkerBudget };

async function runTasks(
  input: RunInput,
  prepared: PreparedBuild,
  folder: BuildFolder,
  progress: Progress,
): Promise<void> {
  const { plan } = prepared;
  const total = plan.taskCount;
  let done = folder.results.size;
  let bytesRead = 0;
  let failures = 0;
  const report = () => progress({ kind: 'tasks', done, total, bytesRead, failures });
  progress({ kind: 'phase', name: 'chunks' });
  if (done === total) return report();
  const executor = await openExecutor(input, prepared, folder);
  try {
    const onResult = async (result: TaskResult): Promise<void> => {
      await folder.record(result);
      done++;
      bytesRead += result.counters.bytesRead;
      failures += result.failures.length;
      report();
    };
    const of = executor.streams;
    const streams = Array.from({ length: of }, (_, index) => openTasks(plan.groups({ index, of }), folder));
    await executor.run(streams, {
      onResult,
      ...(input.signal === undefined ? {} : { signal: input.signal }),
    });
  } finally {
    await executor.close();
  }
}

/** Groups without the tasks that are finished. */
function* openTasks(groups: Iterable<TaskGroup>, folder: BuildFolder): Generator<TaskGroup> {
  for (const group of groups) {
    const open = group.filter((task: ChunkTask) => !folder.results.has(task.key));
    if (open.length > 0) yield open;
  }
}

async function openExecutor(input: RunInput, prepared: PreparedBuild, folder: BuildFolder): Promise<Executor> {
  const workers = workersOf(input);
  const { sign, ...options } = input.sources ?? {};
  const sources = shareOf(options, workers);
  const setup = {
    context: prepared.context,
    storePath: folder.storePath,
    arrays: folder.layout.arrays,
    sources,
    budget: input.budget,
  };
  if (workers > 0) {
    const onLost = prepared.context.allowIncomplete ? lostTask(setup) : null;
    return new ThreadExecutor({
      workers,
      setup,
      ...(sign === undefined ? {} : { sign }),
      ...(onLost === null ? {} : { onLost }),
    });
  }
  const state = await openWorkerState({ ...setup, signChannel: null }, sign);
  return new SerialExecutor(state.runner, () => state.close());
}

function workersOf({ workers }: BuildInput): number {
  return workers ?? availableParallelism();
}

function memoryOf({ maxMemory }: BuildInput): number {
  return maxMemory ?? defaultMaxMemory();
}

/** Limits that hold for a build are divided among its workers. */
function shareOf(options: Omit<SourceOptions, 'sign'>, workers: number): Omit<SourceOptions, 'sign'> {
  const share = (value: number) => Math.max(1, Math.floor(value / Math.max(1, workers)));
  const { maxRequests = MAX_REQUESTS, cacheBytes = DEFAULT_CACHE } = options;
  return { ...options, maxRequests: share(maxRequests), cacheBytes: cacheBytes === 0 ? 0 : share(cacheBytes) };
}

/** By time, row and column, label tasks last: the order does not depend on which task ended first. */
function inOrder(results: ReadonlyMap<string, TaskResult>): TaskResult[] {
  const placed = Array.from(results.values(), (result) => {
    const [time, yIndex, xIndex] = result.key.split('/').map(Number) as [number, number, number];
    return { result, time: Number.isNaN(time) ? Infinity : time, yIndex, xIndex };
  });
  placed.sort((a, b) => (a.time === b.time ? a.yIndex - b.yIndex || a.xIndex - b.xIndex : a.time - b.time));
  return placed.map(({ result }) => result);
}

function summarise({
  prepared,
  folder,
  results,
  resumed,
  lake,
  startedAt,
}: {
  prepared: PreparedBuild;
  folder: BuildFolder;
  results: readonly TaskResult[];
  resumed: number;
  lake: CommittedLake | null;
  startedAt: number;
}): BuildSummary {
  const { spec, plan, grid, context, labels, warnings } = prepared;
  const chunks = results.flatMap((result) => result.chunks);
  const own = chunks.filter(isOwnObject);
  const sum = (read: (result: TaskResult) => number) => results.reduce((total, result) => total + read(result), 0);
  const failures = sum((result) => result.failures.length);
  const labelIds = new Set(results.flatMap((result) => result.labels.map(({ labelId }) => labelId)));
  const measured = context.bands.filter(({ written, classes }) => written && !classes).length;
  return {
    name: spec.name,
    runId: folder.runId,
    planHash: plan.hash,
    status: failures === 0 ? 'complete' : 'incomplete',
    cube: folder.cubePath,
    snapshot: folder.version,
    lake,
    counts: {
      times: prepared.times.length,
      ...grid.size,
      bands: spec.bands.length,
      tasks: plan.taskCount,
      resumed,
      objects: own.length,
      bytes: own.reduce((total, { bytes }) => total + bytes, 0),
      bytesRead: sum(({ counters }) => counters.bytesRead),
      tilesDecoded: sum(({ counters }) => counters.tilesDecoded),
      labels: labelIds.size,
      labelStats: labelIds.size * measured * prepared.times.length,
      quarantined: labels?.quarantine.length ?? 0,
    },
    storage: summariseStorage(chunks),
    failures,
    warnings,
    seconds: (Date.now() - startedAt) / 1000,
  };
}

/** Only builds with a lake need DuckDB. */
async function commitTo(run: Parameters<typeof commitToLake>[0]): Promise<CommittedLake | null> {
  if (run.paths.lake === null) return null;
  return (await import('./commit-to-lake.js')).commitToLake(run);
}
