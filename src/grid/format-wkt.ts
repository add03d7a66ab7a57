import {
  DEGREE,
  formatNumber,
  type AxisOrder,
  type AxisUnit,
  type CrsModel,
  type DatumShift,
  type GeographicModel,
  type ProjectedModel,
} from './crs-model.js';
import { parameterKind } from './parameter-names.js';
import { METHODS, type MethodParameter, type ProjectionMethod } from './projection-methods.js';
import type { WktNode } from './wkt-node.js';

/** A WKT tree as text on one line. */
export function formatNode({ keyword, values }: WktNode): string {
  const parts = values.map((value, i) => {
    if (typeof value === 'number') return formatNumber(value);
    if (typeof value === 'object') return formatNode(value);
    // Directions and the kind of a coordinate system stand without quotes.
    const bare = (keyword === 'AXIS' && i === 1) || (keyword === 'CS' && i === 0);
    return bare ? value : `"${value.replaceAll('"', '""')}"`;
  });
  return `${keyword}[${parts.join(',')}]`;
}

/** WKT 2 (ISO 19162:2019) of a model, with its EPSG code. Datum shifts that an EPSG code implies are not spelled out. */
export function formatWkt(model: CrsModel): string {
  return model.kind === 'geographic' ? geographic(model) : projected(model);
}

/** The same within `BOUNDCRS` when the datum is shifted and no code says so. */
export function formatBoundWkt(model: CrsModel): string {
  const shift = (model.kind === 'geographic' ? model : model.base).datum.shift;
  return shift.kind === 'helmert' && model.code === null ? bound(formatWkt(model), shift) : formatWkt(model);
}

function geographic(model: GeographicModel): string {
  const unit = unitText('ANGLEUNIT', model.unit);
  const latitude = (order: number): string => `AXIS["geodetic latitude (Lat)",north,ORDER[${order}],${unit}]`;
  const longitude = (order: number): string => `AXIS["geodetic longitude (Lon)",east,ORDER[${order}],${unit}]`;
  const axes = model.axes === 'en' ? `${longitude(1)},${latitude(2)}` : `${latitude(1)},${longitude(2)}`;
  return `GEOGCRS[${quote(model.name)},${datumText(model)},CS[ellipsoidal,2],${axes}${idText(model.code)}]`;
}

function projected(model: ProjectedModel): string {
  const { base, conversion, axes } = model;
  const method = METHODS.get(conversion.method)!;
  const baseText = `BASEGEOGCRS[${quote(base.name)},${datumText(base)}${idText(base.code)}]`;
  const parameters = method.parameters.map((entry, i) => parameterText(entry, conversion.values[i] ?? 0)).join(',');
  const conversionText = `CONVERSION[${quote(conversion.name)},METHOD[${quote(method.name)}${idText(method.epsg)}],${parameters}]`;
  const axisText = axisTexts(axes, unitText('LENGTHUNIT', model.unit), { method, values: conversion.values });
  return `PROJCRS[${quote(model.name)},${baseText},${conversionText},CS[Cartesian,2],${axisText}${idText(model.code)}]`;
}

function datumText({ datum, meridian }: GeographicModel): string {
  const { name, semiMajor, inverseFlattening } = datum.ellipsoid;
  const shape = `${quote(name)},${formatNumber(semiMajor)},${formatNumber(inverseFlattening)},LENGTHUNIT["metre",1]`;
  const prime = `PRIMEM[${quote(meridian.name)},${formatNumber(meridian.longitude)},${unitText('ANGLEUNIT', DEGREE)}]`;
  return `DATUM[${quote(datum.name)},ELLIPSOID[${shape}]],${prime}`;
}

function parameterText({ role, name, epsg }: MethodParameter, value: number): string {
  const kind = parameterKind(role);
  const unit =
    kind === 'angle'
      ? unitText('ANGLEUNIT', DEGREE)
      : kind === 'scale'
        ? 'SCALEUNIT["unity",1]'
        : 'LENGTHUNIT["metre",1]';
  return `PARAMETER[${quote(name)},${formatNumber(value)},${unit}${idText(epsg)}]`;
}

/** Around a pole both axes point the same way, along the meridians 90 degrees apart that they follow. */
function axisTexts(
  order: AxisOrder,
  unit: string,
  conversion: { method: ProjectionMethod; values: readonly number[] },
): string {
  const axis = (name: string, direction: string, place: number, meridian: number | null = null): string => {
    const along = meridian === null ? '' : `MERIDIAN[${formatNumber(meridian)},${unitText('ANGLEUNIT', DEGREE)}],`;
    return `AXIS["${name}",${direction},${along}ORDER[${place}],${unit}]`;
  };
  if (order === 'en') return `${axis('easting (E)', 'east', 1)},${axis('northing (N)', 'north', 2)}`;
  if (order === 'ne') return `${axis('northing (N)', 'north', 1)},${axis('easting (E)', 'east', 2)}`;
  const { method, values } = conversion;
  const centre = values[method.parameters.findIndex(({ role }) => role === 'lon0')] ?? 0;
  const direction = order === 'nn' ? 'north' : 'south';
  const sense = order === 'nn' ? 0 : 180;
  return `${axis('easting (E)', direction, 1, turn(centre + 90))},${axis('northing (N)', direction, 2, turn(centre + sense))}`;
}

/** To -180 (excluded) to 180. */
function turn(longitude: number): number {
  const turned = ((((longitude + 180) % 360) + 360) % 360) - 180;
  return turned === -180 ? 180 : turned;
}

const WGS84 =
  'GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],' +
  'CS[ellipsoidal,2],AXIS["latitude",north,ORDER[1]],AXIS["longitude",east,ORDER[2]],' +
  'ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",4326]]';
const SHIFT_NAMES = [
  'X-axis translation',
  'Y-axis translation',
  'Z-axis translation',
  'X-axis rotation',
  'Y-axis rotation',
  'Z-axis rotation',
  'Scale difference',
];

// ISO 19162 §17.2: abridged transformations give no units, and the scale difference as a factor.
function bound(text: string, { parameters }: DatumShift & { kind: 'helmert' }): string {
  const entries = parameters.map(
    (value, i) =>
      `PARAMETER["${SHIFT_NAMES[i]!}",${formatNumber(i === 6 ? 1 + value * 1e-6 : value)},ID["EPSG",${8605 + i}]]`,
  );
  const method = 'METHOD["Position Vector transformation (geog2D domain)",ID["EPSG",9606]]';
  return `BOUNDCRS[SOURCECRS[${text}],TARGETCRS[${WGS84}],ABRIDGEDTRANSFORMATION["to WGS 84",${method},${entries.join(',')}]]`;
}

function unitText(keyword: string, { name, factor }: AxisUnit): string {
  return `${keyword}[${quote(name)},${formatNumber(factor)}]`;
}

function idText(code: number | null): string {
  return code === null ? '' : `,ID["EPSG",${code}]`;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
