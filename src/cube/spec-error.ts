import { CubeError } from '../errors.js';

/** An `invalid-spec` problem: the key, what is wrong with it and, where one is known, the fix. */
export function specError(path: string, what: string, fix?: string): CubeError {
  return new CubeError({ kind: 'invalid-spec', path, what, ...(fix === undefined ? {} : { fix }) });
}
