import type { Window } from '../grid/affine.js';
import type { CoverageCache } from './label-parts.js';
import type { TaskLabel } from './task.js';

/**
 * The `coverage` plane (fraction of each pixel under labels, the sum over labels clamped to 1) and the `label` plane
 * (id of the label that covers most of the pixel, ties to the lower id, 0 for none) of a window.
 */
export function labelPlanes(
  labels: readonly TaskLabel[],
  window: Window,
  cache: CoverageCache,
): { readonly coverage: Float32Array; readonly label: Uint32Array } {
  const size = window.width * window.height;
  const total = new Float64Array(size);
  const most = new Float64Array(size);
  const label = new Uint32Array(size);
  for (const one of [...labels].sort((a, b) => a.labelId - b.labelId)) {
    const { cells, fractions } = cache.get(one, window);
    for (let i = 0; i < cells.length; i++) {
      const pixel = cells[i]!;
      const fraction = fractions[i]!;
      total[pixel]! += fraction;
      if (fraction > most[pixel]!) {
        most[pixel] = fraction;
        label[pixel] = one.labelId;
      }
    }
  }
  return { coverage: Float32Array.from(total, (value) => Math.min(1, value)), label };
}
