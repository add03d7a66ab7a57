import { CubeError } from '../errors.js';

const VARIABLE = 'HELIOCUBE_DUCKDB_THREADS';

/**
 * Threads of a database whose opener names no number: that of HELIOCUBE_DUCKDB_THREADS, or null, which is one a processor. Small
 * questions take a third less processor time with one. Problem: `invalid-argument` where the variable is no such number.
 */
export function defaultThreads(environment: Readonly<Record<string, string | undefined>>): number | null {
  const text = environment[VARIABLE];
  if (text === undefined || text === '') return null;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  const what = `${VARIABLE} is ${JSON.stringify(text)}, not a number of threads from 1 to 9999`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: `set ${VARIABLE}=1, or unset it` });
}
