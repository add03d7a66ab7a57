import { createHash } from 'node:crypto';
import type { Json } from '../stac/item.js';
import { nativeDigestGeometries, type DigestGeometries } from '../native/digests.js';
import type { PlaneGeometry } from '../native/flat-geometries.js';
import type { Geometry, PolygonRings, Ring } from './label.js';
import { doubleSignedArea } from './ring-maths.js';
import type { SourceRecord } from './source-table.js';

/** Columns that hold a record's own id, lower case, in order of preference. GDAL's row numbers are no columns here. */
export const ID_COLUMNS = [
  'feature_uid',
  'uid',
  'uuid',
  'osm_id',
  'osm_way_id',
  'case_id',
  'fid',
  'id',
  'gid',
  'objectid',
  'feature_id',
] as const;

/** Decimals that are kept: 0.1 mm in degrees and in metres. */
const DECIMALS = { degrees: 9, metres: 4 } as const;

/**
 * 32 hexadecimal digits that name each feature: the start of SHA-256 over dataset, source id and normalised geometry. The
 * geometry is hashed in the source's own coordinates, rounded to 0.1 mm, so that no transform, repair or machine
 * changes it; nor do the start, the direction and the order of rings. `units` are those of the coordinates of each.
 */
export function featureUids(
  dataset: string,
  records: readonly SourceRecord[],
  units: readonly (keyof typeof DECIMALS)[],
  digest: DigestGeometries = nativeDigestGeometries() ?? digestGeometriesTwin,
): string[] {
  return digest({
    geometries: records.map(({ geometry }) => geometry),
    decimals: Uint8Array.from(units, (unit) => DECIMALS[unit]),
    // [dataset, id, shape] in JSON: of the shape no character is escaped.
    prefixes: records.map((record) => `${JSON.stringify([dataset, sourceId(record)]).slice(0, -1)},"`),
    suffix: '"]',
  });
}

/**
 * Records with the same uid (same dataset, id and geometry) get "-2", "-3", … in the order of their properties, so
 * that reordering the file changes nothing.
 */
export function distinctUids(uids: readonly string[], records: readonly SourceRecord[]): string[] {
  const groups = new Map<string, number[]>();
  for (const [i, uid] of uids.entries()) {
    const group = groups.get(uid);
    if (group === undefined) groups.set(uid, [i]);
    else group.push(i);
  }
  const distinct = [...uids];
  for (const [uid, group] of groups) {
    if (group.length === 1) continue;
    const keyed = group.map((i) => ({ i, key: JSON.stringify(sortedEntries(records[i]!.properties)) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.i - b.i));
    for (const [place, { i }] of keyed.entries()) if (place > 0) distinct[i] = `${uid}-${place + 1}`;
  }
  return distinct;
}

/** GeoJSON's own id, else the first id column that is there and not null. */
export function sourceId({ id, properties }: SourceRecord): Json {
  if (id !== null) return id;
  const names = Object.keys(properties);
  for (const wanted of ID_COLUMNS) {
    const name = names.find((candidate) => candidate.toLowerCase() === wanted);
    const value = name === undefined ? null : properties[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return null;
}

/** 32 hexadecimal digits that copies of a lon/lat geometry share, however they were written: vertices count to 1e-6 degrees (0.1 m). */
export function geometryHashes(
  geometries: readonly Geometry[],
  digest: DigestGeometries = nativeDigestGeometries() ?? digestGeometriesTwin,
): string[] {
  return digest({ geometries, decimals: new Uint8Array(geometries.length).fill(6), prefixes: null, suffix: '' });
}

/** The digests without the addon. */
export const digestGeometriesTwin: DigestGeometries = ({ geometries, decimals, prefixes, suffix }) =>
  geometries.map((geometry, i) => {
    const text = `${prefixes?.[i] ?? ''}${normalise(geometry, decimals[i]!)}${suffix}`;
    return createHash('sha256').update(text).digest('hex').slice(0, 32);
  });

function normalise(geometry: PlaneGeometry, decimals: number): string {
  if (geometry.kind === 'unusable') return '';
  if (geometry.kind === 'points') return `p${positions(geometry.points, decimals).sort().join(';')}`;
  return `a${geometry.polygons
    .map((polygon) => normalisePolygon(polygon, decimals))
    .sort()
    .join('|')}`;
}

function normalisePolygon([outer, ...holes]: PolygonRings, decimals: number): string {
  const inner = holes.map((ring) => normaliseRing(ring, decimals)).sort();
  return [normaliseRing(outer!, decimals), ...inner].join('/');
}

/** Open, counter-clockwise, from its smallest vertex; among equal vertices the rotation with the smallest text. */
function normaliseRing(ring: Ring, decimals: number): string {
  const list = positions(ring, decimals);
  if (list.length > 1 && list[0] === list.at(-1)) list.pop();
  if (doubleSignedArea(ring) < 0) list.reverse();
  let smallest = list[0] ?? '';
  for (const text of list) if (text < smallest) smallest = text;
  let best: string | null = null;
  for (
    let i = list.indexOf(smallest), tries = 0;
    i >= 0 && tries < MAX_ROTATIONS;
    i = list.indexOf(smallest, i + 1), tries++
  ) {
    const rotated = [...list.slice(i), ...list.slice(0, i)].join(';');
    if (best === null || rotated < best) best = rotated;
  }
  return best ?? '';
}

/** A ring that returns to its smallest vertex more often is hostile; the first rotations do. */
const MAX_ROTATIONS = 16;

function positions(xy: Float64Array, decimals: number): string[] {
  const list: string[] = [];
  for (let i = 0; i < xy.length; i += 2) list.push(`${fixed(xy[i]!, decimals)},${fixed(xy[i + 1]!, decimals)}`);
  return list;
}

/** Without the sign of a zero. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? '0' : text;
}

function sortedEntries(properties: { readonly [key: string]: Json }): [string, Json][] {
  return Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
