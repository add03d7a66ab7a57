import { BLOB, blobValue, INTEGER, VARCHAR } from '@duckdb/node-api';
import { latLngToCell } from 'h3-js';
import type { DuckDb } from '../../src/duckdb/connection.js';
import type { SiteFeature } from '../../src/sites/site-feature.js';
import { appendColumns } from '../../src/vector/append-chunks.js';
import type { Geometry, PolygonRings } from '../../src/vector/label.js';
import { readLabels } from '../../src/vector/read-labels.js';
import { formatWkb, parseWkb } from '../../src/vector/wkb.js';
import { hasShared, sharedPath } from '../shared.js';
import { seeded } from '../vector/mutate.js';
import { feature, polygon, star } from './shapes.js';

/** How a second version of a polygon is made; metres of a degree at the equator. */
export const KINDS = ['copy', 'hull', 'shrunk', 'shifted 5 m', 'shifted 15 m', 'part'] as const;
export type Kind = (typeof KINDS)[number];
const METRE = 1 / 111_320;

/** A polygon, and its second version where the kind suits it. */
export type MadePair = {
  readonly number: string;
  readonly kind: Kind;
  readonly first: Geometry;
  readonly second: Geometry | null;
};

/** What two features share, by `uid uid` with the smaller one first. */
export type Shares = ReadonlyMap<string, { readonly iou: number; readonly iomin: number }>;

/** Real polygons where they are at hand, stars elsewhere, each with a second version of a seeded kind. */
export async function makePairs(db: DuckDb): Promise<MadePair[]> {
  const shapes = await originals();
  const random = seeded(22);
  const kinds = shapes.map(() => KINDS[Math.floor(random() * KINDS.length)]!);
  const second = await variants(db, shapes, kinds);
  return shapes.map((first, i) => {
    const other = second[i]!;
    const isProper = other !== null && partsOf(other).every((rings) => rings[0]!.length >= 8);
    return { number: String(i).padStart(6, '0'), kind: kinds[i]!, first, second: isProper ? other : null };
  });
}

async function originals(): Promise<Geometry[]> {
  if (!hasShared) {
    const random = seeded(21);
    return Array.from({ length: 1500 }, () => {
      const [lon, lat] = [10 + random(), 48 + random()];
      const vertices = 4 + Math.floor(random() * 30);
      return polygon(star(random, lon, lat, { radiusM: 5 + 300 * random() ** 3, vertices }));
    });
  }
  const files = [
    'osm-germany-austria/germany_photovoltaic.shp',
    'osm-germany-austria/photovoltaic.shp',
    'india/solar_farms_india_2021_merged_simplified.geojson',
  ];
  const sets = await Promise.all(files.map((file) => readLabels({ path: sharedPath('data/pv', file), h3: null })));
  return sets.flatMap(({ labels }) => labels.map(({ geometry }) => geometry));
}

/** Both versions of every pair as features of two data sets. */
export function featuresOf(pairs: readonly MadePair[]): SiteFeature[] {
  return pairs.flatMap(({ number, first, second }) => [
    feature(`a${number}`, first),
    ...(second === null ? [] : [feature(`b${number}`, second, { dataset: 'b', priority: 2 })]),
  ]);
}

/** The second version, by GEOS, or null where the kind does not suit the polygon. */
async function variants(db: DuckDb, shapes: readonly Geometry[], kinds: readonly Kind[]): Promise<(Geometry | null)[]> {
  await load(db, shapes, kinds);
  const east = (metres: number) => `${metres * METRE} / cos(radians(ST_Y(c)))`;
  const moved = (metres: number) => `ST_Translate(g, ${east(metres)}, 0, 0)`;
  const wide = (metres: number) => `(ST_XMax(g) - ST_XMin(g)) * cos(radians(ST_Y(c))) > ${4 * metres * METRE}`;
  return shapesOf(
    db,
    `SELECT i, CASE kind
        WHEN 'copy' THEN g
        WHEN 'hull' THEN ST_ConvexHull(g)
        WHEN 'shrunk' THEN ST_Affine(g, 0.85, 0, 0, 0.85, 0.15 * ST_X(c), 0.15 * ST_Y(c))
        WHEN 'shifted 5 m' THEN CASE WHEN ${wide(5)} THEN ${moved(5)} END
        WHEN 'shifted 15 m' THEN CASE WHEN ${wide(15)} THEN ${moved(15)} END
        ELSE ST_CollectionExtract(ST_Intersection(g, ST_MakeEnvelope(ST_XMin(g), ST_YMin(g), ST_X(c), ST_YMax(g))), 3) END AS g
     FROM (SELECT *, ST_Centroid(g) AS c FROM (SELECT i, note AS kind, ST_GeomFromWKB(wkb) AS g FROM loaded))`,
  );
}

/** All pairs that share area, measured by GEOS in degrees: ratios of areas need no projection. */
export async function judge(db: DuckDb, features: readonly SiteFeature[]): Promise<Shares> {
  await load(
    db,
    features.map(({ geometry }) => geometry),
    features.map(({ featureUid }) => featureUid),
  );
  await db.run('CREATE OR REPLACE TEMP TABLE judged AS SELECT i, ST_GeomFromWKB(wkb) AS g FROM loaded');
  await db.run(
    'CREATE OR REPLACE TEMP TABLE met AS SELECT a.i AS a, b.i AS b FROM judged a JOIN judged b ON ST_Intersects(a.g, b.g)',
  );
  const rows = await db.all(
    `SELECT met.a, met.b, ST_Area(ST_Intersection(x.g, y.g)) AS shared, ST_Area(x.g) AS one, ST_Area(y.g) AS other
     FROM met JOIN judged x ON x.i = met.a JOIN judged y ON y.i = met.b WHERE met.a < met.b`,
  );
  return new Map(
    rows.map((row) => {
      const [shared, one, other] = [Number(row['shared']), Number(row['one']), Number(row['other'])];
      const uids = [features[Number(row['a'])]!.featureUid, features[Number(row['b'])]!.featureUid].sort();
      return [uids.join(' '), { iou: shared / (one + other - shared), iomin: shared / Math.min(one, other) }] as const;
    }),
  );
}

/** The geometry, east by some degrees; longitudes may pass 180. */
export function shifted(geometry: Geometry, degrees: number): Geometry {
  const move = (ring: Float64Array) => ring.map((value, i) => (i % 2 === 0 ? value + degrees : value));
  return { kind: 'polygons', polygons: partsOf(geometry).map((rings) => rings.map(move)) };
}

/** Polygons that pass 180 degrees cut there by GEOS, and what is beyond moved by a turn. */
export async function cutAt180(db: DuckDb, geometries: readonly Geometry[]): Promise<Geometry[]> {
  await load(
    db,
    geometries,
    geometries.map(() => ''),
  );
  const half = (west: number) =>
    shapesOf(
      db,
      `SELECT i, ST_CollectionExtract(ST_Intersection(ST_GeomFromWKB(wkb), ST_MakeEnvelope(${west}, -90, ${west + 180}, 90)), 3) AS g FROM loaded`,
    );
  const [here, beyond] = [await half(0), await half(180)];
  return geometries.map((_, i) => {
    const east = beyond[i] === null ? [] : partsOf(shifted(beyond[i]!, -360));
    return { kind: 'polygons', polygons: [...(here[i] === null ? [] : partsOf(here[i]!)), ...east] };
  });
}

/** Degrees to the next border of the cell that holds a place, to the east along its parallel. */
export function degreesToBorder(lon: number, lat: number, resolution: number): number {
  const cell = latLngToCell(lat, lon, resolution);
  const isInside = (degrees: number) => latLngToCell(lat, lon + degrees, resolution) === cell;
  let [inside, outside] = [0, 1e-6];
  while (isInside(outside)) [inside, outside] = [outside, outside * 2];
  for (let i = 0; i < 50; i++) {
    const middle = (inside + outside) / 2;
    if (isInside(middle)) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** West, south, east, north. */
export function boxOf(geometry: Geometry): readonly [number, number, number, number] {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outer] of partsOf(geometry))
    for (const [i, value] of outer!.entries()) {
      if (i % 2 === 0) [west, east] = [Math.min(west, value), Math.max(east, value)];
      else [south, north] = [Math.min(south, value), Math.max(north, value)];
    }
  return [west, south, east, north];
}

function partsOf(geometry: Geometry): readonly PolygonRings[] {
  return geometry.kind === 'polygons' ? geometry.polygons : [];
}

async function load(db: DuckDb, geometries: readonly Geometry[], notes: readonly string[]): Promise<void> {
  await db.run('CREATE OR REPLACE TEMP TABLE loaded (i INTEGER, note VARCHAR, wkb BLOB)');
  await appendColumns(db.connection, 'loaded', [
    { type: INTEGER, values: geometries.map((_, i) => i) },
    { type: VARCHAR, values: [...notes] },
    { type: BLOB, values: geometries.map((geometry) => blobValue(formatWkb(geometry))) },
  ]);
}

/** The column g of a query in the order of its column i, null where it is no polygon. */
async function shapesOf(db: DuckDb, sql: string): Promise<(Geometry | null)[]> {
  const rows = await db.all(`SELECT i, ST_AsWKB(g) AS wkb FROM (${sql}) ORDER BY i`);
  return rows.map(({ wkb }) => {
    const geometry = wkb instanceof Uint8Array ? parseWkb(wkb) : null;
    return geometry?.kind === 'polygons' && geometry.polygons.length > 0 ? geometry : null;
  });
}
