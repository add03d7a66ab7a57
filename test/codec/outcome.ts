import { isCubeError } from '../../src/errors.js';

/** The value of a call, or the kind of the `CubeError` that it throws; any other error is a bug and passes. */
export function outcomeOf<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (isCubeError(error)) return error.problem.kind;
    throw error;
  }
}
