import type { Json, StacItem } from './item.js';
import { isObject } from './json.js';

/** Degrees; west > east crosses the antimeridian. */
export type LonLatBox = readonly [west: number, south: number, east: number, north: number];

/**
 * The box of an item: the stated one, or that of its geometry. Catalogues write the plain minimum and maximum of a
 * footprint across the antimeridian, a box around the world; where the geometry jumps there and is no plain box itself, it
 * is turned into west > east, as RFC 7946 §5.2 has it. A ring around a pole bounds all that lies beyond it.
 */
export function itemBox(stated: LonLatBox | null, geometry: Json): StacItem['bbox'] {
  if (stated !== null && (stated[0] > stated[2] || stated[2] - stated[0] <= 180)) return wrapBox(stated);
  const rings = ringsOf(geometry);
  const points = rings.flat();
  if (points.length === 0) return stated;
  if (rings.some(enclosesPole)) return polarBox(points);
  const crossing = rings.some(jumps) && !isPlainBox(points);
  if (stated === null || crossing) return boxOfPoints(points, crossing);
  return wrapBox(stated);
}

/** The box that encloses a GeoJSON geometry, west > east where its rings jump across the antimeridian; null where it has no points. */
export function boxOfGeometry(geometry: Json): LonLatBox | null {
  return itemBox(null, geometry);
}

/**
 * True where the box of an item and a wanted one share a point; edges count. Of a box wider than half the world nobody
 * knows which way around it goes, so it meets every longitude.
 */
export function boxesMeet(a: LonLatBox, b: LonLatBox): boolean {
  if (a[1] > b[3] || b[1] > a[3]) return false;
  if (a[2] - a[0] > 180) return true;
  return splitBox(a).some(([west, , east]) => splitBox(b).some(([w, , e]) => west <= e && w <= east));
}

/** A box across the antimeridian as the two that lie on its sides (G10); any other as itself. */
export function splitBox([west, south, east, north]: LonLatBox): LonLatBox[] {
  if (west <= east) return [[west, south, east, north]];
  const sides: LonLatBox[] = [
    [west, south, 180, north],
    [-180, south, east, north],
  ];
  // An edge on the meridian itself would leave a side without width.
  return sides.filter(([from, , to]) => from < to);
}

/** Longitudes beyond ±180, as some catalogues write them, brought back. */
export function wrapBox([west, south, east, north]: LonLatBox): LonLatBox {
  if (west >= -180 && east <= 180) return [west, south, east, north];
  if (east - west >= 360) return [-180, south, 180, north];
  return [wrapLongitude(west), south, wrapLongitude(east), north];
}

function wrapLongitude(lon: number): number {
  return lon >= -180 && lon <= 180 ? lon : lon - 360 * Math.floor((lon + 180) / 360);
}

type Point = readonly [lon: number, lat: number];

/** A closed ring whose jumps do not cancel out goes around the Earth. */
function enclosesPole(ring: readonly Point[]): boolean {
  const [first, last] = [ring[0], ring.at(-1)];
  if (ring.length < 4 || first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) return false;
  let turns = 0;
  for (let i = 1; i < ring.length; i++) {
    if (isJump(ring[i - 1]![0], ring[i]![0])) turns += ring[i]![0] < ring[i - 1]![0] ? 1 : -1;
  }
  return turns !== 0;
}

/** From the latitude that is farthest from the pole to the pole. */
function polarBox(points: readonly Point[]): LonLatBox {
  const latitudes = points.map(([, lat]) => lat);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  return south + north > 0 ? [-180, south, 180, 90] : [-180, -90, 180, north];
}

/** More than half a turn between neighbours is a jump; from -180 to 180 it is the edge of a map of the world. */
function jumps(ring: readonly Point[]): boolean {
  return ring.some(([lon], index) => index > 0 && isJump(ring[index - 1]![0], lon));
}

function isJump(last: number, lon: number): boolean {
  return Math.abs(lon - last) > 180 && !(Math.abs(lon) === 180 && Math.abs(last) === 180);
}

/** Only two longitudes and two latitudes: somebody drew the box of the data, which may well span most of the world. */
function isPlainBox(points: readonly Point[]): boolean {
  return new Set(points.map(([lon]) => lon)).size === 2 && new Set(points.map(([, lat]) => lat)).size === 2;
}

function boxOfPoints(points: readonly Point[], crossing: boolean): LonLatBox {
  let [south, north] = [Infinity, -Infinity];
  let [west, east] = [Infinity, -Infinity];
  for (const [lon, lat] of points) {
    const turned = crossing && lon < 0 ? lon + 360 : lon;
    west = Math.min(west, turned);
    east = Math.max(east, turned);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return wrapBox([west, south, east, north]);
}

/** The rings and lines of a geometry; anything that is no coordinate is left out. */
function ringsOf(geometry: Json): Point[][] {
  if (!isObject(geometry)) return [];
  if (Array.isArray(geometry['geometries'])) return geometry['geometries'].flatMap(ringsOf);
  return linesIn(geometry['coordinates']);
}

function linesIn(value: Json | undefined): Point[][] {
  if (!Array.isArray(value)) return [];
  if (isPoint(value)) return [[value]];
  if (value.some(isPoint)) return [value.filter(isPoint)];
  return value.flatMap(linesIn);
}

function isPoint(value: Json): value is Point {
  return Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}
