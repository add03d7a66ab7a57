import type { ObjectIdentity } from '../../io/byte-source.js';
import { formatIdentity } from '../../io/with-identity.js';
import type { WindowRef } from '../chunk-ref.js';
import { askGdal } from './ask-gdal.js';

/** The samples of a window, row by row in the machine's byte order. Problems: those of `askGdal`. */
export function readWindow(ref: WindowRef, identity: ObjectIdentity): Promise<Uint8Array> {
  const { url, source, band, window } = ref;
  return askGdal('read', { url, ...source, band, window, version: formatIdentity(identity) }, url);
}
