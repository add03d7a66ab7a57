import { CubeError } from '../../errors.js';
import type { LeftOut } from './remote-file.js';

/** Files that are told with their reasons. */
const TOLD = 5;

/** The problem of a data set of which no file is left; `of` says which. */
export function nothingLeft(of: string, leftOut: readonly LeftOut[]): CubeError {
  const shown = leftOut.slice(0, TOLD).map(({ name, reason }) => `${name}: ${reason}`);
  const more = leftOut.length > shown.length ? `; and ${leftOut.length - shown.length} more` : '';
  const what = `no file of ${of} is wanted: ${shown.join('; ')}${more}`;
  return new CubeError({ kind: 'no-data', what, fix: 'change the file filters or max_mb' });
}
