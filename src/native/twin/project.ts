import proj4 from 'proj4';
import type { ProjectionSide, ProjectPoints } from '../projection-side.js';
import { eccentricity2, shiftDatum, type ShiftedDatum } from './project-helmert.js';

/** Longitudes and latitudes may pass their limits by this much (radians, under a millimetre). */
const SLACK = 1e-10;

type Pair = { x: number; y: number };
/** A bare projection in metres and radians; null where the point is outside of it. */
type Planar = { forward(point: Pair): Pair | null | undefined; inverse(point: Pair): Pair | null | undefined };

/** The addon's `projectPoints` in TypeScript, with proj4 for the map projections. */
export const projectPointsTwin: ProjectPoints = (xy, from, to) => {
  if (!isUsable(from)) return 'bad-source';
  if (!isUsable(to)) return 'bad-target';
  const source = planarOf(from.projection);
  if (source === 'bad') return 'bad-source';
  const target = planarOf(to.projection);
  if (target === 'bad') return 'bad-target';
  if (xy.length % 2 !== 0) return 'bad-length';
  const fromDatum = datumOf(from);
  const toDatum = datumOf(to);
  for (let i = 0; i < xy.length; i += 2) {
    let point = toGeographic({ x: xy[i]!, y: xy[i + 1]! }, from, source);
    if (point !== null && (fromDatum !== null || toDatum !== null)) {
      const { lon, lat } = shiftDatum({ lon: point.x, lat: point.y }, fromDatum, toDatum);
      point = { x: lon, y: lat };
    }
    const done = point === null ? null : fromGeographic(point, to, target);
    const inside = done !== null && Number.isFinite(done.x) && Number.isFinite(done.y);
    xy[i] = inside ? done.x : NaN;
    xy[i + 1] = inside ? done.y : NaN;
  }
  return 'ok';
};

function isUsable({ unit, falseEast, falseNorth, meridian, centre, ellipsoid, shift }: ProjectionSide): boolean {
  const { semiMajor, inverseFlattening } = ellipsoid;
  const numbers = [unit, falseEast, falseNorth, meridian, centre, semiMajor, inverseFlattening, ...(shift ?? [])];
  return (
    numbers.every(Number.isFinite) && unit > 0 && semiMajor > 0 && (inverseFlattening === 0 || inverseFlattening > 1)
  );
}

function datumOf({ ellipsoid, shift }: ProjectionSide): ShiftedDatum | null {
  if (shift === null) return null;
  return { semiMajor: ellipsoid.semiMajor, eccentricity2: eccentricity2(ellipsoid.inverseFlattening), shift };
}

function planarOf(projection: string): Planar | null | 'bad' {
  if (projection === '') return null;
  try {
    // proj4's own `tmerc` is the short series; PROJ and proj4rs mean the long one except on spheres.
    const text = projection.includes('+rf=') ? projection.replace('+proj=tmerc ', '+proj=etmerc ') : projection;
    // Some of proj4's projections add an undefined false origin when none is given.
    const forward = proj4.Proj(`${text} +x_0=0 +y_0=0`);
    // With longitudes left as they come, so that points outside the map can be told.
    const inverse = proj4.Proj(`${text} +x_0=0 +y_0=0 +over`);
    const invert = (point: Pair): Pair | null | undefined => inverse.inverse(point);
    const project = (point: Pair): Pair | null | undefined => forward.forward(point);
    return { forward: project, inverse: AUTHALIC.test(text) ? refined(project, invert) : invert };
  } catch {
    return 'bad';
  }
}

/** proj4's series of authalic latitudes is off by up to 2 mm on its way back. */
const AUTHALIC = /\+proj=(laea|eqearth) /;

/** One step that takes an inverse's error out, as the forward projection sees it. */
function refined(project: Planar['forward'], invert: Planar['inverse']): Planar['inverse'] {
  return ({ x, y }) => {
    const first = invert({ x, y });
    const seen = first === null || first === undefined ? null : project({ ...first });
    if (seen === null || seen === undefined || !(Math.hypot(x - seen.x, y - seen.y) < 1)) return first;
    return invert({ x: 2 * x - seen.x, y: 2 * y - seen.y });
  };
}

/** From CRS units to radians east of Greenwich and north. */
function toGeographic({ x, y }: Pair, side: ProjectionSide, map: Planar | null): Pair | null {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
  const point =
    map === null
      ? { x: x * side.unit, y: y * side.unit }
      : guarded(map.inverse, { x: x * side.unit - side.falseEast, y: y * side.unit - side.falseNorth });
  if (point === null || !(Math.abs(point.y) <= Math.PI / 2 + SLACK) || !Number.isFinite(point.x)) return null;
  if (map === null) return { x: point.x + side.meridian, y: point.y };
  if (!side.wraps && Math.abs(point.x - side.centre) > Math.PI + SLACK) return null;
  return { x: wrap(point.x) + side.meridian, y: point.y };
}

/** From radians east of Greenwich and north to CRS units. */
function fromGeographic({ x, y }: Pair, side: ProjectionSide, map: Planar | null): Pair | null {
  const lon = x - side.meridian;
  if (map === null) return { x: lon / side.unit, y: y / side.unit };
  const point = guarded(map.forward, { x: wrap(lon), y: Math.max(-Math.PI / 2, Math.min(Math.PI / 2, y)) });
  return point === null
    ? null
    : { x: (point.x + side.falseEast) / side.unit, y: (point.y + side.falseNorth) / side.unit };
}

/** proj4 throws, or answers nothing, outside of some projections. */
function guarded(project: (point: Pair) => Pair | null | undefined, point: Pair): Pair | null {
  try {
    return project(point) ?? null;
  } catch {
    return null;
  }
}

function wrap(lon: number): number {
  return Math.abs(lon) <= Math.PI ? lon : lon - 2 * Math.PI * Math.floor((lon + Math.PI) / (2 * Math.PI));
}
