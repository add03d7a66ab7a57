import type { AxisOrder, AxisUnit } from './crs-model.js';
import { CubeError } from '../errors.js';
import { childOf, childrenOf, numberAt, textAt, type WktNode } from './wkt-node.js';

/** The unit that a node states itself, of the given kind, or null. `UNIT` (WKT 1) is of whichever kind is asked for. */
export function unitOf(node: WktNode, kind: 'ANGLEUNIT' | 'LENGTHUNIT' | 'SCALEUNIT'): AxisUnit | null {
  const unit = childOf(node, kind, 'UNIT');
  if (unit === null) return null;
  const factor = numberAt(unit, 1);
  if (factor === null || factor <= 0) throw fault(`unit "${textAt(unit, 0)}" has no positive factor`);
  return { name: textAt(unit, 0).toLowerCase(), factor };
}

/** The unit of a coordinate system: stated once after its axes, or at each axis alike. */
export function axisUnit(node: WktNode, kind: 'ANGLEUNIT' | 'LENGTHUNIT'): AxisUnit | null {
  const units = childrenOf(node, 'AXIS')
    .slice(0, 2)
    .flatMap((axis) => unitOf(axis, kind) ?? []);
  const [first, second] = units;
  if (first === undefined) return unitOf(node, kind);
  if (second !== undefined && second.factor !== first.factor) {
    throw new CubeError({ kind: 'unsupported', feature: `a CRS with axes in ${first.name} and ${second.name}` });
  }
  return first;
}

/** Directions of the first two axes, lower case; empty where the text has none. */
export function axisDirections(node: WktNode): string[] {
  return childrenOf(node, 'AXIS')
    .map((axis) => textAt(axis, 1).toLowerCase())
    .slice(0, 2);
}

/** The order of the axes, or null for directions that have none of ours (south, west). */
export function axisOrder(directions: readonly string[], otherwise: AxisOrder): AxisOrder | null {
  if (directions.length === 0) return otherwise;
  const order = directions.map((direction) => direction[0]).join('');
  return order === 'en' || order === 'ne' || order === 'nn' || order === 'ss' ? order : null;
}

/** The EPSG code in `ID` or `AUTHORITY`, or null. */
export function epsgIdOf(node: WktNode): number | null {
  for (const id of childrenOf(node, 'ID', 'AUTHORITY')) {
    const code = numberAt(id, 1);
    if (textAt(id, 0).toUpperCase() === 'EPSG' && code !== null && Number.isInteger(code) && code > 0) return code;
  }
  return null;
}

/** An error about the content of a definition. */
export function fault(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `the definition of a coordinate reference system: ${what}` });
}
