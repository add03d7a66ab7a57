import { abortedError, onAbort, throwIfAborted } from './abort.js';
import { systemClock, type Clock } from './clock.js';
import type { RetryAdvice } from './retry-hint.js';

/** How many requests one origin gets at a time. */
export type LimitOptions = {
  /** Requests under way at most. Default `MAX_REQUESTS`. */
  readonly max?: number;
  /** Requests under way at first. Default: half of `max`, so that shares of a limit begin as low as the whole. */
  readonly initial?: number;
  readonly clock?: Clock;
};

/** Gives the slot back and says how the request ended; `null` stands for success. */
export type Release = (advice: RetryAdvice | null) => void;

type Waiter = { readonly grant: () => void };

/**
 * Requests under way to one origin where nothing else is said. With a latency of 25 ms 64 leave a third of the time unused when
 * headers are opened, more than 128 gain nothing (case R1 of the benchmarks).
 */
export const MAX_REQUESTS = 128;

/** Above so many requests a second a pace is no limit any more. */
const FREE_RATE = 500;

/** Longest time that one refusal stops the whole origin. */
const MAX_PAUSE_MS = 60_000;

/**
 * How many requests one origin gets at a time, found by additive increase and multiplicative decrease: every success
 * adds a little, an overload (503, timeouts, 429) halves, at most once for all requests that were under way together.
 * Before the first overload every success adds one, as TCP's slow start does (RFC 5681, 3.1).
 * A 429 also sets a pace in requests a second, half of what was just tried, that grows slowly until it no longer matters.
 */
export class OriginLimit {
  readonly #max: number;
  readonly #clock: Clock;
  readonly #queue = new Set<Waiter>();
  readonly #starts: number[] = [];
  #limit: number;
  #refused = false;
  #active = 0;
  /** Requests that began before the last decrease do not decrease again. */
  #epoch = 0;
  #rate: number | null = null;
  #nextStart = 0;
  #waking = false;

  constructor(options: LimitOptions = {}) {
    this.#max = options.max ?? MAX_REQUESTS;
    this.#limit = Math.min(this.#max, options.initial ?? Math.ceil(this.#max / 2));
    this.#clock = options.clock ?? systemClock;
  }

  /** Requests that may be under way now, and the pace in requests a second (null: none). */
  get state(): { readonly limit: number; readonly active: number; readonly rate: number | null } {
    return { limit: Math.floor(this.#limit), active: this.#active, rate: this.#rate };
  }

  /** Waits for a slot, first come first served. */
  async acquire(signal?: AbortSignal): Promise<Release> {
    throwIfAborted(signal);
    if (this.#queue.size > 0 || !this.#start()) await this.#wait(signal);
    const epoch = this.#epoch;
    return (advice) => this.#release(advice, epoch);
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        grant: () => {
          off();
          resolve();
        },
      };
      const off = onAbort(signal, () => {
        this.#queue.delete(waiter);
        if (signal !== undefined) reject(abortedError(signal));
      });
      this.#queue.add(waiter);
      this.#grant();
    });
  }

  #release(advice: RetryAdvice | null, epoch: number): void {
    this.#active--;
    if (advice === null) this.#increase();
    else if (advice.load !== null && epoch === this.#epoch) this.#decrease(advice);
    this.#grant();
  }

  #increase(): void {
    this.#limit = Math.min(this.#max, this.#limit + (this.#refused ? 1 / this.#limit : 1));
    if (this.#rate === null) return;
    // Once for each of `rate` successes a second: one request a second more, or a twentieth.
    this.#rate += Math.max(1 / this.#rate, 0.05);
    if (this.#rate > FREE_RATE) this.#rate = null;
  }

  #decrease(advice: RetryAdvice): void {
    this.#epoch++;
    this.#refused = true;
    this.#limit = Math.max(1, this.#limit / 2);
    if (advice.load !== 'rate') return;
    this.#rate = Math.max(0.5, (this.#rate ?? this.#recentRate()) / 2);
    const pause = Math.min(MAX_PAUSE_MS, advice.afterMs ?? 1000 / this.#rate);
    this.#nextStart = Math.max(this.#nextStart, this.#clock.now() + pause);
  }

  /** Starts within the last second. */
  #recentRate(): number {
    const since = this.#clock.now() - 1000;
    return Math.max(1, this.#starts.filter((time) => time > since).length);
  }

  #grant(): void {
    for (const waiter of this.#queue) {
      if (!this.#start()) return;
      this.#queue.delete(waiter);
      waiter.grant();
    }
  }

  /** Takes a slot, where one is free and the pace allows it. */
  #start(): boolean {
    if (this.#active >= Math.floor(this.#limit)) return false;
    const now = this.#clock.now();
    if (now < this.#nextStart) {
      this.#wakeAt(this.#nextStart - now);
      return false;
    }
    if (this.#rate !== null) this.#nextStart = now + 1000 / this.#rate;
    this.#starts.push(now);
    if (this.#starts.length > FREE_RATE) this.#starts.shift();
    this.#active++;
    return true;
  }

  #wakeAt(ms: number): void {
    if (this.#waking) return;
    this.#waking = true;
    void this.#clock.wait(ms).finally(() => {
      this.#waking = false;
      this.#grant();
    });
  }
}
