import type { Executor, ExecutorOptions, TaskGroup } from '../cube/executor.js';
import { readAhead } from '../cube/read-ahead.js';
import { runTask, type TaskRunner } from '../cube/run-task.js';

/** Runs every task in the calling thread. */
export class SerialExecutor implements Executor {
  readonly streams = 1;
  readonly #runner: TaskRunner;
  readonly #onClose: () => Promise<void>;

  constructor(runner: TaskRunner, onClose: () => Promise<void> = async () => {}) {
    this.#runner = runner;
    this.#onClose = onClose;
  }

  async run(streams: readonly Iterable<TaskGroup>[], options: ExecutorOptions): Promise<void> {
    for (const groups of streams) for (const group of groups) await this.#runGroup(group, options);
  }

  async #runGroup(group: TaskGroup, { signal, onResult }: ExecutorOptions): Promise<void> {
    for (const [index, task] of group.entries()) {
      signal?.throwIfAborted();
      const running = runTask(task, this.#runner, signal);
      const stop = readAhead(group[index + 1], this.#runner);
      const result = await running.catch(async (error: unknown) => {
        await stop();
        throw error;
      });
      await onResult(result);
    }
  }

  close(): Promise<void> {
    return this.#onClose();
  }
}
