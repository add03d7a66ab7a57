import { CubeError, isCubeError } from '../errors.js';

/** What to do about a file that is not the one that was scanned. */
const FIX =
  'the file changed after it was scanned: run `cube refs scan` again, build with --refs-check, or go without that lake';

/**
 * The error of a read of rasters that came from a lake: a file that changed since is told with the way out. `urls` are
 * those of the rasters.
 */
export function explainStale(error: unknown, urls: ReadonlySet<string>): unknown {
  if (!isCubeError(error, 'changed') || error.problem.fix !== undefined || !urls.has(error.problem.url)) return error;
  return new CubeError({ ...error.problem, fix: FIX }, { cause: error });
}
