import type { Deduplicated } from '../../src/sites/deduplicate.js';
import type { Geometry, PolygonRings } from '../../src/vector/label.js';
import type { SiteFeature } from '../../src/sites/site-feature.js';

/** A star-shaped ring around a place: radius in metres, as far as a degree is 111 km. */
export function star(
  random: () => number,
  lon: number,
  lat: number,
  { radiusM, vertices, jitter = 0.5 }: { radiusM: number; vertices: number; jitter?: number },
): Float64Array {
  const ring = new Float64Array(2 * vertices + 2);
  const scale = Math.cos((lat * Math.PI) / 180);
  for (let i = 0; i < vertices; i++) {
    const angle = (2 * Math.PI * i) / vertices;
    const radius = (radiusM / 111_320) * (1 - jitter * random());
    ring[2 * i] = lon + (radius * Math.cos(angle)) / scale;
    ring[2 * i + 1] = lat + radius * Math.sin(angle);
  }
  ring[2 * vertices] = ring[0]!;
  ring[2 * vertices + 1] = ring[1]!;
  return ring;
}

export function polygon(...rings: Float64Array[]): Geometry {
  return { kind: 'polygons', polygons: [rings] };
}

/** A box in degrees. */
export function box(xmin: number, ymin: number, xmax: number, ymax: number): PolygonRings {
  return [Float64Array.of(xmin, ymin, xmax, ymin, xmax, ymax, xmin, ymax, xmin, ymin)];
}

export function point(lon: number, lat: number): Geometry {
  return { kind: 'points', points: Float64Array.of(lon, lat) };
}

export function feature(featureUid: string, geometry: Geometry, extra: Partial<SiteFeature> = {}): SiteFeature {
  return {
    featureUid,
    dataset: 'a',
    priority: 1,
    geometry,
    setting: 'ground',
    capacityMw: null,
    installed: { start: null, end: null },
    observedDay: null,
    ...extra,
  };
}

/** Sites, pairs and groups in full: JSON alone leaves out what a Map holds. */
export function textOf({ groups, ...rest }: Deduplicated): string {
  return JSON.stringify([rest, [...groups]]);
}
