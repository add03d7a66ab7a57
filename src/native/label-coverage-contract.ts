import type { CoverageRule } from './coverage-contract.js';
import type { FlatLabels } from './flatten-rings.js';

/**
 * Coverage of many labels in one list. Label i has its partly covered cells from the end of label i - 1 to number
 * `ends[2·i]` of `cells` and `fractions`, its whole cells as runs (first cell, length; never across rows) to number
 * `ends[2·i + 1]` of `runs`. Cells are row × width + column in the label's window, each list ascending. `covered[i]` is the
 * sum of all parts: those of the partly covered cells in their order, then the number of whole ones.
 */
export type LabelCoverage = {
  readonly cells: Uint32Array;
  readonly fractions: Float64Array;
  readonly runs: Uint32Array;
  readonly ends: Uint32Array;
  readonly covered: Float64Array;
};

/**
 * Covers the labels from `first` on and writes into `output` from its begin, as many as there is room for; answers how
 * many, or a negative code. `windows` has col, row, width, height of each label. A label needs room for every cell of its
 * window in `cells` and `fractions`, and for as many numbers and one a row in `runs`.
 */
export type CoverLabels = (
  labels: FlatLabels,
  windows: Float64Array,
  rule: CoverageRule,
  first: number,
  output: LabelCoverage,
) => number;
