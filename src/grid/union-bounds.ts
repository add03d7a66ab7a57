import type { Bounds } from './affine.js';
import type { Crs } from './crs.js';
import { fullTurn } from './reproject.js';

/**
 * The smallest box around boxes of one system. In longitudes it leaves out the widest gap around the globe, so that boxes
 * on both sides of the antimeridian give a box that goes on past 180 (xmax > 180), not one around the world. Boxes may
 * cross it themselves (xmin > xmax). At least one box.
 */
export function unionBounds(boxes: readonly Bounds[], crs: Crs): Bounds {
  const turn = fullTurn(crs);
  const ymin = boxes.reduce((least, box) => Math.min(least, box.ymin), Infinity);
  const ymax = boxes.reduce((most, box) => Math.max(most, box.ymax), -Infinity);
  const spans = boxes.map(({ xmin, xmax }) => ({ xmin, xmax: turn !== null && xmax < xmin ? xmax + turn : xmax }));
  const west = spans.reduce((least, { xmin }) => Math.min(least, xmin), Infinity);
  const east = spans.reduce((most, { xmax }) => Math.max(most, xmax), -Infinity);
  const plain = { xmin: west, ymin, xmax: east, ymax };
  if (turn === null || !(east - west > turn / 2)) return plain;
  const around = withoutWidestGap(spans, turn);
  return around.xmax - around.xmin < east - west ? { ymin, ymax, ...around } : plain;
}

type Span = { readonly xmin: number; readonly xmax: number };

/** From the end of the widest gap between spans on a circle to its begin, with its start in -turn/2 to turn/2. */
function withoutWidestGap(spans: readonly Span[], turn: number): Span {
  const starts = spans
    .map(({ xmin, xmax }) => {
      const shift = turn * Math.floor((xmin + turn / 2) / turn);
      return { xmin: xmin - shift, xmax: xmax - shift };
    })
    .toSorted((a, b) => a.xmin - b.xmin);
  const first = starts[0]!;
  let reach = starts.reduce((most, { xmax }) => Math.max(most, xmax), -Infinity) - turn;
  let gap = 0;
  let start = first.xmin;
  let end = first.xmin;
  for (const { xmin, xmax } of starts) {
    if (xmin - reach > gap) [gap, start, end] = [xmin - reach, xmin, reach + turn];
    reach = Math.max(reach, xmax);
  }
  return gap > 0 ? { xmin: start, xmax: end } : { xmin: -turn / 2, xmax: turn / 2 };
}
