import { abortedError, onAbort, throwIfAborted } from './abort.js';

/** Time and chance as retries and limits see them; tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; `aborted` as soon as the signal fires. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  async wait(ms, signal) {
    throwIfAborted(signal);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        off();
        resolve();
      }, ms);
      const off = onAbort(signal, () => {
        clearTimeout(timer);
        if (signal !== undefined) reject(abortedError(signal));
      });
    });
  },
};
