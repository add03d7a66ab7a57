import { CubeError } from '../../errors.js';
import type { Size } from '../../grid/affine.js';

/** Rows of a mask, from the top; each is valid until the next one is asked for. Values that are NaN are background. */
export type MaskRows = {
  readonly size: Size;
  /** Values beside 0 that the file itself says are no data. */
  readonly nodata: readonly number[];
  readonly rows: AsyncIterable<ArrayLike<number>>;
};

/** What a mask is refused for, by name, with the fix. */
export function refuseMask(url: string, feature: string, fix: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `a mask ${feature}`, url, fix });
}
