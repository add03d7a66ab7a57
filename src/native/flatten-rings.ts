import { CubeError } from '../errors.js';
import type { CoverageRings } from './coverage-contract.js';

/** Polygons as coverage takes them: first ring the shell, the others holes. */
export type CoverablePolygons = readonly (readonly Float64Array[])[];

/** Slivers up to a billionth of a pixel are noise of the coordinates. */
const SLIVER = 1e-9;
/** A polygon that is itself so small keeps its cells: up to this part of its own area is a sliver. */
const SLIVER_PART = 1e-6;
/** Coordinates nearer to 0 are 0: their differences would overflow when they divide, and they are no part of a pixel. */
const NO_COORDINATE = 1e-100;

/** Beyond this doubles cannot tell a millionth of a pixel. */
export const MAX_COORDINATE = 1e9;

/** Rings of polygons in one list, and the covered part of a pixel up to which it counts as nothing. */
export function flattenRings(polygons: CoverablePolygons): { readonly rings: CoverageRings; readonly least: number } {
  const { points, ends, signs, leasts } = flattenLabels([polygons]);
  return { rings: { points, ends, signs }, least: leasts[0]! };
}

/** The rings of many labels in one list: label i has those before ring `labelEnds[i]`; `leasts` as of `flattenRings`. */
export type FlatLabels = CoverageRings & { readonly labelEnds: Uint32Array; readonly leasts: Float64Array };

/** Flatten the polygons of many labels. Coordinates that are no place are `invalid-argument`. */
export function flattenLabels(labels: readonly CoverablePolygons[]): FlatLabels {
  let [length, count] = [0, 0];
  for (const polygons of labels) {
    for (const rings of polygons) {
      count += rings.length;
      for (const ring of rings) length += ring.length;
    }
  }
  const flat = {
    points: new Float64Array(length),
    ends: new Uint32Array(count),
    signs: new Int8Array(count),
    labelEnds: new Uint32Array(labels.length),
    leasts: new Float64Array(labels.length),
  };
  let [offset, ring] = [0, 0];
  for (const [label, polygons] of labels.entries()) {
    let area = 0;
    for (const rings of polygons) {
      for (const [i, points] of rings.entries()) {
        copyRing(points, flat.points, offset);
        offset += points.length;
        flat.ends[ring] = offset / 2;
        const signed = signedArea(points);
        // y points down: a ring whose area is negative here goes down on its left side, as edges count positive.
        flat.signs[ring++] = signed < 0 === i > 0 ? -1 : 1;
        area += i > 0 ? 0 : Math.abs(signed);
      }
    }
    flat.labelEnds[label] = ring;
    flat.leasts[label] = Math.min(SLIVER, area * SLIVER_PART);
  }
  return flat;
}

function copyRing(points: Float64Array, into: Float64Array, offset: number): void {
  const fail = (what: string) => new CubeError({ kind: 'invalid-argument', what: `coverage: ${what}` });
  if (points.length % 2 !== 0) throw fail(`a ring has ${points.length} numbers, expected x, y pairs`);
  for (let i = 0; i < points.length; i++) {
    const value = points[i]!;
    const size = Math.abs(value);
    if (!(size <= MAX_COORDINATE))
      throw fail(`a ring has the coordinate ${value}, expected at most ${MAX_COORDINATE} pixels`);
    into[offset + i] = size < NO_COORDINATE ? 0 : value;
  }
}

/** Shoelace formula, about the first point so that far-away rings lose no digits. */
function signedArea(points: Float64Array): number {
  const x0 = points[0] ?? 0;
  const y0 = points[1] ?? 0;
  let twice = 0;
  for (let i = 2; i + 3 < points.length; i += 2) {
    twice += (points[i]! - x0) * (points[i + 3]! - y0) - (points[i + 2]! - x0) * (points[i + 1]! - y0);
  }
  return twice / 2;
}
