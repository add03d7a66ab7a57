import type { ProjectionSide } from '../native/projection-side.js';
import { baseOf, formatNumber, type CrsModel, type Ellipsoid, type ProjectedModel } from './crs-model.js';
import { METHODS, valueOf, type ProjectionMethod } from './projection-methods.js';

/** The whole system as a PROJ string, datum shift and units spelled out. */
export function projString(model: CrsModel): string {
  const { datum, meridian } = baseOf(model);
  const parts = [model.kind === 'geographic' ? '+proj=longlat' : methodOf(model).proj(model.conversion.values)];
  if (model.kind === 'projected') {
    const [east, north] = falseOrigin(model);
    parts.push(`+x_0=${formatNumber(east)}`, `+y_0=${formatNumber(north)}`);
  }
  parts.push(ellipsoidString(ellipsoidOf(model)));
  // The old spelling of "latitudes pass from the ellipsoid to the sphere unchanged".
  const sphere = model.kind === 'projected' && model.conversion.method === 'webmerc';
  if (sphere) parts.push('+nadgrids=@null', '+wktext');
  else if (datum.shift.kind === 'helmert') parts.push(`+towgs84=${datum.shift.parameters.map(formatNumber).join(',')}`);
  else if (datum.shift.kind === 'none') parts.push('+towgs84=0,0,0,0,0,0,0');
  else if (datum.shift.kind === 'grid') parts.push(`+nadgrids=${datum.shift.grid}`);
  if (meridian.longitude !== 0) parts.push(`+pm=${formatNumber(meridian.longitude)}`);
  if (model.kind === 'projected') {
    parts.push(model.unit.factor === 1 ? '+units=m' : `+to_meter=${formatNumber(model.unit.factor)}`);
  }
  return [...parts, '+no_defs', '+type=crs'].join(' ');
}

/** The system as one end of a transform, without a datum shift (which depends on the other end). */
export function projectionSide(model: CrsModel): ProjectionSide {
  const { datum, meridian } = baseOf(model);
  const radians = Math.PI / 180;
  const shared = {
    unit: model.unit.factor,
    meridian: meridian.longitude * radians,
    ellipsoid: datum.ellipsoid,
    shift: null,
  };
  if (model.kind === 'geographic')
    return { ...shared, projection: '', falseEast: 0, falseNorth: 0, centre: 0, wraps: true };
  const method = methodOf(model);
  const { values } = model.conversion;
  const [falseEast, falseNorth] = falseOrigin(model);
  const projection = `${method.proj(values)} ${ellipsoidString(ellipsoidOf(model))} +no_defs`;
  const centre = valueOf(method, values, 'lon0', 0) * radians;
  return { ...shared, projection, falseEast, falseNorth, centre, wraps: method.wraps };
}

/** EPSG method 1024: latitudes of the ellipsoid are projected as if it were a sphere. */
function ellipsoidOf(model: CrsModel): Ellipsoid {
  const { ellipsoid } = baseOf(model).datum;
  const spherical = model.kind === 'projected' && model.conversion.method === 'webmerc';
  return spherical ? { ...ellipsoid, inverseFlattening: 0 } : ellipsoid;
}

function ellipsoidString({ semiMajor, inverseFlattening }: Ellipsoid): string {
  const a = formatNumber(semiMajor);
  return inverseFlattening === 0 ? `+a=${a} +b=${a}` : `+a=${a} +rf=${formatNumber(inverseFlattening)}`;
}

function falseOrigin({ conversion }: ProjectedModel): readonly [east: number, north: number] {
  const method = METHODS.get(conversion.method)!;
  return [valueOf(method, conversion.values, 'x0', 0), valueOf(method, conversion.values, 'y0', 0)];
}

function methodOf({ conversion }: ProjectedModel): ProjectionMethod {
  return METHODS.get(conversion.method)!;
}
