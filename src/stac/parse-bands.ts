import { isDataType, type DataType } from '../grid/dtype.js';
import type { AssetBand, Json } from './item.js';
import { isObject, numberOf, objectsOf, textOf, type JsonObject } from './json.js';

/**
 * The bands of an asset in file order. STAC 1.1 `bands` come first; 1.0 `eo:bands` and `raster:bands` are two lists of
 * the same bands. Fields of the asset itself hold for every band that does not have them (STAC 1.1, "bands").
 */
export function parseBands(asset: JsonObject, properties: JsonObject): AssetBand[] {
  const lists = ['bands', 'eo:bands', 'raster:bands'].map((name) => bandList(asset[name], properties[name]));
  const count = Math.max(...lists.map((list) => list.length));
  if (count === 0) return hasBandFields(asset) ? [parseBand([asset])] : [];
  const shared = Array.isArray(properties['eo:bands']) ? namedBands(properties['eo:bands']) : null;
  return Array.from({ length: count }, (_, index) => {
    const own = lists.map((list) => list[index]).filter((band) => band !== undefined);
    const name = own.map((band) => textOf(band['name'])).find((text) => text !== null) ?? null;
    const common = name === null ? undefined : shared?.get(name);
    return parseBand([
      ...own,
      ...(common === undefined ? [] : [common]),
      ...(count === 1 ? [asset] : [withoutNames(asset)]),
    ]);
  });
}

/**
 * Entries that are no objects keep their place: a list is in file order. Numbers are places in the item's list, as before
 * STAC 0.9.
 */
function bandList(value: Json | undefined, shared: Json | undefined): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry) => {
    const named = typeof entry === 'number' && Array.isArray(shared) ? shared[entry] : entry;
    return isObject(named) ? named : {};
  });
}

/** STAC before 1.0 listed the bands in the item's properties and named them in the assets. */
function namedBands(value: Json): Map<string, JsonObject> {
  return new Map(
    objectsOf(value).flatMap((band) => (typeof band['name'] === 'string' ? [[band['name'], band] as const] : [])),
  );
}

/** The first object that has a field gives it. */
function parseBand(objects: readonly JsonObject[]): AssetBand {
  const first = <T>(names: readonly string[], read: (value: Json | undefined) => T | null): T | null => {
    for (const object of objects) {
      for (const name of names) {
        const value = read(object[name]);
        if (value !== null) return value;
      }
    }
    return null;
  };
  return {
    name: first(['name'], textOf),
    commonName: first(['eo:common_name', 'common_name'], textOf),
    nodata: first(['nodata', 'file:nodata'], numberOf),
    scale: first(['raster:scale', 'scale'], finiteOf),
    offset: first(['raster:offset', 'offset'], finiteOf),
    dtype: first(['data_type', 'file:data_type'], dataTypeOf),
    unit: first(['unit'], textOf),
  };
}

function withoutNames({ name: _name, 'eo:common_name': _common, ...rest }: JsonObject): JsonObject {
  return rest;
}

function hasBandFields(asset: JsonObject): boolean {
  const fields = ['nodata', 'data_type', 'raster:scale', 'raster:offset', 'eo:common_name', 'unit'];
  return fields.some((name) => name in asset);
}

function finiteOf(value: Json | undefined): number | null {
  const number = numberOf(value);
  return number !== null && Number.isFinite(number) ? number : null;
}

function dataTypeOf(value: Json | undefined): DataType | null {
  return isDataType(value) ? value : null;
}
