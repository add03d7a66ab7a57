import type { CrsTransform } from './transform.js';

/** Halvings of one edge: 65,536 parts of even the longest edge are shorter than any error that is asked for. */
const MAX_HALVINGS = 16;
/** Places along an edge where chord and true edge are compared; the middle alone misses an S. */
const PROBES = [0.25, 0.5, 0.75] as const;

/**
 * Reproject a ring x0, y0, x1, y1, … vertex by vertex. An edge is split only where its chord leaves the projected edge by
 * more than `maxError` (target units; callers pass 0.01 pixel), so that small polygons keep exactly their vertices (Z7).
 * Vertices without a place in the target are NaN. The input is left alone.
 */
export function reprojectRing(ring: Float64Array, transform: CrsTransform, maxError: number): Float64Array {
  let source = ring;
  let target = transformed(ring, transform);
  /** One entry an edge: whether it may still need a split. */
  let open = new Uint8Array(Math.max(0, ring.length / 2 - 1)).fill(1);
  for (let round = 0; round < MAX_HALVINGS && open.includes(1); round++) {
    const splits = findSplits({ source, target, open }, transform, maxError);
    if (splits.count === 0) break;
    ({ source, target, open } = split({ source, target, open }, splits));
  }
  return target;
}

type Line = { readonly source: Float64Array; readonly target: Float64Array; readonly open: Uint8Array<ArrayBuffer> };
/** For each edge 1 where it is split, and all projected probes of the open edges in order. */
type Splits = { readonly at: Uint8Array<ArrayBuffer>; readonly probes: Float64Array; readonly count: number };

function transformed(xy: Float64Array, transform: CrsTransform): Float64Array {
  const copy = xy.slice();
  transform.transform(copy);
  return copy;
}

function findSplits({ source, target, open }: Line, transform: CrsTransform, maxError: number): Splits {
  const probes = new Float64Array(2 * PROBES.length * open.reduce((sum, flag) => sum + flag, 0));
  let next = 0;
  for (let edge = 0; edge < open.length; edge++) {
    if (open[edge] === 0) continue;
    for (const share of PROBES) {
      probes[next++] = source[2 * edge]! + share * (source[2 * edge + 2]! - source[2 * edge]!);
      probes[next++] = source[2 * edge + 1]! + share * (source[2 * edge + 3]! - source[2 * edge + 1]!);
    }
  }
  transform.transform(probes);
  const at = new Uint8Array(open.length);
  let count = 0;
  for (let edge = 0, probe = 0; edge < open.length; edge++) {
    if (open[edge] === 0) continue;
    for (let i = 0; i < PROBES.length; i++, probe += 2) {
      if (distanceToEdge(target, edge, probes[probe]!, probes[probe + 1]!) > maxError) at[edge] = 1;
    }
    count += at[edge]!;
  }
  return { at, probes, count };
}

/** Distance of a point from the chord of an edge; NaN (which splits nothing) where one of them has no place. */
function distanceToEdge(target: Float64Array, edge: number, x: number, y: number): number {
  const [x0, y0] = [target[2 * edge]!, target[2 * edge + 1]!];
  const [dx, dy] = [target[2 * edge + 2]! - x0, target[2 * edge + 3]! - y0];
  const length2 = dx * dx + dy * dy;
  const share = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / length2));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}

/** Put the middle probe of each split edge between its ends. Halves stay open, edges that held are closed. */
function split({ source, target, open }: Line, { at, probes, count }: Splits): Line {
  const longer = {
    source: new Float64Array(source.length + 2 * count),
    target: new Float64Array(target.length + 2 * count),
  };
  const flags = new Uint8Array(open.length + count);
  let out = 0;
  const put = (sx: number, sy: number, tx: number, ty: number): void => {
    longer.source[2 * out] = sx;
    longer.source[2 * out + 1] = sy;
    longer.target[2 * out] = tx;
    longer.target[2 * out + 1] = ty;
    out++;
  };
  const middle = 2 * ((PROBES.length - 1) / 2);
  for (let vertex = 0, probe = 0; 2 * vertex < source.length; vertex++) {
    const [sx, sy] = [source[2 * vertex]!, source[2 * vertex + 1]!];
    put(sx, sy, target[2 * vertex]!, target[2 * vertex + 1]!);
    if (vertex >= open.length) break;
    if (at[vertex] === 1) {
      flags[out - 1] = 1;
      flags[out] = 1;
      put(
        (sx + source[2 * vertex + 2]!) / 2,
        (sy + source[2 * vertex + 3]!) / 2,
        probes[probe + middle]!,
        probes[probe + middle + 1]!,
      );
    }
    if (open[vertex] === 1) probe += 2 * PROBES.length;
  }
  return { ...longer, open: flags };
}
