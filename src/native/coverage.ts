import type { PixelWindow } from './kernels.js';
import { coverCentersTwin, coverExactTwin, coverTouchedTwin } from './twin/coverage.js';

/** `exact`: covered fraction; `center`: 1 where the pixel's centre is inside; `all-touched`: 1 where any of it is. */
export type CoverageRule = 'exact' | 'center' | 'all-touched';

/** The pixels of a window that a polygon covers: row × width + col within the window, ascending, and their fractions. */
export type CoverageCells = { readonly cells: Uint32Array; readonly fractions: Float64Array };

/**
 * Coverage of a multipolygon (rings in pixel coordinates, x right, y down; the first ring of a polygon is its outline, the
 * others are holes, whatever their direction). Parts that overlap count once. The fraction of a pixel does not depend on
 * the window.
 */
export function coverPolygons(
  polygons: readonly (readonly Float64Array[])[],
  window: PixelWindow,
  rule: CoverageRule = 'exact',
): CoverageCells {
  switch (rule) {
    case 'exact':
      return coverExactTwin(polygons, window);
    case 'center':
      return coverCentersTwin(polygons, window);
    case 'all-touched':
      return coverTouchedTwin(polygons, window);
  }
}
