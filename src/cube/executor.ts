import type { ChunkTask } from './task.js';
import type { TaskResult } from './task-result.js';

/** Tasks that one worker runs in a row because they share source tiles. */
export type TaskGroup = readonly ChunkTask[];

/** How a plan's tasks are run. */
export type ExecutorOptions = {
  readonly signal?: AbortSignal;
  /** Called once for every finished task, in the order of finishing; the executor waits for it. */
  readonly onResult: (result: TaskResult) => Promise<void> | void;
};

/**
 * Port: where tasks run. Groups are taken from the streams only as fast as they are worked off, and those of one stream by
 * one worker as far as that goes, because they share source tiles. The first error of a task stops the run and is thrown
 * after the running groups have ended. The results do not depend on the executor.
 */
export interface Executor {
  /** Into how many streams a plan is best cut. */
  readonly streams: number;
  run(streams: readonly Iterable<TaskGroup>[], options: ExecutorOptions): Promise<void>;
  close(): Promise<void>;
}
