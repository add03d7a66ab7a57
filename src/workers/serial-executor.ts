import type { Executor, ExecutorOptions, TaskGroup } from '../cube/executor.js';
import { runTask, type TaskRunner } from '../cube/run-task.js';

/** Runs every task in the calling thread. */
export class SerialExecutor implements Executor {
  readonly #runner: TaskRunner;
  readonly #onClose: () => Promise<void>;

  constructor(runner: TaskRunner, onClose: () => Promise<void> = async () => {}) {
    this.#runner = runner;
    this.#onClose = onClose;
  }

  async run(groups: Iterable<TaskGroup>, { signal, onResult }: ExecutorOptions): Promise<void> {
    for (const group of groups) {
      for (const task of group) {
        signal?.throwIfAborted();
        await onResult(await runTask(task, this.#runner, signal));
      }
    }
  }

  close(): Promise<void> {
    return this.#onClose();
  }
}
