import { abortedError, onAbort, throwIfAborted } from '../../src/io/abort.js';
import type { Clock } from '../../src/io/clock.js';
import { seeded } from '../fault-server.js';

type Timer = { readonly at: number; readonly fire: () => void };

/** Time that passes only when `run` finds nothing else to do. */
export class VirtualClock implements Clock {
  readonly random: () => number;
  #now = Date.parse('2023-08-01T00:00:00Z');
  readonly #timers = new Set<Timer>();

  constructor(seed = 1) {
    this.random = seeded(seed);
  }

  now(): number {
    return this.#now;
  }

  /** Moves time by hand. */
  advance(ms: number): void {
    this.#now += ms;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    return new Promise((resolve, reject) => {
      const timer: Timer = {
        at: this.#now + ms,
        fire: () => {
          off();
          resolve();
        },
      };
      const off = onAbort(signal, () => {
        this.#timers.delete(timer);
        if (signal !== undefined) reject(abortedError(signal));
      });
      this.#timers.add(timer);
    });
  }

  /** Fires timers in their order until the promise is settled; returns its result. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = () => (settled = true);
    promise.then(done, done);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return promise;
      let next: Timer | null = null;
      for (const timer of this.#timers) if (next === null || timer.at < next.at) next = timer;
      if (next === null) throw new Error('nothing left to wait for');
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
  }
}
