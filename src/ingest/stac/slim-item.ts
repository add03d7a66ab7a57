import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../stac/item.js';
import { isObject, type JsonObject } from '../../stac/json.js';

/** Fields that pgstac keeps in columns of their own, or writes itself. */
const APART = ['id', 'geometry', 'collection', 'type', 'pgstac:base_item'];

/** What pgstac writes for a field that its collection tells and the item lacks. */
const LACKING = '𒍟※';

/**
 * An item as pgstac stores it: without what the base item of its collection says too, and without nulls. It is what pgstac's own
 * `content_slim` gives, which takes a millisecond and more an item. `base` is null where the collection has none.
 */
export function slimItem(item: JsonObject, base: JsonObject | null): JsonObject {
  const own = without(item);
  if (base === null) return own;
  const rest = difference(own, base);
  return isObject(rest) ? without(rest) : {};
}

/** What `own` says beside `base`; undefined where it is nothing. */
function difference(own: Json | undefined, base: Json | undefined): Json | undefined {
  if (own === undefined || own === null) return base === undefined || base === null ? own : LACKING;
  if (base === undefined) return own;
  if (isDeepStrictEqual(own, base)) return isObject(own) ? {} : undefined;
  if (isObject(own) && isObject(base)) return objectDifference(own, base);
  if (Array.isArray(own) && Array.isArray(base) && own.length === base.length)
    return own.map((value: Json, i) => difference(value, base[i] as Json) ?? null);
  return own;
}

function objectDifference(own: JsonObject, base: JsonObject): JsonObject {
  const keys = new Set([...Object.keys(own), ...Object.keys(base)]);
  return withoutNulls(
    Object.fromEntries([...keys].map((key) => [key, difference(at(own, key), at(base, key)) ?? null])),
  );
}

/** Null fields are left out at every depth; null elements of arrays stay. */
function withoutNulls(object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, cleaned(value)]));
}

function cleaned(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => cleaned(one));
  return isObject(value) ? withoutNulls(value) : value;
}

/** Own fields only: items have fields of any name. */
function at(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function without(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !APART.includes(key)));
}
