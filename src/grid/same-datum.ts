import type { Datum, DatumShift, Ellipsoid } from './crs-model.js';
import { normalName } from './epsg.js';

/** Largest difference of inverse flattenings that comes from printing; GRS 80 and WGS 84 differ by 1.5e-6. */
const FLATTENING_SLACK = 2e-7;

/** True where two ellipsoids are the same but for printing. */
export function sameEllipsoid(a: Ellipsoid, b: Ellipsoid): boolean {
  return (
    Math.abs(a.semiMajor - b.semiMajor) <= 1e-9 * a.semiMajor &&
    Math.abs(a.inverseFlattening - b.inverseFlattening) <= FLATTENING_SLACK
  );
}

/** Whether two datums are one, so that nothing is to be shifted between them. */
export function sameDatum(a: Datum, b: Datum): boolean {
  if (!sameEllipsoid(a.ellipsoid, b.ellipsoid)) return false;
  const [nameA, nameB] = [normalName(a.name), normalName(b.name)];
  return isPlaceholder(nameA) || isPlaceholder(nameB) ? sameShift(a.shift, b.shift) : nameA === nameB;
}

/** Whether two shifts move a point alike. */
export function sameShift(a: DatumShift, b: DatumShift): boolean {
  if (a.kind === 'helmert' && b.kind === 'helmert')
    return a.parameters.every((value, i) => Math.abs(value - b.parameters[i]!) <= 1e-6);
  const passes = [a, b].every(({ kind }) => kind === 'none' || kind === 'unstated');
  return passes || (a.kind === b.kind && a.kind !== 'helmert');
}

/** Names that stand for no datum at all. */
export function isPlaceholder(normalisedName: string): boolean {
  return /^(|unknown.*|notspecified.*|unnamed.*|userdefined.*|undefined.*|custom.*)$/.test(normalisedName);
}
