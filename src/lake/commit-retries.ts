import { setTimeout } from 'node:timers/promises';
import { CubeError, isCubeError } from '../errors.js';
import { throwIfAborted } from '../io/abort.js';

/** DuckLake retries conflicts by itself ten times; what still fails is tried this often from the start. */
const ATTEMPTS = 6;

/** Words of failures that pass: another writer was there, or the connection went away. */
const PASSING = /locked|conflict|busy|deadlock|serializ|concurrent|retry|connection|already exists|aborted/i;

/**
 * Try a commit from the start while its failure is one that passes. The outcome of a failed COMMIT may be unknown: each
 * attempt (1 is the first) must look for what an earlier one has left.
 */
export async function withCommitRetries<T>(
  signal: AbortSignal | undefined,
  commit: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commit(attempt);
    } catch (error) {
      throwIfAborted(signal);
      if (!isPassing(error)) throw error;
      if (attempt === ATTEMPTS) throw gaveUp(error);
      await setTimeout(50 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

/** In one line, with the way out. */
function gaveUp(error: unknown): unknown {
  if (!isCubeError(error, 'lake')) return error;
  const what = error.problem.what.replaceAll(/\s*\n\s*/g, ' ');
  const fix = 'others write to the lake, or its server cannot be reached: run this again';
  return new CubeError({ fix, ...error.problem, what }, { cause: error });
}

function isPassing(error: unknown): boolean {
  return isCubeError(error, 'lake') && error.problem.what.startsWith('DuckDB:') && PASSING.test(error.problem.what);
}
