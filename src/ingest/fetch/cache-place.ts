import { join } from 'node:path';
import { cacheRoot } from '../../io/cache-root.js';

/** Folders of a cache. */
export type CachePlace = {
  readonly root: string;
  /** Contents: `ab/cdef…`, by SHA-256. */
  readonly objects: string;
  /** What is known of each: one JSON file an entry. */
  readonly index: string;
  /** What repositories said of records, for use without a network. */
  readonly records: string;
  /** Downloads that are not finished. */
  readonly partial: string;
  /** Members of archives, by the archive's SHA-256. */
  readonly unpacked: string;
  /** Files under the names that they have in their records; links to `objects`. */
  readonly files: string;
};

/** Where the cache lies: `given`, else `$XDG_CACHE_HOME/heliocube`, else `~/.cache/heliocube`. */
export function cachePlace(given?: string, environment: NodeJS.ProcessEnv = process.env): CachePlace {
  const root = cacheRoot(given, environment);
  const below = (name: string) => join(root, name);
  return {
    root,
    objects: below('sha256'),
    index: below('index'),
    records: below('records'),
    partial: below('partial'),
    unpacked: below('unpacked'),
    files: below('files'),
  };
}

/** Where the content of a SHA-256 (lower-case hexadecimal) lies. */
export function objectPath(place: CachePlace, sha256: string): string {
  return join(place.objects, sha256.slice(0, 2), sha256.slice(2));
}
