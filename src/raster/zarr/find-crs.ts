import { isCubeError } from '../../errors.js';
import { formatCrs, parseCrs, sameCrs } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';
import { gridMappingWkt } from './cf-grid-mapping.js';
import { isObject, member, text, type JsonObject } from './json.js';

/** Everything that may name the CRS of an array. */
export type CrsHints = {
  readonly array: JsonObject;
  readonly group: JsonObject;
  /** Attributes of the CF grid mapping variable, or null where there is none. */
  readonly gridMapping: JsonObject | null;
  readonly x: AxisHint;
  readonly y: AxisHint;
};

/** Name of an axis and the attributes of its coordinate, if any. */
export type AxisHint = { readonly name: string; readonly attributes: JsonObject | null };

type Statement = { readonly where: string; readonly value: unknown };

const METRES: Readonly<Record<string, number>> = {
  m: 1,
  metre: 1,
  metres: 1,
  meter: 1,
  meters: 1,
  km: 1000,
  kilometre: 1000,
  kilometres: 1000,
  kilometer: 1000,
  kilometers: 1000,
};

/**
 * The CRS of an array: CF grid mapping, then `_CRS` (GDAL), then `proj:*` (GeoZarr; array before group), then EPSG:4326 for
 * lat/lon names in degrees. The first that can be read wins; one that differs from it, or cannot be read, is a problem.
 */
export function findCrs(hints: CrsHints, problems: string[]): Crs | null {
  let winner: { readonly crs: Crs; readonly where: string } | null = null;
  for (const { where, value } of statements(hints, problems)) {
    const crs = readStatement(value, where, problems);
    if (crs === null) continue;
    if (winner === null) winner = { crs, where };
    else if (!sameCrs(winner.crs, crs)) {
      problems.push(`${where} says ${name(crs)}, ${winner.where} says ${name(winner.crs)}: the latter is used`);
    }
  }
  return winner?.crs ?? (isLonLat(hints) ? { kind: 'epsg', code: 4326 } : null);
}

function statements({ array, group, gridMapping, x }: CrsHints, problems: string[]): Statement[] {
  const list: Statement[] = [];
  if (gridMapping !== null) list.push(...cfStatement(gridMapping, x, problems));
  const gdal = member(array, '_CRS');
  if (isObject(gdal)) {
    list.push({ where: '_CRS', value: member(gdal, 'url') ?? member(gdal, 'wkt') ?? member(gdal, 'projjson') });
  }
  for (const [owner, level] of [
    [array, 'array'],
    [group, 'group'],
  ] as const) {
    const own = ['proj:wkt2', 'proj:projjson', 'proj:code'].filter((key) => (member(owner, key) ?? null) !== null);
    list.push(...own.map((key) => ({ where: `${key} of the ${level}`, value: member(owner, key) })));
  }
  return list.filter(({ value }) => value !== null && value !== undefined);
}

/** `crs_wkt` and `spatial_ref` before CF's own attributes, which say less. */
function cfStatement(gridMapping: JsonObject, x: AxisHint, problems: string[]): Statement[] {
  for (const key of ['crs_wkt', 'spatial_ref', 'wkt', 'epsg_code', 'projjson']) {
    const value = member(gridMapping, key);
    if (typeof value === 'string' && value.trim() !== '') return [{ where: `grid mapping ${key}`, value }];
  }
  if (text(gridMapping, 'grid_mapping_name') === null) return [];
  const units = (x.attributes === null ? null : text(x.attributes, 'units'))?.toLowerCase() ?? 'm';
  const geographic = text(gridMapping, 'grid_mapping_name') === 'latitude_longitude';
  const metres = geographic ? 1 : Object.hasOwn(METRES, units) ? METRES[units]! : null;
  if (metres === null) {
    problems.push(`grid mapping: coordinates in "${units}" are not read`);
    return [];
  }
  const wkt = gridMappingWkt(gridMapping, metres);
  if (wkt.kind === 'wkt') return [{ where: 'grid mapping', value: wkt.text }];
  problems.push(`grid mapping: ${wkt.why}`);
  return [];
}

function readStatement(value: unknown, where: string, problems: string[]): Crs | null {
  if (typeof value !== 'string' && typeof value !== 'number' && !isObject(value)) {
    problems.push(`${where} is neither text nor PROJJSON`);
    return null;
  }
  try {
    return parseCrs(value);
  } catch (error) {
    if (!isCubeError(error)) throw error;
    problems.push(`${where} cannot be read: ${error.message}`);
    return null;
  }
}

/** Names alone mean little: rotated and projected grids use them too, so the units must be degrees. */
function isLonLat({ x, y }: CrsHints): boolean {
  const named =
    ['lon', 'longitude'].includes(x.name.toLowerCase()) && ['lat', 'latitude'].includes(y.name.toLowerCase());
  const standard = standardName(x) === 'longitude' && standardName(y) === 'latitude';
  return (named || standard) && inDegrees(x, /^degrees?_?(east|e)?$/i) && inDegrees(y, /^degrees?_?(north|n)?$/i);
}

function standardName({ attributes }: AxisHint): string | null {
  return attributes === null ? null : text(attributes, 'standard_name');
}

function inDegrees({ attributes }: AxisHint, pattern: RegExp): boolean {
  const units = attributes === null ? null : text(attributes, 'units');
  return units !== null && pattern.test(units.trim());
}

function name(crs: Crs): string {
  const text = formatCrs(crs);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
