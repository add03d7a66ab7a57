import { Piscina } from 'piscina';
import { CubeError } from '../errors.js';
import type { TaskGroup } from '../cube/executor.js';
import type { GroupOutcome, WorkerSetup } from './jobs.js';

/** Groups that a thread is given at a time: one runs and one waits, so that it is not idle between messages. */
export const GROUPS_PER_WORKER = 2;

/** One thread that runs groups of tasks, and is started anew where it dies. */
export class WorkerThread {
  readonly #pool: Piscina;
  /** Aborted when no thread is left for what waits: piscina starts none after one that failed while it started. */
  #gone = new AbortController();

  constructor(filename: string, workerData: WorkerSetup) {
    this.#pool = new Piscina({
      filename,
      name: 'runGroupJob',
      workerData,
      minThreads: 1,
      maxThreads: 1,
      maxQueue: GROUPS_PER_WORKER,
    });
    // A worker that cannot start has no task to reject: without a listener its error would end the process.
    this.#pool.on('error', () => {});
    // The event comes before the thread is taken from the list and another one is started.
    this.#pool.on('workerDestroy', () => queueMicrotask(() => this.#giveUpWaiting()));
  }

  /** Null where the thread died, or did not start; errors of tasks come back as data. Problem: `aborted`. */
  async run(group: TaskGroup, signal: AbortSignal | undefined): Promise<GroupOutcome | null> {
    const gone = this.#gone.signal;
    try {
      const either = signal === undefined ? gone : AbortSignal.any([signal, gone]);
      return (await this.#pool.run(group, { signal: either })) as GroupOutcome;
    } catch (error) {
      if (signal?.aborted === true)
        throw new CubeError({ kind: 'aborted', what: 'the build was stopped' }, { cause: error });
      return null;
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  /** The next group starts a thread again. */
  #giveUpWaiting(): void {
    if (this.#pool.threads.length > 0) return;
    this.#gone.abort();
    this.#gone = new AbortController();
  }
}
