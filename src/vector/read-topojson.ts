import { CubeError } from '../errors.js';
import type { Json } from '../stac/item.js';
import { isObject } from './geojson-geometry.js';
import type { PolygonRings, Ring } from './label.js';
import { mergeCollection, polygonsOrEmpty, unusable, type RawGeometry } from './raw-geometry.js';
import { readWhole } from './read-whole.js';
import { assumeCrs } from './assumed-crs.js';
import { chooseCrs } from './source-crs.js';
import type { SourceOptions, SourceRecord, SourceTable } from './source-table.js';

type JsonObject = { readonly [key: string]: Json };

/** Rings name arcs by number, any number of times: a small file could ask for endless memory. */
const MAX_COORDINATES = 2 ** 25;
const MAX_DEPTH = 16;

/** Whether the bytes begin as a topology does; only the first few hundred are looked at. */
export function isTopology(bytes: Uint8Array): boolean {
  return /^\s*\{\s*"type"\s*:\s*"Topology"/.test(new TextDecoder('utf-8').decode(bytes.subarray(0, 256)));
}

/** Read TopoJSON: the polygons of one of its objects (`layer`; needed where there are several). Coordinates are lon/lat unless the caller says otherwise. */
export async function readTopoJson(options: SourceOptions): Promise<SourceTable> {
  return parseTopoJson(await readWhole(options.path, options.signal), options);
}

/**
 * The pure part of `readTopoJson`. A geometry that names arcs which are not there is `unusable`, with the reason. Problems: `invalid-data`
 * for what is no topology, `invalid-spec` for a layer that it does not have.
 */
export function parseTopoJson(bytes: Uint8Array, options: SourceOptions): SourceTable {
  const { path, crs, layer } = options;
  const topology = parseTopology(bytes, path);
  const arcs = decodeArcs(topology, path);
  const budget = { left: MAX_COORDINATES };
  const records = featuresOf(chooseObject(topology, layer, path), path).map((one, i): SourceRecord => ({
    record: i + 1,
    geometry: toGeometry(one, { arcs, budget, path }, 0),
    id: typeof one['id'] === 'string' || typeof one['id'] === 'number' ? String(one['id']) : null,
    properties: isObject(one['properties']) ? one['properties'] : {},
  }));
  const found = crs === undefined ? assumeCrs(options, records) : { crs: null, warnings: [] };
  return {
    url: path,
    crs: chooseCrs(path, crs, found.crs, ''),
    records,
    temporal: new Map(),
    warnings: found.warnings,
  };
}

function invalid(url: string, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `not TopoJSON: ${what}` });
}

function parseTopology(bytes: Uint8Array, url: string): JsonObject {
  try {
    const json: Json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(json) && json['type'] === 'Topology') return json;
  } catch (error) {
    throw invalid(url, error instanceof Error ? error.message : String(error));
  }
  throw invalid(url, 'its type is not Topology');
}

function chooseObject({ objects }: JsonObject, layer: string | undefined, url: string): JsonObject {
  if (!isObject(objects)) throw invalid(url, 'no objects');
  const names = Object.keys(objects);
  const name = layer ?? (names.length === 1 ? names[0]! : null);
  const found = name !== null && Object.hasOwn(objects, name) ? objects[name] : undefined;
  if (isObject(found)) return found;
  const what = name === null ? `${url} has several objects` : `${url} has no object "${name}"`;
  throw new CubeError({ kind: 'invalid-spec', path: 'labels.layer', what, fix: `one of: ${names.join(', ')}` });
}

function featuresOf(object: JsonObject, url: string): JsonObject[] {
  if (object['type'] !== 'GeometryCollection') return [object];
  const { geometries } = object;
  if (!Array.isArray(geometries)) throw invalid(url, 'a collection without geometries');
  return geometries.map((one: Json) => (isObject(one) ? one : {}));
}

/** Lines as flat x, y. With a `transform` they are whole numbers, each but the first relative to the one before it. */
function decodeArcs({ arcs, transform }: JsonObject, url: string): Ring[] {
  if (!Array.isArray(arcs)) throw invalid(url, 'no arcs');
  const [sx, sy, dx, dy] = transform === undefined ? [1, 1, 0, 0] : parseTransform(transform, url);
  const isDelta = transform !== undefined;
  return arcs.map((arc: Json, number) => {
    if (!Array.isArray(arc)) throw invalid(url, `arc ${number} is no list`);
    const xy = new Float64Array(arc.length * 2);
    let [x, y] = [0, 0];
    for (const [i, position] of arc.entries()) {
      const [px, py]: Json[] = Array.isArray(position) ? position : [];
      if (typeof px !== 'number' || typeof py !== 'number') throw invalid(url, `arc ${number} has no position ${i}`);
      [x, y] = isDelta ? [x + px, y + py] : [px, py];
      xy[2 * i] = x * sx + dx;
      xy[2 * i + 1] = y * sy + dy;
    }
    return xy;
  });
}

function parseTransform(transform: Json, url: string): [number, number, number, number] {
  const pair = (key: string): [number, number] => {
    const value = isObject(transform) ? transform[key] : undefined;
    const [x, y]: Json[] = Array.isArray(value) ? value : [];
    if (typeof x !== 'number' || typeof y !== 'number') throw invalid(url, `a transform without ${key}`);
    return [x, y];
  };
  return [...pair('scale'), ...pair('translate')];
}

type Arcs = { readonly arcs: readonly Ring[]; readonly budget: { left: number }; readonly path: string };

function toGeometry(object: JsonObject, arcs: Arcs, depth: number): RawGeometry {
  switch (object['type']) {
    case 'Polygon':
      return polygonsOf([object['arcs'] ?? null], arcs);
    case 'MultiPolygon':
      return polygonsOf(object['arcs'], arcs);
    case 'GeometryCollection':
      if (depth > MAX_DEPTH) return unusable('geometry collections nested too deep');
      return mergeCollection(featuresOf(object, arcs.path).map((one) => toGeometry(one, arcs, depth + 1)));
    case null:
    case undefined:
      return unusable('no geometry');
    default:
      return unusable(`${JSON.stringify(object['type']).slice(0, 40)} is no polygon`);
  }
}

function polygonsOf(list: Json | undefined, arcs: Arcs): RawGeometry {
  if (!Array.isArray(list)) return unusable('a polygon without arcs');
  const polygons: PolygonRings[] = [];
  for (const polygon of list) {
    if (!Array.isArray(polygon)) return unusable('a polygon without arcs');
    const rings: Ring[] = [];
    for (const numbers of polygon) {
      const ring = stitch(numbers, arcs);
      if (ring === null) return unusable('a ring of arcs that are not there');
      rings.push(ring);
    }
    polygons.push(rings);
  }
  return polygonsOrEmpty(polygons);
}

/** Arcs end to end, each without its first point, which is the last one of the arc before; ~i is arc i backwards. */
function stitch(numbers: Json, { arcs, budget, path }: Arcs): Ring | null {
  if (!Array.isArray(numbers)) return null;
  const parts: { readonly arc: Ring; readonly isReversed: boolean }[] = [];
  let length = 0;
  for (const number of numbers) {
    if (typeof number !== 'number' || !Number.isInteger(number)) return null;
    const arc = arcs[number < 0 ? ~number : number];
    if (arc === undefined) return null;
    parts.push({ arc, isReversed: number < 0 });
    length += arc.length;
  }
  budget.left -= length;
  if (budget.left < 0) throw invalid(path, `its rings have more than ${MAX_COORDINATES} coordinates`);
  const ring = new Float64Array(length);
  let at = 0;
  for (const [place, { arc, isReversed }] of parts.entries()) {
    for (let i = place === 0 ? 0 : 2; i < arc.length; i += 2) {
      const from = isReversed ? arc.length - 2 - i : i;
      ring[at++] = arc[from]!;
      ring[at++] = arc[from + 1]!;
    }
  }
  return ring.slice(0, at);
}
