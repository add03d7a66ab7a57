import type { Problem } from '../errors.js';
import { runTask } from '../cube/run-task.js';
import type { ChunkTask } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import { openWorkerState, type WorkerSetup } from '../workers/jobs.js';

/**
 * Finish a task that no worker survived without reading anything: every candidate counts as failed, so that its pixels
 * have reason 4 and the ledger has a row for each item.
 */
export function lostTask(
  setup: Omit<WorkerSetup, 'signChannel'>,
): (task: ChunkTask, problem: Problem) => Promise<TaskResult> {
  return async (task, problem) => {
    const state = await openWorkerState({ ...setup, signChannel: null });
    try {
      return await runTask(withoutReads(task, problem, setup.context.bands[0]!.name), state.runner);
    } finally {
      await state.close();
    }
  };
}

function withoutReads(task: ChunkTask, problem: Problem, band: string): ChunkTask {
  if (task.kind === 'labels') return task;
  const broken = { band, problem, attempts: 2, window: null };
  return { ...task, candidates: task.candidates.map(({ itemId }) => ({ itemId, planes: [], broken })) };
}
