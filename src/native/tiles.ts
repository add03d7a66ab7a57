import { nativeFunctions } from './load.js';
import type { DecodeTiles } from './tile-batch.js';
import { decodeTiles } from './twin/tile-batch.js';

/** The addon's function, or null where the addon is absent. */
export function nativeTileBatch(): DecodeTiles | null {
  return nativeFunctions<{ decodeTiles: DecodeTiles }>(['decodeTiles'])?.decodeTiles ?? null;
}

/** The function that runs here: the addon's where it is loaded, else its twin. */
export function tileBatchKernel(): DecodeTiles {
  return nativeTileBatch() ?? decodeTiles;
}
