import { LRUCache } from 'lru-cache';
import { contains, type Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';
import { coverPolygons, type CoverageCells } from '../native/coverage.js';
import { bandStatistics } from './band-statistics.js';
import { REASON } from './reason.js';
import type { BandPlan, TaskLabel } from './task.js';
import type { LabelBandPart, LabelPart } from './task-result.js';

/** Cells kept for the next dates of the same chunk; about 12 bytes each. */
const KEPT_CELLS = 4_000_000;

/** Exact coverage of labels on chunks, kept by label and chunk: all dates share it. */
export class CoverageCache {
  readonly #cells = new LRUCache<string, CoverageCells>({ maxSize: KEPT_CELLS });

  get(label: TaskLabel, window: Window): CoverageCells {
    const key = `${label.labelId}|${window.col},${window.row},${window.width},${window.height}`;
    let cells = this.#cells.get(key);
    if (cells === undefined) {
      cells = coverPolygons(label.polygons, window);
      this.#cells.set(key, cells, { size: Math.max(1, Math.min(KEPT_CELLS, cells.cells.length)) });
    }
    return cells;
  }
}

/**
 * What each label finds in a fused chunk: statistics of every interpolable band where the label ends here, else its
 * values and weights. Each label is taken alone; pixels count where the reason is 0. Points cover nothing: their count
 * is 0.
 */
export function labelParts(
  labels: readonly TaskLabel[],
  window: Window,
  chunk: { readonly bands: readonly (Samples | null)[]; readonly reason: Uint8Array },
  bands: readonly BandPlan[],
  coverage: CoverageCache,
): LabelPart[] {
  const measured = bands.flatMap((band, index) => (band.written && !band.classes ? [{ band, index }] : []));
  return labels.flatMap((label) => {
    const { cells, fractions } = coverage.get(label, window);
    if (cells.length === 0 && !label.pixels.some((pixel) => contains(window, pixel))) return [];
    const valid = validCells(cells, chunk.reason);
    const weights = Float64Array.from(valid, (i) => fractions[i]!);
    const parts = measured.map(({ band, index }): LabelBandPart => {
      const samples = chunk.bands[index]!;
      const values = Float64Array.from(valid, (i) => Number(samples[cells[i]!]));
      return labelBandPart(label, band, values, weights);
    });
    return [{ labelId: label.labelId, coverage: sum(fractions), bands: parts }];
  });
}

function labelBandPart(
  { whole }: TaskLabel,
  { name, dtype }: BandPlan,
  values: Float64Array,
  weights: Float64Array,
): LabelBandPart {
  if (whole) return { kind: 'statistics', band: name, statistics: bandStatistics(values, weights, dtype) };
  return { kind: 'values', band: name, values: Array.from(values), weights: Array.from(weights) };
}

/** Positions in `cells` whose pixel has a value. */
function validCells(cells: Uint32Array, reason: Uint8Array): Uint32Array {
  const valid = new Uint32Array(cells.length);
  let n = 0;
  for (let i = 0; i < cells.length; i++) if (reason[cells[i]!] === REASON.valid) valid[n++] = i;
  return valid.subarray(0, n);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
