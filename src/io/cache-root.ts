import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Folder of everything that is kept between runs: `given`, else `$XDG_CACHE_HOME/heliocube`, else `~/.cache/heliocube`. */
export function cacheRoot(given?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['XDG_CACHE_HOME'] ?? '';
  return resolve(given ?? join(base === '' ? join(homedir(), '.cache') : base, 'heliocube'));
}
