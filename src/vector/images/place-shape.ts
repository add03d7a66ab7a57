import { applyAffine, type Affine, type Size } from '../../grid/affine.js';
import type { PolygonRings } from '../label.js';
import { unusable, type RawGeometry } from '../raw-geometry.js';

/** Pixels that a label may reach over the edge of its image: annotators draw that far. */
const MARGIN = 1;

/**
 * Polygons in pixels as polygons in the CRS of their image. Coordinates are of pixel corners: the upper left pixel spans 0 to 1 and its
 * centre is at 0.5, as in COCO, in YOLO (times the size) and in masks. What is not finite or lies outside the image is unusable.
 */
export function placePolygons(polygons: readonly PolygonRings[], transform: Affine, size: Size | null): RawGeometry {
  for (const polygon of polygons) {
    for (const ring of polygon) {
      const fault = faultOf(ring, size);
      if (fault !== null) return unusable(fault);
    }
  }
  const place = (ring: Float64Array): Float64Array => {
    const moved = new Float64Array(ring.length);
    for (let i = 0; i < ring.length; i += 2) {
      const { x, y } = applyAffine(transform, { col: ring[i]!, row: ring[i + 1]! });
      moved[i] = x;
      moved[i + 1] = y;
    }
    return moved;
  };
  return { kind: 'polygons', polygons: polygons.map((rings) => rings.map(place)) };
}

function faultOf(ring: Float64Array, size: Size | null): string | null {
  const [width, height] = size === null ? [Infinity, Infinity] : [size.width, size.height];
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = [ring[i]!, ring[i + 1]!];
    if (!Number.isFinite(x) || !Number.isFinite(y)) return 'a coordinate is not finite';
    if (x < -MARGIN || y < -MARGIN || x > width + MARGIN || y > height + MARGIN) {
      return `pixel ${x}, ${y} lies outside the image of ${width} by ${height} pixels`;
    }
  }
  return null;
}
