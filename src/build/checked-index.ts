import { isCubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { MAX_REQUESTS } from '../io/origin-limit.js';
import { runLanes } from '../io/run-lanes.js';
import { identityOf, isKnownSame } from '../io/with-identity.js';
import type { Raster } from '../raster/raster.js';
import type { RasterIndex } from '../raster/raster-index.js';

/**
 * The index without those of its rasters whose file is another one now, or cannot tell, or cannot be read: one small read each. Whoever
 * asks opens them by their headers.
 */
export function checkedIndex(index: RasterIndex, sources: SourceFactory): RasterIndex {
  return {
    async find(names, options = {}) {
      const known = await index.find(names, options);
      const same = new Map<string, Raster>();
      const check = async ([key, raster]: readonly [string, Raster], signal: AbortSignal) => {
        if (await isUnchanged(raster, sources, signal)) same.set(key, raster);
      };
      await runLanes(known, MAX_REQUESTS, check, options.signal);
      return same;
    },
  };
}

async function isUnchanged({ url, levels }: Raster, sources: SourceFactory, signal: AbortSignal): Promise<boolean> {
  const identity = levels[0]?.identity ?? null;
  if (identity === null) return false;
  try {
    return isKnownSame(identity, identityOf(await sources.open(url).read({ offset: 0, length: 1 }, { signal })));
  } catch (error) {
    // Opening it tells what is wrong, in its own words.
    if (signal.aborted || !isCubeError(error)) throw error;
    return false;
  }
}
