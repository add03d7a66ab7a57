import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Free what JavaScript no longer holds, now: before DuckDB takes gigabytes of its own, of which V8 knows nothing and would wait for
 * memory to run short.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
