import { CubeError, isCubeError, type Problem } from '../errors.js';
import type { ByteSource, ReadResult } from './byte-source.js';
import { systemClock, type Clock } from './clock.js';
import { adviceOf, RetryHint } from './retry-hint.js';

/** How often and how long apart a read is tried again. */
export type RetryOptions = {
  /** Attempts in all. Default 6. */
  readonly attempts?: number;
  /** The first wait is at most so long, each next one twice as long. Default 200 ms. */
  readonly baseMs?: number;
  /** Longest wait of our own choice. Default 20 s. */
  readonly maxMs?: number;
  /** A Retry-After beyond this ends the attempts. Default 2 min. */
  readonly maxRetryAfterMs?: number;
  readonly clock?: Clock;
};

/** Refusals for want of pace (429) count as a fifth of an attempt: the origin works and only wants us slower. */
const RATE_COST = 0.2;

/**
 * Tries a read again where its error says that this may help, after a random wait below an exponentially growing bound
 * ("full jitter"), never before the origin's Retry-After. The final `network` problem counts all attempts.
 */
export function withRetries(source: ByteSource, options: RetryOptions = {}): ByteSource {
  const { attempts = 6, maxRetryAfterMs = 120_000, clock = systemClock } = options;
  return {
    url: source.url,
    async read(range, readOptions = {}): Promise<ReadResult> {
      let spent = 0;
      for (let attempt = 1; ; attempt++) {
        try {
          return await source.read(range, readOptions);
        } catch (error) {
          const advice = adviceOf(error);
          spent += advice.load === 'rate' ? RATE_COST : 1;
          const patient = advice.afterMs === null || advice.afterMs <= maxRetryAfterMs;
          // The sum of fifths is not exact.
          if (!advice.again || !patient || spent > attempts - 1e-6) throw finalError(error, attempt);
          await clock.wait(waitOf(attempt, advice.afterMs, options, clock), readOptions.signal);
        }
      }
    },
  };
}

function waitOf(attempt: number, afterMs: number | null, options: RetryOptions, clock: Clock): number {
  const { baseMs = 200, maxMs = 20_000 } = options;
  const jitter = clock.random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  return (afterMs ?? 0) + jitter;
}

/** The error as the caller sees it: without advice, with the number of attempts. */
function finalError(error: unknown, attempts: number): unknown {
  if (!isCubeError(error)) return error;
  const hint = error.cause instanceof RetryHint ? error.cause : null;
  if (hint === null && attempts === 1) return error;
  const cause = hint === null ? error.cause : hint.cause;
  return new CubeError(countAttempts(error.problem, attempts, hint), cause === undefined ? undefined : { cause });
}

function countAttempts(problem: Problem, attempts: number, hint: RetryHint | null): Problem {
  if (problem.kind === 'network') {
    const afterMs = hint?.advice.afterMs ?? null;
    const wish = afterMs === null ? '' : `, Retry-After ${Math.ceil(afterMs / 1000)} s`;
    return { ...problem, what: problem.what + wish, attempts };
  }
  if (problem.kind === 'bad-response' && attempts > 1)
    return { ...problem, what: `${problem.what} (${attempts} attempts)` };
  return problem;
}
