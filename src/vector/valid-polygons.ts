import { BLOB, blobValue, INTEGER } from '@duckdb/node-api';
import type { DuckDb } from '../duckdb/connection.js';
import { isCubeError } from '../errors.js';
import { appendColumns } from './append-chunks.js';
import { shiftedRing, wrapLongitude } from './antimeridian.js';
import { interiorPoint, isCovered } from './interior-point.js';
import type { LonLat } from './interior-point.js';
import type { PolygonRings } from './label.js';
import { doubleSignedArea, reversedRing } from './ring-maths.js';
import { formatWkb, parseWkb } from './wkb.js';

/** Polygons to check: closed rings, continuous longitudes. */
export type PolygonInput = { readonly polygons: readonly PolygonRings[]; readonly crosses: boolean };

/** Valid polygons within ±180°, outer rings counter-clockwise, holes clockwise (RFC 7946 §3.1.6). */
export type ValidPolygons =
  | {
      readonly kind: 'valid';
      readonly polygons: readonly PolygonRings[];
      readonly repaired: boolean;
      /** Geodesic, WGS 84 (Karney 2013, by PROJ inside DuckDB's ST_Area_Spheroid). */
      readonly areaM2: number;
      readonly point: LonLat;
    }
  | { readonly kind: 'unusable'; readonly reason: string };

type Measured = {
  readonly polygons: readonly PolygonRings[];
  readonly repaired: boolean;
  readonly areaM2: number;
  readonly point: LonLat | null;
};

/** Polygons a round trip to DuckDB; bounds the memory of their copies. */
const BATCH = 16_384;

/**
 * Check polygons with GEOS, repair the invalid ones (ST_MakeValid part by part, then their union, so that parts that
 * overlap count once), cut them at ±180°, measure them and find a point inside. One answer for every input, in order.
 */
export async function validPolygons(
  db: DuckDb,
  inputs: readonly PolygonInput[],
  signal?: AbortSignal,
): Promise<ValidPolygons[]> {
  const results: ValidPolygons[] = [];
  for (let start = 0; start < inputs.length; start += BATCH) {
    signal?.throwIfAborted();
    const batch = inputs.slice(start, start + BATCH);
    const measured = await measureBatch(db, batch);
    const cut = await cutAtAntimeridian(db, batch, measured);
    for (const [i, one] of measured.entries())
      results.push(one === null ? unusable('no polygon is left after repair') : finish(one, cut.get(i)));
  }
  return results;
}

function unusable(reason: string): ValidPolygons {
  return { kind: 'unusable', reason };
}

async function measureBatch(db: DuckDb, batch: readonly PolygonInput[]): Promise<(Measured | null)[]> {
  const shapes = batch.map(({ polygons }) => formatWkb({ kind: 'polygons', polygons }));
  await load(
    db,
    shapes.map((wkb, i) => ({ i, wkb })),
  );
  const rows = await db.all(
    `SELECT i, ST_Area_Spheroid(g) AS area, ST_X(p) AS lon, ST_Y(p) AS lat
     FROM (SELECT i, g, TRY(ST_PointOnSurface(g)) AS p FROM (SELECT i, ST_GeomFromWKB(wkb) AS g FROM shapes) WHERE ST_IsValid(g))`,
  );
  const measured: (Measured | null)[] = batch.map(() => null);
  const valid = new Set<number>();
  for (const row of rows) {
    const i = Number(row['i']);
    valid.add(i);
    measured[i] = { polygons: batch[i]!.polygons, repaired: false, areaM2: Number(row['area']), point: pointOf(row) };
  }
  const invalid = batch.flatMap((_, i) => (valid.has(i) ? [] : [i]));
  for (const [i, one] of await repair(db, batch, invalid)) measured[i] = one;
  return measured;
}

/** Union of every part made valid, which takes long where they are many and is left out where they lie apart; parts that collapse to lines are left out. */
async function repair(
  db: DuckDb,
  batch: readonly PolygonInput[],
  invalid: readonly number[],
): Promise<Map<number, Measured>> {
  const repaired = new Map<number, Measured>();
  if (invalid.length === 0) return repaired;
  const parts = invalid.flatMap((i) =>
    batch[i]!.polygons.map((polygon) => ({ i, wkb: formatWkb({ kind: 'polygons', polygons: [polygon] }) })),
  );
  for (const rows of await repairedRows(db, parts, invalid)) {
    for (const row of rows) {
      const wkb = row['wkb'];
      const geometry = wkb instanceof Uint8Array ? parseWkb(wkb) : null;
      if (geometry?.kind !== 'polygons') continue;
      repaired.set(Number(row['i']), {
        polygons: geometry.polygons,
        repaired: true,
        areaM2: Number(row['area']),
        point: pointOf(row),
      });
    }
  }
  return repaired;
}

type Part = { readonly i: number; readonly wkb: Uint8Array };

/** All at once; where GEOS fails on one, one by one, so that only that one is lost. */
async function repairedRows(
  db: DuckDb,
  parts: readonly Part[],
  invalid: readonly number[],
): Promise<Record<string, unknown>[][]> {
  try {
    return [await repairParts(db, parts)];
  } catch (error) {
    if (!isCubeError(error, 'lake')) throw error;
    if (invalid.length === 1) return [];
    const rows: Record<string, unknown>[][] = [];
    for (const i of invalid)
      rows.push(
        ...(await repairedRows(
          db,
          parts.filter((part) => part.i === i),
          [i],
        )),
      );
    return rows;
  }
}

async function repairParts(db: DuckDb, parts: readonly Part[]): Promise<Record<string, unknown>[]> {
  await load(db, parts);
  // Tables: DuckDB pushes filters into common table expressions and evaluates ST_MakeValid once for each.
  await db.run(
    `CREATE OR REPLACE TEMP TABLE checked AS
     SELECT i, place, part, ST_IsValid(part) AS ok FROM (SELECT i, rowid AS place, ST_GeomFromWKB(wkb) AS part FROM shapes)`,
  );
  await db.run(
    `CREATE OR REPLACE TEMP TABLE filled AS
     SELECT i, place, part AS m FROM checked WHERE ok
     UNION ALL SELECT i, place, ST_CollectionExtract(TRY(ST_MakeValid(part)), 3) AS m FROM checked WHERE NOT ok`,
  );
  await db.run('DELETE FROM filled WHERE m IS NULL OR ST_IsEmpty(m)');
  await db.run(
    `CREATE OR REPLACE TEMP TABLE together AS SELECT *, ST_IsValid(g) AS ok FROM (
       SELECT i, ST_CollectionExtract(ST_Collect(list(m ORDER BY place)), 3) AS g FROM filled GROUP BY i)`,
  );
  return db.all(
    `SELECT i, ST_AsWKB(g) AS wkb, ST_Area_Spheroid(g) AS area, ST_X(p) AS lon, ST_Y(p) AS lat
     FROM (SELECT i, g, TRY(ST_PointOnSurface(g)) AS p FROM (
       SELECT i, g FROM together WHERE ok
       UNION ALL SELECT i, ST_CollectionExtract(ST_Union_Agg(m), 3) AS g FROM filled
       WHERE i IN (SELECT i FROM together WHERE NOT ok) GROUP BY i))`,
  );
}

/** Cut what passes ±180° and move the parts beyond by a turn: polygons by index. */
async function cutAtAntimeridian(
  db: DuckDb,
  batch: readonly PolygonInput[],
  measured: readonly (Measured | null)[],
): Promise<Map<number, PolygonRings[]>> {
  const crossing = measured.flatMap((one, i) =>
    one !== null && batch[i]!.crosses ? [{ i, wkb: formatWkb({ kind: 'polygons', polygons: one.polygons }) }] : [],
  );
  const cut = new Map<number, PolygonRings[]>();
  if (crossing.length === 0) return cut;
  await load(db, crossing);
  const slice = (xmin: number) =>
    `ST_AsWKB(ST_CollectionExtract(ST_Intersection(g, ST_MakeEnvelope(${xmin}, -90, ${xmin + 360}, 90)), 3))`;
  const rows = await db.all(
    `SELECT i, ${slice(-540)} AS west, ${slice(-180)} AS here, ${slice(180)} AS east FROM (SELECT i, ST_GeomFromWKB(wkb) AS g FROM shapes)`,
  );
  for (const row of rows) {
    const parts = [...moved(row['here'], 0), ...moved(row['west'], 360), ...moved(row['east'], -360)];
    cut.set(Number(row['i']), parts);
  }
  return cut;
}

function moved(wkb: unknown, degrees: number): PolygonRings[] {
  const geometry = wkb instanceof Uint8Array ? parseWkb(wkb) : null;
  if (geometry?.kind !== 'polygons') return [];
  return geometry.polygons.map((rings) => rings.map((ring) => (degrees === 0 ? ring : shiftedRing(ring, degrees))));
}

async function load(db: DuckDb, rows: readonly Part[]): Promise<void> {
  await db.run('CREATE OR REPLACE TEMP TABLE shapes (i INTEGER, wkb BLOB)');
  await appendColumns(db.connection, 'shapes', [
    { type: INTEGER, values: rows.map(({ i }) => i) },
    { type: BLOB, values: rows.map(({ wkb }) => blobValue(wkb)) },
  ]);
}

function pointOf(row: Record<string, unknown>): LonLat | null {
  const { lon, lat } = row;
  return typeof lon === 'number' && typeof lat === 'number' ? { lon: wrapLongitude(lon), lat } : null;
}

function finish(one: Measured, cut: readonly PolygonRings[] | undefined): ValidPolygons {
  const polygons = (cut ?? one.polygons).map(oriented).filter((rings) => doubleSignedArea(rings[0]!) > 0);
  if (polygons.length === 0 || !(one.areaM2 > 0)) return unusable('no area');
  const point = one.point !== null && isCovered(polygons, one.point) ? one.point : interiorPoint(polygons);
  return { kind: 'valid', polygons, repaired: one.repaired, areaM2: one.areaM2, point };
}

function oriented(rings: PolygonRings): PolygonRings {
  return rings.map((ring, index) => {
    const counterClockwise = doubleSignedArea(ring) > 0;
    return counterClockwise === (index === 0) ? ring : reversedRing(ring);
  });
}
