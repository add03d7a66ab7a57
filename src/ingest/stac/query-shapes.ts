import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import type { Cql2 } from '../../stac/cql2/expression.js';
import { boxOfGeometry, wrapBox, type LonLatBox } from '../../stac/item-box.js';
import type { Json } from '../../stac/item.js';
import { isObject } from '../../stac/json.js';
import type { Geometry } from '../../vector/label.js';
import { formatWkb } from '../../vector/wkb.js';
import { geometriesOf } from './cql2-sql.js';
import { boxGeometry, footprintsOf } from './footprints.js';

/** A geometry that a user gave, valid and cut at the antimeridian. Problem: `invalid-argument`. */
export async function queryGeometry(database: DuckDb, json: Json): Promise<Geometry> {
  const box = boxIn(json);
  const [geometry = null] =
    box === null
      ? await footprintsOf(database, [{ geometry: json, bbox: boxOfGeometry(json) }])
      : [boxGeometry(wrapBox(box))];
  if (geometry !== null) return geometry;
  throw new CubeError({ kind: 'invalid-argument', what: 'not a GeoJSON geometry of points or polygons' });
}

/** WKB of every geometry that a filter has. */
export async function shapesOf(database: DuckDb, filter: Cql2): Promise<ReadonlyMap<Json, Uint8Array>> {
  const shapes = new Map<Json, Uint8Array>();
  for (const json of geometriesOf(filter)) shapes.set(json, formatWkb(await queryGeometry(database, json)));
  return shapes;
}

/** A box of CQL2, which is no GeoJSON. */
function boxIn(json: Json): LonLatBox | null {
  if (!isObject(json) || json['type'] !== 'bbox' || !Array.isArray(json['bbox'])) return null;
  const [west, south, east, north] = json['bbox'].map(Number);
  return [west!, south!, east!, north!];
}
