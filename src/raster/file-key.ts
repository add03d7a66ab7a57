import type { ObjectGuard } from './chunk-ref.js';

/** One text a file and what guards the references to it: a file of two versions is two files. */
export function fileKey(url: string, guard: ObjectGuard | undefined): string {
  return guard === undefined ? url : `${url}\n${guard.notAfterMs}\n${guard.etag}`;
}
