import type { Json } from './item.js';
import { isObject, type JsonObject } from './json.js';

/** Columns that are the item's own; every other one is a property (stac-geoparquet 1.0). */
const ITEM_COLUMNS = new Set([
  'type',
  'stac_version',
  'stac_extensions',
  'id',
  'geometry',
  'bbox',
  'links',
  'assets',
  'collection',
]);

/**
 * A row of stac-geoparquet as the item JSON it was made of. Values are those of `toJavaScript`; `geometry` is GeoJSON
 * text. Fields that are null are left out: Parquet gives all rows the assets and properties that one of them has. Only `datetime`, which every
 * item must have, is null where it has an interval instead.
 */
export function itemOfRow(row: Readonly<Record<string, unknown>>): JsonObject {
  const item: Record<string, Json> = { type: 'Feature' };
  const properties: Record<string, Json> = { datetime: null };
  for (const [name, value] of Object.entries(row)) {
    const json = jsonOf(value);
    if (json === null) continue;
    if (name === 'properties') Object.assign(properties, withoutNulls(parsed(json)));
    else if (ITEM_COLUMNS.has(name)) item[name] = name === 'bbox' ? boxOf(parsed(json)) : jsonOf(parsed(json));
    else properties[name] = json;
  }
  return { ...item, assets: assetsOf(item['assets']), properties };
}

function jsonOf(value: unknown): Json {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value).toLowerCase().replace('infinity', 'inf');
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'string':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectJson(value);
    default:
      return null;
  }
}

function objectJson(value: object): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return null;
  if (Array.isArray(value)) return value.map(jsonOf);
  const entries = Object.entries(value).map(([key, one]) => [key, jsonOf(one)] as const);
  const some = entries.filter(([, one]) => one !== null);
  // A STRUCT of nothing but nulls stands for a field that this row does not have.
  return some.length === 0 && entries.length > 0 ? null : Object.fromEntries(some);
}

/** Some writers keep nested columns as JSON text; DuckDB's has NaN and Infinity in it, which JSON has not. */
function parsed(json: Json): Json {
  if (typeof json !== 'string' || !/^\s*[[{]/.test(json)) return json;
  for (const text of [json, json.replaceAll(/"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g, quoteNumber)]) {
    try {
      return JSON.parse(text);
    } catch {
      // the second text, or else the column as it is
    }
  }
  return json;
}

function quoteNumber(token: string): string {
  return token.startsWith('"') ? token : `"${token.toLowerCase().replace('infinity', 'inf')}"`;
}

function withoutNulls(json: Json): JsonObject {
  return isObject(json) ? Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null)) : {};
}

/** A STRUCT of xmin, ymin, xmax, ymax as the four numbers of STAC; lists stay. */
function boxOf(json: Json): Json {
  if (!isObject(json)) return json;
  return ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => json[name] ?? null);
}

/** A MAP comes as a list of keys and values. */
function assetsOf(json: Json | undefined): Json {
  if (!Array.isArray(json)) return json ?? {};
  return Object.fromEntries(
    json
      .filter(isObject)
      .flatMap(({ key, value }) => (typeof key === 'string' && value !== undefined ? [[key, value]] : [])),
  );
}
