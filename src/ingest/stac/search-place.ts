import { readFile } from 'node:fs/promises';
import { cellToBoundary, isValidCell } from 'h3-js';
import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError, isCubeError } from '../../errors.js';
import { LAKE } from '../../lake/attach.js';
import { hasTable } from '../../lake/schema.js';
import { SCHEMA } from '../../lake/tables.js';
import { wrapBox, type LonLatBox } from '../../stac/item-box.js';
import type { Json } from '../../stac/item.js';
import { isObject, objectsOf, parseJson } from '../../stac/json.js';
import type { Geometry } from '../../vector/label.js';
import { readLabels } from '../../vector/read-labels.js';
import { isS2Token, s2CellRings } from '../../vector/s2-cover.js';
import { parseWkb } from '../../vector/wkb.js';
import { boxGeometry } from './footprints.js';
import { queryGeometry } from './query-shapes.js';

/** Where items are searched; at most one of these. Several cells, sites or labels: items that meet any of them. */
export type SearchPlace = {
  /** H3 cells of any resolution, as hexadecimal text. */
  readonly cells?: readonly string[];
  /** Tokens of S2 cells of any level. */
  readonly s2Cells?: readonly string[];
  /** `site_uid`s of the lake. */
  readonly sites?: readonly string[];
  /** Path of a label file of any format and CRS. */
  readonly labels?: string;
  /** west > east crosses the antimeridian. */
  readonly bbox?: LonLatBox;
  /** GeoJSON: geometry, feature or feature collection; or the path of a file that holds one. */
  readonly intersects?: unknown;
};

/** The geometries of a place, valid and cut at the antimeridian; null where none is given. Problems: `invalid-argument`, `no-data`. */
export async function placeGeometries(
  database: DuckDb,
  place: SearchPlace,
  signal?: AbortSignal,
): Promise<readonly Geometry[] | null> {
  const { cells, s2Cells, sites, labels, bbox, intersects } = place;
  const given = [cells, s2Cells, sites, labels, bbox, intersects].filter((one) => one !== undefined);
  if (given.length > 1) throw argument('a search has one place: cells, s2Cells, sites, labels, bbox or intersects');
  if (cells !== undefined) return geometriesOf(database, cells.map(cellPolygon));
  if (s2Cells !== undefined) return geometriesOf(database, s2Cells.flatMap(s2Polygons));
  if (sites !== undefined) return siteGeometries(database, sites);
  if (bbox !== undefined) return [boxGeometry(wrapBox(bbox))!];
  if (intersects !== undefined) return geoJsonGeometries(database, intersects);
  if (labels === undefined) return null;
  const set = await readLabels({ path: labels, h3: null, ...(signal === undefined ? {} : { signal }) });
  if (set.labels.length === 0)
    throw new CubeError({ kind: 'no-data', what: `${labels} has no label that can be used` });
  return set.labels.map(({ geometry }) => geometry);
}

/** One after the other: a connection answers one question at a time. */
async function geometriesOf(database: DuckDb, json: readonly Json[]): Promise<Geometry[]> {
  const found: Geometry[] = [];
  for (const one of json) found.push(await queryGeometry(database, one));
  return found;
}

function cellPolygon(text: string): Json {
  const cell = /^\d{15,20}$/.test(text) && !isValidCell(text) ? BigInt(text).toString(16) : text.toLowerCase();
  if (!isValidCell(cell)) throw argument(`"${text}" is no H3 cell`);
  return { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] };
}

function s2Polygons(text: string): Json[] {
  const token = text.toLowerCase();
  if (!isS2Token(token)) throw argument(`"${text}" is no token of an S2 cell`);
  return s2CellRings(token).map((ring) => ({ type: 'Polygon', coordinates: [ring] }));
}

async function siteGeometries(database: DuckDb, sites: readonly string[]): Promise<Geometry[]> {
  const places = sites.map((_, i) => `$${i + 1}`);
  const rows = (await hasTable(database, LAKE, 'sites'))
    ? await database.all(
        `SELECT site_uid, ST_AsWKB(geometry) AS wkb FROM ${LAKE}.${SCHEMA}.sites WHERE site_uid IN (${places.join(', ')})`,
        sites,
      )
    : [];
  const found = new Map(rows.map((row) => [String(row['site_uid']), row['wkb']]));
  return sites.map((uid) => {
    const wkb = found.get(uid);
    const geometry = wkb instanceof Uint8Array ? parseWkb(wkb) : null;
    if (geometry === null || geometry.kind === 'unusable')
      throw new CubeError({ kind: 'no-data', what: `the lake has no site ${uid}` });
    return geometry;
  });
}

async function geoJsonGeometries(database: DuckDb, given: unknown): Promise<Geometry[]> {
  const json = typeof given === 'string' ? await readGeoJson(given) : (given as Json);
  const members = isObject(json) && json['type'] === 'FeatureCollection' ? objectsOf(json['features']) : [json];
  const geometries = members.map((one) =>
    isObject(one) && one['type'] === 'Feature' ? (one['geometry'] ?? null) : one,
  );
  if (geometries.length === 0) throw argument('a feature collection without features');
  return geometriesOf(database, geometries);
}

async function readGeoJson(text: string): Promise<Json> {
  const isJson = text.trimStart().startsWith('{');
  try {
    return parseJson(isJson ? new TextEncoder().encode(text) : await readFile(text), isJson ? 'the geometry' : text);
  } catch (error) {
    if (isCubeError(error)) throw error;
    throw new CubeError({ kind: 'not-found', url: text }, { cause: error });
  }
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
