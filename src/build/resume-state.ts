import { CubeError } from '../errors.js';
import type { JournalState } from '../cube/journal.js';
import type { ChunkRow } from '../cube/records.js';
import { layoutDifference, type LayoutParts } from '../cube/writer/describe-layout.js';
import { chunkKey } from '../cube/writer/encode.js';
import type { ChunkTask } from '../cube/task.js';
import type { TaskResult } from '../cube/task-result.js';
import type { FindChangedObject } from './changed-objects.js';

/** What an interrupted build left that still holds. */
export type Kept = {
  /** Receipts of tasks whose hash and stored objects are unchanged, by task key. */
  readonly results: ReadonlyMap<string, TaskResult>;
  /** Tasks that were finished and must be done again, with the reason. */
  readonly redone: readonly { readonly key: string; readonly reason: string }[];
};

/** What is asked of the store and the sources about a finished task. */
export type StoredChecks = {
  /** Bytes of an object of the store, or null where it is not there. */
  readonly sizeOf: (key: string) => Promise<number | null>;
  readonly changedObject: FindChangedObject;
};

/**
 * Compare a journal with the plan of today. Another layout (grid, arrays, times, storage) is another store and is refused;
 * a task whose inputs changed, whose read had failed or whose objects are gone is done again.
 */
export async function keptResults(
  state: JournalState,
  plan: { readonly layout: LayoutParts; readonly tasks: Iterable<ChunkTask> },
  checks: StoredChecks,
  journalPath: string,
): Promise<Kept> {
  const difference = layoutDifference(state.header.layout, plan.layout);
  if (difference !== null) {
    throw new CubeError({
      kind: 'exists',
      path: journalPath,
      what: `the ${state.sealedPlan === null ? 'unfinished' : 'finished'} build is laid out otherwise than this specification asks: ${difference}`,
      fix: 'restore the specification and the items, or start anew with --overwrite',
    });
  }
  const results = new Map<string, TaskResult>();
  const redone: Kept['redone'][number][] = [];
  const left = new Set(state.results.keys());
  for (const task of plan.tasks) {
    const result = state.results.get(task.key);
    if (result === undefined) continue;
    left.delete(task.key);
    const reason = await reasonToRedo(result, task, checks);
    if (reason === null) results.set(task.key, result);
    else redone.push({ key: task.key, reason });
  }
  for (const key of left) redone.push({ key, reason: 'the plan no longer has it' });
  return { results, redone };
}

async function reasonToRedo(result: TaskResult, task: ChunkTask, checks: StoredChecks): Promise<string | null> {
  if (task.hash !== result.hash) return 'its specification, items or files changed';
  if (result.failures.length > 0) return 'a read had failed';
  for (const chunk of result.chunks) {
    const key = chunkKey(chunk);
    if (!isAsStored(chunk, await checks.sizeOf(key))) return `${key} is not as it was stored`;
  }
  const changed = await checks.changedObject(result, task);
  return changed === null ? null : `${changed} is another version than it was`;
}

/** References are in the receipt: a sealed cube shows their size, staged objects have none of it. */
function isAsStored({ state, storage, bytes }: ChunkRow, size: number | null): boolean {
  if (storage === 'virtual' && size === null) return true;
  return size === (state === 'stored' ? bytes : null);
}
