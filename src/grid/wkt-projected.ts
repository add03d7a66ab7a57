import { CubeError } from '../errors.js';
import { chooseMethod, type FoundConversion, type FoundParameter } from './choose-method.js';
import { DEGREE, METRE, type AxisUnit, type GeographicModel, type ProjectedModel } from './crs-model.js';
import { normalName } from './epsg.js';
import { isParameter, parameterKind } from './parameter-names.js';
import type { MethodParameter, ParameterRole, ProjectionMethod } from './projection-methods.js';
import { axisDirections, axisOrder, axisUnit, epsgIdOf, fault, unitOf } from './wkt-units.js';
import { childOf, childrenOf, numberAt, textAt, type WktNode } from './wkt-node.js';

/** Read `PROJCS` or `PROJCRS`, whose base has been read. */
export function parseProjected(node: WktNode, base: GeographicModel): ProjectedModel {
  const unit = axisUnit(node, 'LENGTHUNIT') ?? METRE;
  const directions = axisDirections(node);
  const found = findConversion(node, base, unit);
  const method = chooseMethod(found);
  if (method === null) throw unsupported(`the map projection "${found.name}"`);
  const axes = axisOrder(directions, 'en');
  if (axes === null) throw unsupported(`a CRS whose axes point ${directions.join(' and ')}`);
  return {
    kind: 'projected',
    name: textAt(node, 0),
    code: epsgIdOf(node),
    base,
    conversion: { name: found.name, method: method.key, values: resolveValues(method, found) },
    unit: Math.abs(unit.factor - 1) < 1e-12 ? METRE : unit,
    axes,
  };
}

function findConversion(node: WktNode, base: GeographicModel, unit: AxisUnit): FoundConversion {
  const conversion = childOf(node, 'CONVERSION') ?? node;
  const method = childOf(conversion, 'METHOD', 'PROJECTION');
  if (method === null) throw fault(`"${textAt(node, 0)}" has no projection method`);
  const directions = axisDirections(node);
  const extension = childrenOf(node, 'EXTENSION').find((entry) => textAt(entry, 0).toUpperCase() === 'PROJ4');
  // WKT 1 gives parameters in the units of the base and of the axes, WKT 2 states them or means degrees and metres.
  const defaults = node.keyword === 'PROJCS' ? { angle: base.unit, length: unit } : { angle: DEGREE, length: METRE };
  return {
    name: textAt(method, 0),
    method: normalName(textAt(method, 0)),
    methodEpsg: epsgIdOf(method),
    parameters: childrenOf(conversion, 'PARAMETER').map((entry) => parseParameter(entry, defaults)),
    sphere: base.datum.ellipsoid.inverseFlattening === 0,
    eastNorth: directions[0] === 'east' && directions[1] === 'north',
    extension: extension === undefined ? '' : textAt(extension, 1),
  };
}

const SCALES = /^(scalefactor.*|xscale|yscale|auxiliaryspheretype|option|ellipsoidscalingfactor)$/;
const LENGTHS = /^(false(easting|northing)|(easting|northing)at.*|satelliteheight|height|viewpointheight)$/;

function parseParameter(node: WktNode, defaults: { angle: AxisUnit; length: AxisUnit }): FoundParameter {
  const name = normalName(textAt(node, 0));
  const value = numberAt(node, 1);
  if (value === null) throw fault(`parameter "${textAt(node, 0)}" is no number`);
  const epsg = epsgIdOf(node);
  if (SCALES.test(name)) return { name, epsg, value: value * (unitOf(node, 'SCALEUNIT')?.factor ?? 1) };
  if (LENGTHS.test(name)) return { name, epsg, value: value * (unitOf(node, 'LENGTHUNIT') ?? defaults.length).factor };
  const factor = (unitOf(node, 'ANGLEUNIT') ?? defaults.angle).factor / DEGREE.factor;
  return { name, epsg, value: Math.abs(factor - 1) < 1e-12 ? value : value * factor };
}

const FALLBACKS: Partial<Record<ParameterRole, number>> = { k: 1, colatitude: 30.2881397527778, pseudoParallel: 78.5 };

/** Values in the order of the method; what the file gives beyond them must change nothing. */
function resolveValues(method: ProjectionMethod, found: FoundConversion): number[] {
  const used = new Set<FoundParameter>();
  const take = (parameter: MethodParameter): number | null => {
    const match = found.parameters.find((entry) => !used.has(entry) && isParameter(parameter, entry));
    if (match === undefined) return null;
    used.add(match);
    return match.value;
  };
  const values = method.parameters.map(take);
  const rest = found.parameters.filter((entry) => !used.has(entry));
  const resolved = method.parameters.map(({ role }, i) => {
    const value = values[i] ?? fallback(method, role, rest, values) ?? FALLBACKS[role] ?? 0;
    const limit = parameterKind(role) === 'angle' ? 360 : 1e9;
    if (Math.abs(value) > limit) throw fault(`parameter ${role} of "${found.name}" is ${value}`);
    return value;
  });
  const odd = rest.find((entry) => !isHarmless(entry, method, resolved));
  if (odd !== undefined) throw unsupported(`the map projection "${found.name}" with ${odd.name} = ${odd.value}`);
  return resolved;
}

/** Values that some dialects give under another name or leave to the method. */
function fallback(
  method: ProjectionMethod,
  role: ParameterRole,
  rest: readonly FoundParameter[],
  values: readonly (number | null)[],
): number | null {
  const parallel = rest.find(({ name }) => /^(standardparallel1|latitudeof(naturalorigin|origin))$/.test(name));
  if (method.key === 'stere-a' && role === 'lat0') return parallel === undefined ? 90 : Math.sign(parallel.value) * 90;
  if (method.key === 'stere-b' && role === 'lat1') return parallel?.value ?? null;
  if (method.key === 'lcc-1sp' && role === 'lat0') return parallel?.value ?? null;
  const oblique = method.key === 'omerc-a' || method.key === 'omerc-b';
  // Swiss definitions in WKT 1 name no azimuth; others leave the rectified angle out when it is the azimuth.
  if (oblique && role === 'azimuth') return 90;
  if (oblique && role === 'gamma') return values[2] ?? 90;
  return null;
}

function isHarmless({ name, value }: FoundParameter, method: ProjectionMethod, values: readonly number[]): boolean {
  if (value === 0 || (value === 1 && SCALES.test(name))) return true;
  if (method.key === 'krovak') return /^(xscale|yscale|xyplanerotation)$/.test(name);
  if (/^(standardparallel1|latitudeof(naturalorigin|origin))$/.test(name)) {
    return method.key === 'stere-a' || Math.abs((values[0] ?? 0) - value) < 1e-10;
  }
  return false;
}

function unsupported(feature: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature, fix: 'reproject the file to a CRS of docs/supported.md' });
}
