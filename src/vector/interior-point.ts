import type { PolygonRings } from './label.js';
import { doubleSignedArea, locateInPolygon } from './ring-maths.js';

/** Degrees. */
export type LonLat = { readonly lon: number; readonly lat: number };

/** True where a point lies in a polygon or on its boundary. */
export function isCovered(polygons: readonly PolygonRings[], { lon, lat }: LonLat): boolean {
  return polygons.some((polygon) => locateInPolygon(polygon, lon, lat) >= 0);
}

/**
 * A point of the largest polygon: the middle of the widest stretch inside it on a line between two neighbouring
 * latitudes of its vertices, near the middle first. A sliver without such a line gives its first vertex.
 */
export function interiorPoint(polygons: readonly PolygonRings[]): LonLat {
  const largest = polygons.reduce((a, b) =>
    Math.abs(doubleSignedArea(b[0]!)) > Math.abs(doubleSignedArea(a[0]!)) ? b : a,
  );
  for (const lat of scanLines(largest)) {
    const lon = widestMiddle(largest, lat);
    if (lon !== null && locateInPolygon(largest, lon, lat) === 1) return { lon, lat };
  }
  return { lon: largest[0]![0]!, lat: largest[0]![1]! };
}

/** Latitudes half way between neighbouring vertices, from the middle outwards; 32 are plenty for anything with an inside. */
function scanLines(polygon: PolygonRings): number[] {
  const lats = new Set<number>();
  for (const ring of polygon) for (let i = 1; i < ring.length; i += 2) lats.add(ring[i]!);
  const sorted = Float64Array.from(lats).sort();
  const middle = (sorted[0]! + sorted.at(-1)!) / 2;
  const lines: number[] = [];
  for (let i = 1; i < sorted.length; i++) lines.push((sorted[i - 1]! + sorted[i]!) / 2);
  return lines.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle)).slice(0, 32);
}

function widestMiddle(polygon: PolygonRings, lat: number): number | null {
  const crossings: number[] = [];
  for (const ring of polygon) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [ay, by] = [ring[i + 1]!, ring[i + 3]!];
      if (ay > lat === by > lat) continue;
      crossings.push(ring[i]! + ((lat - ay) / (by - ay)) * (ring[i + 2]! - ring[i]!));
    }
  }
  crossings.sort((a, b) => a - b);
  let best: number | null = null;
  let width = 0;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const stretch = crossings[i + 1]! - crossings[i]!;
    if (stretch <= width) continue;
    width = stretch;
    best = (crossings[i]! + crossings[i + 1]!) / 2;
  }
  return best;
}
