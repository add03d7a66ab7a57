import { CubeError } from '../errors.js';
import type { JournalState } from '../cube/journal.js';
import { objectKey } from '../cube/writer/encode.js';
import type { TaskResult } from '../cube/task-result.js';

/** What an interrupted build left that still holds. */
export type Kept = {
  /** Receipts of tasks whose hash and stored objects are unchanged, by task key. */
  readonly results: ReadonlyMap<string, TaskResult>;
  /** Tasks that were finished and must be done again, with the reason. */
  readonly redone: readonly { readonly key: string; readonly reason: string }[];
};

/**
 * Compare a journal with the plan of today. Another layout (grid, bands, times) is another store and is refused; a task
 * whose inputs changed, whose read had failed or whose objects are gone is done again.
 */
export async function keptResults(
  state: JournalState,
  plan: { readonly layoutHash: string; readonly hashes: ReadonlyMap<string, string> },
  sizeOf: (key: string) => Promise<number | null>,
  journalPath: string,
): Promise<Kept> {
  if (state.header.layoutHash !== plan.layoutHash) {
    throw new CubeError({
      kind: 'exists',
      path: journalPath,
      what: 'the unfinished build has another grid, bands, times or codec than this specification gives',
      fix: 'restore the specification and the items, or start anew with --overwrite',
    });
  }
  const results = new Map<string, TaskResult>();
  const redone: { key: string; reason: string }[] = [];
  for (const [key, result] of state.results) {
    const reason = await reasonToRedo(result, plan.hashes.get(key), sizeOf);
    if (reason === null) results.set(key, result);
    else redone.push({ key, reason });
  }
  return { results, redone };
}

async function reasonToRedo(
  result: TaskResult,
  hash: string | undefined,
  sizeOf: (key: string) => Promise<number | null>,
): Promise<string | null> {
  if (hash === undefined) return 'the plan no longer has it';
  if (hash !== result.hash) return 'its specification, items or files changed';
  if (result.failures.length > 0) return 'a read had failed';
  for (const { array, timeIndex, yIndex, xIndex, state, bytes } of result.chunks) {
    const index = timeIndex === null ? [yIndex, xIndex] : [timeIndex, yIndex, xIndex];
    const size = await sizeOf(objectKey({ name: array }, index));
    if (size !== (state === 'stored' ? bytes : null))
      return `${objectKey({ name: array }, index)} is not as it was stored`;
  }
  return null;
}
