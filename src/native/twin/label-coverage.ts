import type { CoverageRule } from '../coverage-contract.js';
import type { FlatLabels } from '../flatten-rings.js';
import type { LabelCoverage } from '../label-coverage-contract.js';
import { coverRingsTwin } from './coverage.js';

/** As the addon's `coverLabels`. */
export function coverLabelsTwin(
  labels: FlatLabels,
  windows: Float64Array,
  rule: CoverageRule,
  first: number,
  output: LabelCoverage,
): number {
  const room = { ...output, at: { cell: 0, run: 0 } };
  for (let label = first; label < labels.labelEnds.length; label++) {
    const [col, row, width, height] = windows.subarray(4 * label, 4 * label + 4);
    const window = { col: col!, row: row!, width: width!, height: height! };
    const count = window.width * window.height;
    const fits = room.cells.length - room.at.cell >= count && room.runs.length - room.at.run >= count + window.height;
    if (!fits) return label - first;
    const found = { cells: new Uint32Array(count), fractions: new Float64Array(count) };
    const cells = coverRingsTwin(ringsOf(labels, label), window, rule, labels.leasts[label]!, found);
    output.covered[label] = writeCells(found, cells, window.width, room);
    output.ends[2 * label] = room.at.cell;
    output.ends[2 * label + 1] = room.at.run;
  }
  return labels.labelEnds.length - first;
}

function ringsOf({ points, ends, signs, labelEnds }: FlatLabels, label: number) {
  const [from, to] = [label === 0 ? 0 : labelEnds[label - 1]!, labelEnds[label]!];
  const start = from === 0 ? 0 : ends[from - 1]!;
  const end = to === 0 ? 0 : ends[to - 1]!;
  return {
    points: points.subarray(2 * start, 2 * end),
    ends: ends.slice(from, to).map((point) => point - start),
    signs: signs.subarray(from, to),
  };
}

type Room = LabelCoverage & { readonly at: { cell: number; run: number } };

/** Cells that are covered whole become runs; the sum of all parts. */
function writeCells(
  found: { readonly cells: Uint32Array; readonly fractions: Float64Array },
  count: number,
  width: number,
  room: Room,
): number {
  const { at } = room;
  let [total, whole] = [0, 0];
  let [next, rowEnd] = [-1, 0];
  for (let i = 0; i < count; i++) {
    const cell = found.cells[i]!;
    const fraction = found.fractions[i]!;
    if (fraction < 1) {
      total += fraction;
      room.cells[at.cell] = cell;
      room.fractions[at.cell++] = fraction;
      continue;
    }
    whole++;
    if (cell === next && cell < rowEnd) room.runs[at.run - 1]!++;
    else {
      room.runs[at.run++] = cell;
      room.runs[at.run++] = 1;
      rowEnd = (Math.floor(cell / width) + 1) * width;
    }
    next = cell + 1;
  }
  return total + whole;
}
