import { isCubeError, type Problem } from '../src/errors.js';

/** The problem of what a call throws; null where it throws nothing. Other errors go on. */
export function thrown(action: () => unknown): Problem | null {
  try {
    action();
  } catch (error) {
    if (isCubeError(error)) return error.problem;
    throw error;
  }
  return null;
}
