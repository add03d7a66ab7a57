import { workerData } from 'node:worker_threads';
import type { TaskGroup } from '../cube/executor.js';
import { openWorkerState, runGroup, type GroupOutcome, type WorkerSetup, type WorkerState } from './jobs.js';

// Piscina wraps what it was given as workerData in an array behind its own entries.
const setup = (Array.isArray(workerData) ? workerData.at(-1) : workerData) as WorkerSetup;
let state: Promise<WorkerState> | null = null;

/** The entry that piscina calls: one message in, one out. */
export async function runGroupJob(group: TaskGroup): Promise<GroupOutcome> {
  state ??= openWorkerState(setup);
  return runGroup(group, await state);
}
