import { nativeFunctions } from './load.js';
import type { ProjectionSide, ProjectPoints } from './projection-side.js';
import { projectPointsTwin } from './twin/project.js';

type ProjectAddon = {
  readonly projectPoints: (
    xy: Float64Array,
    source: string,
    sourceParameters: Float64Array,
    target: string,
    targetParameters: Float64Array,
  ) => number;
};

const STATUS = ['ok', 'bad-source', 'bad-target', 'bad-length'] as const;

/**
 * Transform x0, y0, x1, y1, … in place, with the addon where there is one. Points outside either map become NaN. The
 * status says which projection could not be set up; `xy` is unchanged then.
 */
export const projectPoints: ProjectPoints = (xy, from, to) =>
  (nativeProjectPoints() ?? projectPointsTwin)(xy, from, to);

/** The addon's implementation, or null where there is no addon. */
export function nativeProjectPoints(): ProjectPoints | null {
  const addon = nativeFunctions<ProjectAddon>(['projectPoints']);
  if (addon === null) return null;
  return (xy, from, to) => {
    const code = addon.projectPoints(xy, from.projection, parametersOf(from), to.projection, parametersOf(to));
    return STATUS[code] ?? 'bad-source';
  };
}

function parametersOf(side: ProjectionSide): Float64Array {
  const { unit, falseEast, falseNorth, meridian, centre, wraps, ellipsoid, shift } = side;
  return Float64Array.of(
    unit,
    falseEast,
    falseNorth,
    meridian,
    centre,
    wraps ? 1 : 0,
    ellipsoid.semiMajor,
    ellipsoid.inverseFlattening,
    shift === null ? 0 : 1,
    ...(shift ?? [0, 0, 0, 0, 0, 0, 0]),
  );
}
