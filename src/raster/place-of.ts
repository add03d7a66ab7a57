import type { ByteSource } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';

/**
 * The URL that a file's chunks are read from later. A source hides the query of a remote file, without which it may not be
 * read; of a local one it knows the `file:` URL.
 */
export function placeOf(source: Pick<ByteSource, 'url'>, openedBy: string = source.url): string {
  return isLocal(openedBy) ? source.url : openedBy;
}
