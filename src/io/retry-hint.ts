import { CubeError, type Problem } from '../errors.js';

/** What a failed attempt says about the next one. */
export type RetryAdvice = {
  /** Whether the same request may succeed later. */
  readonly again: boolean;
  /** `rate`: the origin wants fewer requests a second; `busy`: it could not keep up; null: nothing about its load. */
  readonly load: 'rate' | 'busy' | null;
  /** Wait at least so long, as the origin's Retry-After asks. */
  readonly afterMs: number | null;
};

/** Rides as the `cause` of an attempt's error, so that retries and limits need not guess from words. */
export class RetryHint extends Error {
  readonly advice: RetryAdvice;

  constructor(advice: RetryAdvice, cause?: unknown) {
    super('advice about another attempt', cause === undefined ? undefined : { cause });
    this.advice = advice;
  }
}

const NEVER: RetryAdvice = { again: false, load: null, afterMs: null };

/** An attempt's error that says whether another attempt makes sense. */
export function attemptError(problem: Problem, advice: Partial<RetryAdvice>, cause?: unknown): CubeError {
  return new CubeError(problem, { cause: new RetryHint({ ...NEVER, ...advice }, cause) });
}

/** The advice that an error carries; errors without one are final. */
export function adviceOf(error: unknown): RetryAdvice {
  return error instanceof CubeError && error.cause instanceof RetryHint ? error.cause.advice : NEVER;
}
