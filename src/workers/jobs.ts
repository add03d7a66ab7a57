import { prepareCodecs, WRITTEN_CODECS } from '../codec/prepare.js';
import { problemOf, type Problem } from '../errors.js';
import type { TaskGroup } from '../cube/executor.js';
import { readAhead } from '../cube/read-ahead.js';
import { createTaskRunner, runTask, type TaskRunner } from '../cube/run-task.js';
import type { PlanContext } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import { TileCache } from '../cube/tile-cache.js';
import type { ArrayLayout } from '../cube/writer/layout.js';
import { openChunkStore } from '../cube/writer/chunk-store.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { SignHook } from '../io/url-signer.js';
import { signThroughChannel } from './sign-channel.js';

/** What a worker is given once; plain data. */
export type WorkerSetup = {
  readonly context: PlanContext;
  /** Absolute path of the store under construction. */
  readonly storePath: string;
  readonly arrays: readonly ArrayLayout[];
  readonly sources: Omit<SourceOptions, 'sign'>;
  readonly budget: WorkerBudget;
  /** Name of the channel on which the main thread signs URLs, or null where nothing is signed. */
  readonly signChannel: string | null;
};

/** Bytes that one worker may use. */
export type WorkerBudget = { readonly tileCacheBytes: number; readonly workBytes: number };

/** A task that ended in an error comes back as data; the results before it in the group are kept. */
export type GroupOutcome = { readonly results: readonly TaskResult[]; readonly problem: Problem | null };

/** Every job a worker can do. */
export type Jobs = {
  'run-group': { input: TaskGroup; output: GroupOutcome };
};

/** Everything that runs tasks in one thread: connections, caches, the store's folder. */
export type WorkerState = { readonly runner: TaskRunner; close(): Promise<void> };

/** Open what a thread needs. `sign` is for the main thread; workers ask through the channel of the set-up. */
export async function openWorkerState(setup: WorkerSetup, sign?: SignHook): Promise<WorkerState> {
  await prepareCodecs(WRITTEN_CODECS);
  const hook = sign ?? (setup.signChannel === null ? undefined : signThroughChannel(setup.signChannel));
  const sources = createSources({ ...setup.sources, ...(hook === undefined ? {} : { sign: hook }) });
  const runner = createTaskRunner({
    context: setup.context,
    store: openChunkStore(setup.storePath, setup.arrays),
    sources,
    tiles: new TileCache(sources, setup.budget.tileCacheBytes),
    workBytes: setup.budget.workBytes,
    // Half of the sources' cache: more would push out what is waited for.
    aheadBytes: Math.floor((setup.sources.cacheBytes ?? 0) / 2),
  });
  return { runner, close: () => sources.close() };
}

/** Run tasks one after the other; an error ends the group and is returned. */
export async function runGroup(group: TaskGroup, { runner }: WorkerState): Promise<GroupOutcome> {
  const results: TaskResult[] = [];
  for (const [index, task] of group.entries()) {
    const running = runTask(task, runner);
    const stop = readAhead(group[index + 1], runner);
    try {
      results.push(await running);
    } catch (error) {
      await stop();
      return { results, problem: problemOf(error) };
    }
  }
  return { results, problem: null };
}
