import type { DuckDb } from '../../duckdb/connection.js';
import { createTransform } from '../../grid/transform.js';
import { splitBox, type LonLatBox } from '../../stac/item-box.js';
import type { Json } from '../../stac/item.js';
import { parseGeoJsonGeometry } from '../../vector/geojson-geometry.js';
import { h3Cover, h3CoverSize } from '../../vector/h3-cover.js';
import type { Geometry, PolygonRings } from '../../vector/label.js';
import { coordinateArrays } from '../../vector/raw-geometry.js';
import { boundsOf } from '../../vector/ring-maths.js';
import { s2Cover, s2CoverSize } from '../../vector/s2-cover.js';
import { prepareShape, type Shape } from '../../vector/shape.js';
import { LON_LAT } from '../../vector/source-crs.js';
import { validPolygons } from '../../vector/valid-polygons.js';

/** A geometry as GeoJSON, and the box that stands for it where it is absent or of no use. */
export type FootprintInput = { readonly geometry: Json; readonly bbox: LonLatBox | null };

/** Cells of a geometry at one resolution. */
export type Cover = { readonly resolution: number; readonly cells: readonly bigint[] };

/** Resolutions of the covers of a scene: a Sentinel-2 tile has some 4, 14 and 70 cells. */
const RESOLUTIONS = [3, 4, 5] as const;
/** Scenes as large as continents get coarser cells. */
const MAX_CELLS = 4096;
/** Longer edges along a parallel would be taken for a jump across the antimeridian. */
const MAX_EDGE_DEGREES = 90;

/**
 * Geometries as valid polygons or points within ±180°, in order; null where neither geometry nor box is of use. Rings that jump
 * across the antimeridian are cut there; lines become the box, rings around a pole the cap beyond them.
 */
export async function footprintsOf(
  db: DuckDb,
  inputs: readonly FootprintInput[],
  signal?: AbortSignal,
): Promise<(Geometry | null)[]> {
  const shapes = inputs.map(shapeOf);
  const polygons = shapes.flatMap((shape) =>
    shape?.kind === 'shape' && shape.geometry.kind === 'polygons'
      ? [{ polygons: shape.geometry.polygons, crosses: shape.crosses }]
      : [],
  );
  const valid = polygons.length === 0 ? [] : await validPolygons(db, polygons, signal);
  let next = 0;
  return shapes.map((shape, i) => {
    if (shape?.kind !== 'shape') return boxGeometry(inputs[i]!.bbox);
    if (shape.geometry.kind === 'points') return shape.geometry;
    const found = valid[next++]!;
    return found.kind === 'valid' ? { kind: 'polygons', polygons: found.polygons } : boxGeometry(inputs[i]!.bbox);
  });
}

/** The covers of a geometry: at resolutions 3, 4 and 5 as far as they have at most 4096 cells, else at the finest coarser one. */
export function coversOf(geometry: Geometry): Cover[] {
  const fits = (resolution: number) => h3CoverSize(geometry, resolution) <= MAX_CELLS;
  const wanted = RESOLUTIONS.filter(fits);
  const chosen = wanted.length > 0 ? wanted : [[2, 1].find(fits) ?? 0];
  return chosen.map((resolution) => ({ resolution, cells: h3Cover(geometry, resolution) }));
}

/** Tokens of the S2 cells that a geometry touches, level by level; where those of a level are more than 4096, at the next lower one that fits. */
export function s2TokensOf(geometry: Geometry, levels: readonly number[]): string[] {
  const fitting = (wanted: number) => {
    let level = wanted;
    while (level > 0 && s2CoverSize(geometry, level) > MAX_CELLS) level--;
    return level;
  };
  const chosen = [...new Set(levels.map(fitting))].sort((a, b) => a - b);
  return chosen.flatMap((level) => s2Cover(geometry, level));
}

/** The box as one polygon, or two at the antimeridian. */
export function boxGeometry(box: LonLatBox | null): Geometry | null {
  if (box === null) return null;
  const sides = splitBox(box);
  const polygons = sides.filter(([west, south, east, north]) => west < east && south < north).map(ringOf);
  if (polygons.length > 0) return { kind: 'polygons', polygons };
  const [west, south] = sides[0] ?? box;
  return { kind: 'points', points: Float64Array.of(west, south) };
}

function ringOf([west, south, east, north]: LonLatBox): PolygonRings {
  const steps = Math.max(1, Math.ceil((east - west) / MAX_EDGE_DEGREES));
  const lons = Array.from({ length: steps + 1 }, (_, i) => (i === steps ? east : west + ((east - west) * i) / steps));
  const points = [...lons.map((lon) => [lon, south]), ...lons.toReversed().map((lon) => [lon, north]), [west, south]];
  return [Float64Array.from(points.flat())];
}

/**
 * Null: the box is meant. A box around most of the world is not a narrow one across the antimeridian; a ring around a pole, which
 * longitude and latitude cannot bound, becomes all that lies beyond its lowest latitude.
 */
function shapeOf({ geometry, bbox }: FootprintInput): Shape | null {
  const raw = parseGeoJsonGeometry(geometry);
  if (raw.kind === 'unusable') return null;
  const shape = prepareShape(raw, createTransform(LON_LAT, LON_LAT));
  if (shape.kind === 'unusable') return shape.reason.endsWith('encloses a pole') ? polarCap(raw) : null;
  const isWide = bbox !== null && bbox[0] <= bbox[2] && bbox[2] - bbox[0] > 180;
  return shape.crosses && isWide ? null : shape;
}

function polarCap(geometry: Geometry): Shape {
  const { ymin, ymax } = boundsOf(...coordinateArrays(geometry));
  const cap = boxGeometry(ymin + ymax > 0 ? [-180, ymin, 180, 90] : [-180, -90, 180, ymax])!;
  return { kind: 'shape', geometry: cap, crosses: false, fixes: [] };
}
