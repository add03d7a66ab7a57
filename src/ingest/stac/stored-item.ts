import { CubeError } from '../../errors.js';
import type { Json } from '../../stac/item.js';
import type { JsonObject } from '../../stac/json.js';
import { formatGeoJson } from '../../vector/format-geojson.js';
import { parseWkb } from '../../vector/wkb.js';

/** Columns of `stac_items`, of a table named i, that `storedItem` reads. */
export const STORED_COLUMNS = [
  'i.item_id',
  'i.collection',
  'ST_AsWKB(i.geometry) AS wkb',
  'i.bbox',
  'i.stac_version',
  'i.stac_extensions',
  'i.assets',
  'i.links',
  'i.properties',
].join(', ');

/** A row of `stac_items` as the STAC item that it was made of; its geometry is valid and cut at the antimeridian. */
export function storedItem(row: Readonly<Record<string, unknown>>): JsonObject {
  const id = String(row['item_id']);
  const { collection, bbox, stac_version: version } = row;
  const json = (name: string): Json => parsed(row[name], id, name);
  return {
    type: 'Feature',
    stac_version: typeof version === 'string' ? version : '1.0.0',
    stac_extensions: json('stac_extensions'),
    id,
    geometry: geometryOf(row['wkb'], id),
    ...(Array.isArray(bbox) ? { bbox: bbox.map(Number) } : {}),
    properties: json('properties'),
    links: json('links'),
    assets: json('assets'),
    ...(typeof collection === 'string' ? { collection } : {}),
  };
}

function geometryOf(wkb: unknown, id: string): Json {
  if (!(wkb instanceof Uint8Array)) return null;
  const geometry = parseWkb(wkb);
  if (geometry.kind === 'unusable') throw damaged(id, `geometry: ${geometry.reason}`);
  return formatGeoJson(geometry);
}

function parsed(text: unknown, id: string, name: string): Json {
  try {
    return JSON.parse(String(text)) as Json;
  } catch {
    throw damaged(id, `${name} is no JSON`);
  }
}

function damaged(id: string, what: string): CubeError {
  return new CubeError({ kind: 'lake', what: `stac_items, item ${id}: ${what}`, fix: 'fetch it again' });
}
