import type { ByteSource } from './byte-source.js';
import type { OriginLimit, Release } from './origin-limit.js';
import { adviceOf } from './retry-hint.js';

/** Holds a slot of the origin's limit during each read, and tells the limit how the read ended. */
export function withLimit(source: ByteSource, limit: OriginLimit): ByteSource {
  return {
    url: source.url,
    async read(range, options = {}) {
      const release: Release = await limit.acquire(options.signal);
      try {
        const result = await source.read(range, options);
        release(null);
        return result;
      } catch (error) {
        release(adviceOf(error));
        throw error;
      }
    },
  };
}
