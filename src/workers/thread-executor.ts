import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { CubeError, type Problem } from '../errors.js';
import type { Executor, ExecutorOptions, TaskGroup } from '../cube/executor.js';
import type { ChunkTask } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import type { GroupOutcome, WorkerSetup } from './jobs.js';
import type { SignHook } from '../io/url-signer.js';
import { serveSigning } from './sign-channel.js';

/** Workers are compiled files; this one lies in dist whether the caller runs from src or from dist. */
const WORKER_FILE = fileURLToPath(new URL('../../dist/workers/cube.worker.js', import.meta.url));

/** One group runs and one waits in each worker, so that none is idle between messages. */
const GROUPS_PER_WORKER = 2;

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

/** Runs groups of tasks in a pool of threads. A worker that dies loses nothing: its tasks run again, alone. */
export class ThreadExecutor implements Executor {
  readonly #pool: Piscina;
  readonly #workers: number;
  readonly #onLost: ThreadExecutorOptions['onLost'];
  readonly #signing: { close(): void } | null;

  constructor({ workers, setup, sign, onLost, workerFile = WORKER_FILE }: ThreadExecutorOptions) {
    const signChannel = sign === undefined ? null : `heliocube-sign-${randomUUID()}`;
    this.#signing = sign === undefined ? null : serveSigning(signChannel!, sign);
    this.#workers = workers;
    this.#onLost = onLost;
    const pool = new Piscina({
      filename: workerFile,
      name: 'runGroupJob',
      workerData: { ...setup, signChannel } satisfies WorkerSetup,
      minThreads: workers,
      maxThreads: workers,
      maxQueue: 'auto',
    });
    // A worker that cannot start has no task to reject: without a listener its error would end the process.
    pool.on('error', () => {});
    this.#pool = pool;
  }

  async run(groups: Iterable<TaskGroup>, options: ExecutorOptions): Promise<void> {
    const iterator = groups[Symbol.iterator]();
    const failure: { error: unknown } = { error: null };
    const lane = async (): Promise<void> => {
      while (failure.error === null) {
        const next = iterator.next();
        if (next.done === true) return;
        await this.#runGroup(next.value, options).catch((error: unknown) => {
          failure.error ??= error;
        });
      }
    };
    await Promise.all(Array.from({ length: this.#workers * GROUPS_PER_WORKER }, lane));
    if (failure.error !== null) throw failure.error;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
    this.#signing?.close();
  }

  async #runGroup(group: TaskGroup, options: ExecutorOptions): Promise<void> {
    const outcome = await this.#post(group, options.signal);
    if (outcome === null) {
      for (const task of group) await this.#runAlone(task, options);
      return;
    }
    await deliver(outcome, options);
  }

  /** A group died: which of its tasks was to blame is unknown, so each runs alone, and again where that dies too. */
  async #runAlone(task: ChunkTask, options: ExecutorOptions): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_ALONE; attempt++) {
      const outcome = await this.#post([task], options.signal);
      if (outcome !== null) return deliver(outcome, options);
    }
    const problem: Problem = { kind: 'worker', what: `every thread that ran task ${task.key} died` };
    if (this.#onLost === undefined) throw new CubeError(problem);
    await options.onResult(await this.#onLost(task, problem));
  }

  /** Null when the worker died; errors of tasks come back as data. */
  async #post(group: TaskGroup, signal: AbortSignal | undefined): Promise<GroupOutcome | null> {
    try {
      return (await this.#pool.run(group, signal === undefined ? {} : { signal })) as GroupOutcome;
    } catch (error) {
      if (signal?.aborted === true)
        throw new CubeError({ kind: 'aborted', what: 'the build was stopped' }, { cause: error });
      return null;
    }
  }
}

async function deliver({ results, problem }: GroupOutcome, { onResult }: ExecutorOptions): Promise<void> {
  for (const result of results) await onResult(result);
  if (problem !== null) throw new CubeError(problem);
}
