import type { PixelWindow } from './kernels.js';

/** Which pixels count as covered, and how much of them. */
export type CoverageRule = 'exact' | 'center' | 'all-touched';

/** Covered pixels: `cells` are row × width + column in the window, ascending; `fractions` are above 0 and at most 1. */
export type CoverageCells = { readonly cells: Uint32Array; readonly fractions: Float64Array };

/** Rings in one list of x, y pairs: ring i ends before point `ends[i]` and counts `signs[i]` times (1 or -1). */
export type CoverageRings = { readonly points: Float64Array; readonly ends: Uint32Array; readonly signs: Int8Array };

/**
 * Writes the covered cells of `window` (numbered within it) and their fractions above `least`; answers how many, or a
 * negative code. The output has room for every cell.
 */
export type CoverRings = (
  rings: CoverageRings,
  window: PixelWindow,
  rule: CoverageRule,
  least: number,
  output: CoverageCells,
) => number;
