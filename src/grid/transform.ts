import { CubeError } from '../errors.js';
import { projectPoints } from '../native/project.js';
import type { ProjectionSide, ProjectPoints } from '../native/projection-side.js';
import { crsModel, formatCrs, sameCrs } from './crs-definition.js';
import { baseOf, type CrsModel } from './crs-model.js';
import type { Crs } from './crs.js';
import { projectionSide } from './proj-string.js';
import { sameDatum } from './same-datum.js';

/** A prepared transform of coordinates between two reference systems. */
export type CrsTransform = {
  readonly from: Crs;
  readonly to: Crs;
  /**
   * In place, x0, y0, x1, y1, …; points that cannot be transformed become NaN. CRS units (degrees for geographic ones),
   * always x = east or longitude, y = north or latitude.
   */
  transform(xy: Float64Array): void;
};

/**
 * Prepare a transform. Datums are shifted by way of WGS 84 with seven parameters, as PROJ does where it has no grid
 * files. Throws `unsupported` for a system that we do not compute or whose datum needs a grid file. `points` is the
 * implementation: the addon where there is one, else its twin.
 */
export function createTransform(from: Crs, to: Crs, points: ProjectPoints = projectPoints): CrsTransform {
  if (sameCrs(from, to)) return { from, to, transform: () => undefined };
  const [source, target] = [crsModel(from), crsModel(to)];
  const shifted = isShifted(source, target);
  const [sourceSide, targetSide] = [
    { ...projectionSide(source), shift: shifted ? shiftOf(source, from) : null },
    { ...projectionSide(target), shift: shifted ? shiftOf(target, to) : null },
  ];
  // Whether the projections can be set up at all is known here, not at the first pixel.
  run(new Float64Array(0), sourceSide, targetSide);
  return { from, to, transform: (xy) => run(xy, sourceSide, targetSide) };

  function run(xy: Float64Array, a: ProjectionSide, b: ProjectionSide): void {
    const status = points(xy, a, b);
    if (status === 'ok') return;
    if (status === 'bad-length') {
      throw new CubeError({ kind: 'invalid-argument', what: `coordinates come in pairs, found ${xy.length} numbers` });
    }
    const crs = status === 'bad-source' ? from : to;
    throw new CubeError({ kind: 'unsupported', feature: `the map projection of ${nameOf(crs)}` });
  }
}

/** Nothing is shifted within one datum, nor where one side is no place on the Earth (then PROJ shifts nothing either). */
function isShifted(source: CrsModel, target: CrsModel): boolean {
  const [a, b] = [baseOf(source).datum, baseOf(target).datum];
  return !sameDatum(a, b) && a.shift.kind !== 'unstated' && b.shift.kind !== 'unstated';
}

function shiftOf(model: CrsModel, crs: Crs): ProjectionSide['shift'] {
  const { datum } = baseOf(model);
  const { shift } = datum;
  const fix = 'reproject the data to a system on WGS 84 or ETRS89 first';
  switch (shift.kind) {
    case 'none':
    case 'unstated':
      return null;
    case 'helmert':
      return shift.parameters;
    case 'grid':
      throw new CubeError({
        kind: 'unsupported',
        feature: `${nameOf(crs)}: its datum "${datum.name}" needs the grid file ${shift.grid}`,
        fix,
      });
    case 'unknown':
      throw new CubeError({
        kind: 'unsupported',
        feature: `${nameOf(crs)}: no shift from its datum "${datum.name}" to WGS 84 is known`,
        fix,
      });
  }
}

function nameOf(crs: Crs): string {
  return crs.kind === 'epsg' ? formatCrs(crs) : `"${crsModel(crs).name}"`;
}
