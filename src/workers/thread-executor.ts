import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { CubeError, type Problem } from '../errors.js';
import type { Executor, ExecutorOptions, TaskGroup } from '../cube/executor.js';
import type { ChunkTask } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import type { GroupOutcome, WorkerSetup } from './jobs.js';
import type { SignHook } from '../io/url-signer.js';
import { serveSigning } from './sign-channel.js';
import { GROUPS_PER_WORKER, WorkerThread } from './worker-thread.js';

/** Workers are compiled files; this one lies in dist whether the caller runs from src or from dist. */
const WORKER_FILE = fileURLToPath(new URL('../../dist/workers/cube.worker.js', import.meta.url));

/** A task whose thread dies so often when it runs alone counts as failed. */
const ATTEMPTS_ALONE = 2;

/** How many threads run, and with which memory. */
export type ThreadExecutorOptions = {
  readonly workers: number;
  readonly setup: Omit<WorkerSetup, 'signChannel'>;
  readonly sign?: SignHook;
  /** What to record of a task that no worker survives; absent: it is an error. */
  readonly onLost?: (task: ChunkTask, problem: Problem) => Promise<TaskResult>;
  /** Another worker entry, for tests. */
  readonly workerFile?: string;
};

/**
 * Runs groups of tasks in threads, each with a stream of its own; a thread whose stream has ended takes from the others. A
 * worker that dies loses nothing: its tasks run again, alone.
 */
export class ThreadExecutor implements Executor {
  readonly streams: number;
  /** A stream stays with the thread that has its tiles at hand. */
  readonly #threads: readonly WorkerThread[];
  readonly #onLost: ThreadExecutorOptions['onLost'];
  readonly #signing: { close(): void } | null;

  constructor({ workers, setup, sign, onLost, workerFile = WORKER_FILE }: ThreadExecutorOptions) {
    const signChannel = sign === undefined ? null : `heliocube-sign-${randomUUID()}`;
    this.#signing = sign === undefined ? null : serveSigning(signChannel!, sign);
    this.streams = workers;
    this.#onLost = onLost;
    this.#threads = Array.from({ length: workers }, () => new WorkerThread(workerFile, { ...setup, signChannel }));
  }

  async run(streams: readonly Iterable<TaskGroup>[], options: ExecutorOptions): Promise<void> {
    const iterators = streams.map((stream) => stream[Symbol.iterator]());
    const failure: { error: unknown } = { error: null };
    const lane = async (thread: WorkerThread, own: number): Promise<void> => {
      while (failure.error === null) {
        const group = nextGroup(iterators, own);
        if (group === null) return;
        await this.#runGroup(thread, group, options).catch((error: unknown) => {
          failure.error ??= error;
        });
      }
    };
    const lanes = this.#threads.flatMap((thread, index) =>
      Array.from({ length: GROUPS_PER_WORKER }, () => lane(thread, index)),
    );
    await Promise.all(lanes);
    if (failure.error !== null) throw failure.error;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    this.#signing?.close();
  }

  async #runGroup(thread: WorkerThread, group: TaskGroup, options: ExecutorOptions): Promise<void> {
    const outcome = await thread.run(group, options.signal);
    if (outcome === null) {
      for (const task of group) await this.#runAlone(thread, task, options);
      return;
    }
    await deliver(outcome, options);
  }

  /** A group died: which of its tasks was to blame is unknown, so each runs alone, and again where that dies too. */
  async #runAlone(thread: WorkerThread, task: ChunkTask, options: ExecutorOptions): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_ALONE; attempt++) {
      const outcome = await thread.run([task], options.signal);
      if (outcome !== null) return deliver(outcome, options);
    }
    const problem: Problem = { kind: 'worker', what: `every thread that ran task ${task.key} died` };
    if (this.#onLost === undefined) throw new CubeError(problem);
    await options.onResult(await this.#onLost(task, problem));
  }
}

/** The next group of the own stream, else of the first one that has any. */
function nextGroup(iterators: readonly Iterator<TaskGroup>[], own: number): TaskGroup | null {
  for (let i = 0; i < iterators.length; i++) {
    const next = iterators[(own + i) % iterators.length]!.next();
    if (next.done !== true) return next.value;
  }
  return null;
}

async function deliver({ results, problem }: GroupOutcome, { onResult }: ExecutorOptions): Promise<void> {
  for (const result of results) await onResult(result);
  if (problem !== null) throw new CubeError(problem);
}
