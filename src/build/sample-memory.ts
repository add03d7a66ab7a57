import { CubeError } from '../errors.js';
import { holdsSamples, memoryBytes, newSamples } from '../grid/dtype.js';
import type { RasterLevel } from '../raster/level.js';
import { assertArrayFits } from '../raster/read-plane.js';
import type { OwnSamples } from './raster-array.js';

/**
 * Memory for so many samples of a level: the caller's `into`, or new. Problems: `budget` for more than 4 GiB,
 * `invalid-argument` for an `into` that does not hold exactly them.
 */
export function sampleMemory(
  { dtype, url }: Pick<RasterLevel, 'dtype' | 'url'>,
  count: number,
  into: OwnSamples | undefined,
): OwnSamples {
  const fix = 'read it in smaller parts, or an overview';
  assertArrayFits(`${count} samples of ${dtype}`, count * memoryBytes(dtype), fix);
  if (into === undefined) return newSamples(dtype, count) as OwnSamples;
  if (holdsSamples(into, dtype) && into.length === count) return into;
  const found = `${into.length} samples of ${into.constructor.name}`;
  const what = `${url}: \`into\` must hold exactly ${count} samples of ${dtype}, and holds ${found}`;
  throw new CubeError({ kind: 'invalid-argument', what });
}
