import { CubeError } from '../errors.js';
import { RULES } from './coverage.js';
import type { CoverageRule } from './coverage-contract.js';
import { flattenLabels, type CoverablePolygons } from './flatten-rings.js';
import type { PixelWindow } from './kernels.js';
import type { CoverLabels, LabelCoverage } from './label-coverage-contract.js';
import { nativeFunctions } from './load.js';
import { coverLabelsTwin } from './twin/label-coverage.js';

export type { LabelCoverage } from './label-coverage-contract.js';

type LabelCoverageFunctions = {
  coverLabels(
    rings: Float64Array,
    ends: Uint32Array,
    signs: Int8Array,
    labelEnds: Uint32Array,
    windows: Float64Array,
    leasts: Float64Array,
    rule: number,
    first: number,
    cells: Uint32Array,
    fractions: Float64Array,
    runs: Uint32Array,
    endsOut: Uint32Array,
    covered: Float64Array,
  ): number;
};

/** A label's polygons and the window that it is covered in, both in pixels of one grid. */
export type CoverableLabel = { readonly polygons: CoverablePolygons; readonly window: PixelWindow };

/** Cells of the largest window; larger labels go band by band through `coverPolygons`. */
export const MAX_LABEL_CELLS = 1 << 20;
/** Cells that one call has room for, where no window is larger. */
const ROOM = 1 << 18;

/**
 * What `coverPolygons` finds for each label in its window, to the bit, in one list. Problem: `invalid-argument` for
 * windows that are none or have more than `MAX_LABEL_CELLS` pixels, and for coordinates that are no place.
 */
export function coverLabels(
  labels: readonly CoverableLabel[],
  rule: CoverageRule = 'exact',
  cover: CoverLabels = nativeCoverLabels() ?? coverLabelsTwin,
): LabelCoverage {
  const flat = flattenLabels(labels.map(({ polygons }) => polygons));
  const windows = new Float64Array(4 * labels.length);
  for (const [i, { window }] of labels.entries()) {
    checkWindow(window);
    windows.set([window.col, window.row, window.width, window.height], 4 * i);
  }
  const room = roomFor(windows);
  const parts: LabelCoverage[] = [];
  for (let first = 0; first < labels.length;) {
    const done = cover(flat, windows, rule, first, room);
    if (done <= 0) throw new CubeError({ kind: 'invalid-argument', what: `coverage of labels failed (${done})` });
    parts.push(written(room, first, done));
    first += done;
  }
  return join(parts, labels.length);
}

/** The addon's implementation, or null where there is no addon. */
export function nativeCoverLabels(): CoverLabels | null {
  const native = nativeFunctions<LabelCoverageFunctions>(['coverLabels']);
  if (native === null) return null;
  return (labels, windows, rule, first, output) =>
    native.coverLabels(
      labels.points,
      labels.ends,
      labels.signs,
      labels.labelEnds,
      windows,
      labels.leasts,
      RULES.indexOf(rule),
      first,
      output.cells,
      output.fractions,
      output.runs,
      output.ends,
      output.covered,
    );
}

function checkWindow(window: PixelWindow): void {
  const { col, row, width, height } = window;
  const whole = [col, row, width, height].every(Number.isSafeInteger);
  if (whole && width >= 0 && height >= 0 && width * height <= MAX_LABEL_CELLS && height <= MAX_LABEL_CELLS) return;
  const what = `coverage: the window is none or too large: ${JSON.stringify(window)}`;
  throw new CubeError({ kind: 'invalid-argument', what });
}

/** Room for all labels, or for a good many; a window of c cells and h rows has at most c + h numbers of runs. */
function roomFor(windows: Float64Array): LabelCoverage {
  const labels = windows.length / 4;
  const all = { cells: 0, runs: 0 };
  const largest = { cells: 0, runs: 0 };
  for (let i = 0; i < windows.length; i += 4) {
    const cells = windows[i + 2]! * windows[i + 3]!;
    const runs = cells + windows[i + 3]!;
    all.cells += cells;
    all.runs += runs;
    largest.cells = Math.max(largest.cells, cells);
    largest.runs = Math.max(largest.runs, runs);
  }
  const cells = Math.max(largest.cells, Math.min(ROOM, all.cells));
  return {
    cells: new Uint32Array(cells),
    fractions: new Float64Array(cells),
    runs: new Uint32Array(Math.max(largest.runs, Math.min(ROOM, all.runs))),
    ends: new Uint32Array(2 * labels),
    covered: new Float64Array(labels),
  };
}

/** A copy of what a call wrote. */
function written(room: LabelCoverage, first: number, done: number): LabelCoverage {
  const ends = room.ends.slice(2 * first, 2 * (first + done));
  const [cells, runs] = [ends.at(-2)!, ends.at(-1)!];
  return {
    cells: room.cells.slice(0, cells),
    fractions: room.fractions.slice(0, cells),
    runs: room.runs.slice(0, runs),
    ends,
    covered: room.covered.slice(first, first + done),
  };
}

function join(parts: readonly LabelCoverage[], labels: number): LabelCoverage {
  if (parts.length === 1) return parts[0]!;
  const cells = parts.reduce((sum, part) => sum + part.cells.length, 0);
  const runs = parts.reduce((sum, part) => sum + part.runs.length, 0);
  const all = {
    cells: new Uint32Array(cells),
    fractions: new Float64Array(cells),
    runs: new Uint32Array(runs),
    ends: new Uint32Array(2 * labels),
    covered: new Float64Array(labels),
  };
  let [label, cell, run] = [0, 0, 0];
  for (const part of parts) {
    all.cells.set(part.cells, cell);
    all.fractions.set(part.fractions, cell);
    all.runs.set(part.runs, run);
    all.covered.set(part.covered, label);
    for (let i = 0; i < part.ends.length; i += 2) {
      all.ends[2 * label + i] = part.ends[i]! + cell;
      all.ends[2 * label + i + 1] = part.ends[i + 1]! + run;
    }
    label += part.covered.length;
    cell += part.cells.length;
    run += part.runs.length;
  }
  return all;
}
