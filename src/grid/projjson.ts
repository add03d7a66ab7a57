import { fault } from './wkt-units.js';
import type { WktNode } from './wkt-node.js';

type Json = Readonly<Record<string, unknown>>;
type Value = WktNode['values'][number];

/** Deepest nesting of systems: compound, bound, projected, base. */
const MAX_DEPTH = 6;

/**
 * PROJJSON (schema 0.1 to 0.7) as the WKT 2 tree of the same definition: one reader then serves both. Only what says
 * where coordinates lie is kept; scopes, areas and remarks are not.
 */
export function wktOfProjjson(json: object): WktNode {
  return crsNode(record(json, 'the PROJJSON'), 0);
}

function crsNode(json: Json, depth: number): WktNode {
  if (depth > MAX_DEPTH) throw fault(`the PROJJSON is nested deeper than ${MAX_DEPTH} systems`);
  const type = String(json['type']);
  switch (type) {
    case 'GeographicCRS':
    case 'GeodeticCRS':
      return geographicNode('GEOGCRS', json);
    case 'ProjectedCRS': {
      const base = geographicNode('BASEGEOGCRS', record(json['base_crs'], 'base_crs'));
      const conversion = operationNode('CONVERSION', record(json['conversion'], 'conversion'));
      return node('PROJCRS', [name(json), base, conversion, ...axisNodes(json['coordinate_system']), ...idNodes(json)]);
    }
    case 'CompoundCRS': {
      const parts = list(json['components']).map((part) => crsNode(record(part, 'a component'), depth + 1));
      return node('COMPOUNDCRS', [name(json), ...parts]);
    }
    case 'BoundCRS': {
      const source = node('SOURCECRS', [crsNode(record(json['source_crs'], 'source_crs'), depth + 1)]);
      const target = node('TARGETCRS', [crsNode(record(json['target_crs'], 'target_crs'), depth + 1)]);
      return node('BOUNDCRS', [
        source,
        target,
        operationNode('ABRIDGEDTRANSFORMATION', record(json['transformation'], 'transformation')),
      ]);
    }
    default:
      return node(type.toUpperCase().slice(0, 40), [name(json)]);
  }
}

function geographicNode(keyword: string, json: Json): WktNode {
  const datum = record(json['datum'] ?? json['datum_ensemble'], 'datum');
  const ellipsoid = record(datum['ellipsoid'], 'ellipsoid');
  const meridian = json['prime_meridian'] ?? datum['prime_meridian'];
  const parts: Value[] = [name(json), node('DATUM', [name(datum), ellipsoidNode(ellipsoid)])];
  if (meridian !== undefined) parts.push(meridianNode(record(meridian, 'prime_meridian')));
  return node(keyword, [...parts, ...axisNodes(json['coordinate_system']), ...idNodes(json)]);
}

function ellipsoidNode(json: Json): WktNode {
  const a = measure(json['semi_major_axis'] ?? json['radius']);
  const b = json['semi_minor_axis'] === undefined ? null : measure(json['semi_minor_axis']);
  const inverse = b === null ? (json['inverse_flattening'] ?? 0) : a === b ? 0 : a / (a - b);
  return node('ELLIPSOID', [name(json), a, number(inverse, 'inverse_flattening')]);
}

function meridianNode(json: Json): WktNode {
  const { longitude } = json;
  if (typeof longitude === 'number')
    return node('PRIMEM', [name(json), longitude, node('ANGLEUNIT', ['degree', Math.PI / 180])]);
  const { value, unit } = record(longitude, 'longitude');
  return node('PRIMEM', [name(json), number(value, 'longitude'), ...unitNodes(unit)]);
}

function operationNode(keyword: string, json: Json): WktNode {
  const method = record(json['method'], 'method');
  const parameters = list(json['parameters']).map((entry) => {
    const parameter = record(entry, 'a parameter');
    if (typeof parameter['value'] === 'string') return node('PARAMETERFILE', [name(parameter), parameter['value']]);
    const value = number(parameter['value'], String(parameter['name']));
    return node('PARAMETER', [name(parameter), value, ...unitNodes(parameter['unit']), ...idNodes(parameter)]);
  });
  return node(keyword, [name(json), node('METHOD', [name(method), ...idNodes(method)]), ...parameters]);
}

function axisNodes(json: unknown): WktNode[] {
  if (json === undefined) return [];
  const system = record(json, 'coordinate_system');
  const axes = list(system['axis']).map((entry) => {
    const axis = record(entry, 'an axis');
    return node('AXIS', [name(axis), String(axis['direction']), ...unitNodes(axis['unit'])]);
  });
  return [node('CS', [String(system['subtype']), axes.length]), ...axes];
}

function unitNodes(unit: unknown): WktNode[] {
  if (unit === undefined) return [];
  if (unit === 'degree') return [node('ANGLEUNIT', ['degree', Math.PI / 180])];
  if (unit === 'metre') return [node('LENGTHUNIT', ['metre', 1])];
  if (unit === 'unity') return [node('SCALEUNIT', ['unity', 1])];
  const json = record(unit, 'unit');
  const keyword =
    { AngularUnit: 'ANGLEUNIT', LinearUnit: 'LENGTHUNIT', ScaleUnit: 'SCALEUNIT' }[String(json['type'])] ?? 'UNIT';
  return [node(keyword, [name(json), number(json['conversion_factor'], 'conversion_factor')])];
}

function idNodes(json: Json): WktNode[] {
  const id = json['id'] ?? list(json['ids'] ?? [])[0];
  if (id === undefined) return [];
  const { authority, code } = record(id, 'id');
  return [node('ID', [String(authority), typeof code === 'number' ? code : String(code)])];
}

function node(keyword: string, values: readonly Value[]): WktNode {
  return { keyword, values };
}

function name(json: Json): string {
  return typeof json['name'] === 'string' ? json['name'] : 'unknown';
}

/** A length as a number of metres or as a value with its unit. */
function measure(json: unknown): number {
  if (typeof json === 'number') return json;
  const { value, unit } = record(json, 'a length');
  const factor =
    typeof unit === 'object' && unit !== null && 'conversion_factor' in unit
      ? number(unit.conversion_factor, 'unit')
      : 1;
  return number(value, 'a length') * factor;
}

function record(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw fault(`${what} is no PROJJSON object`);
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw fault('a list is missing in the PROJJSON');
}

function number(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw fault(`${what} is no number in the PROJJSON`);
}
