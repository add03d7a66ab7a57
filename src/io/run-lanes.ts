import { setMaxListeners } from 'node:events';

/**
 * Hand items to `use`, so many at a time, in order of their beginning. The first failure ends it: what has begun is
 * waited for, what has not begun is left, and the failure is thrown.
 */
export async function runLanes<T>(
  items: Iterable<T>,
  lanes: number,
  use: (item: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  // Every read under way listens, and they are many.
  setMaxListeners(0, either);
  const waiting = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      either.throwIfAborted();
      await use(next.value, either);
    }
  };
  const running = Array.from({ length: lanes }, lane);
  try {
    await Promise.all(running);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(running);
    throw error;
  }
}
