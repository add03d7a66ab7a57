import type { Size } from '../../grid/affine.js';
import type { Json } from '../../stac/item.js';
import { isObject } from '../geojson-geometry.js';
import type { PolygonRings } from '../label.js';
import { MAX_COCO_SIDE } from './coco-document.js';
import { decodeCocoMask, type RunBudget } from './coco-rle.js';

type Annotation = { readonly [key: string]: Json };

/**
 * The polygons of an annotation in pixels: those of `segmentation`, which may be lists of x and y (parts; there are no holes) or a mask in run
 * lengths; the box where there is none. A text in the answer says why there are none.
 */
export function cocoPolygons(
  { segmentation, bbox }: Annotation,
  size: Size,
  budget: RunBudget,
): readonly PolygonRings[] | string {
  if (isObject(segmentation)) return ofMask(segmentation, size, budget);
  if (Array.isArray(segmentation) && segmentation.length > 0) return ofLists(segmentation);
  return bbox === undefined || bbox === null ? 'neither segmentation nor bbox' : ofBox(bbox);
}

/** A closed ring around a box of pixels. */
export function boxRing(x: number, y: number, width: number, height: number): Float64Array {
  const [x1, y1] = [x + width, y + height];
  return Float64Array.of(x, y, x1, y, x1, y1, x, y1, x, y);
}

/** Vertices as a closed ring: formats of image labels leave out the last vertex, which is the first one. */
export function closedRing(vertices: readonly number[]): Float64Array {
  const end = vertices.length - 2;
  const isClosed = end > 0 && vertices[0] === vertices[end] && vertices[1] === vertices[end + 1];
  return Float64Array.from(isClosed || end < 0 ? vertices : [...vertices, vertices[0]!, vertices[1]!]);
}

function ofMask({ size: stated, counts }: Annotation, size: Size, budget: RunBudget): readonly PolygonRings[] | string {
  const [height, width]: readonly (Json | undefined)[] = Array.isArray(stated) ? stated : [];
  if (height !== size.height || width !== size.width) {
    return `the mask is of ${String(width)} by ${String(height)} pixels, the image has ${size.width} by ${size.height}`;
  }
  if (Math.max(width, height) > MAX_COCO_SIDE) return `an image of more than ${MAX_COCO_SIDE} pixels has no mask`;
  const polygons = decodeCocoMask(counts, size, budget);
  return typeof polygons !== 'string' && polygons.length === 0 ? 'the mask is empty' : polygons;
}

function ofLists(lists: readonly Json[]): readonly PolygonRings[] | string {
  const polygons: PolygonRings[] = [];
  // Some writers leave out the outer brackets of a single polygon.
  for (const list of typeof lists[0] === 'number' ? [lists] : lists) {
    if (!Array.isArray(list) || list.length % 2 !== 0) return 'a polygon is no list of x and y';
    const vertices: readonly unknown[] = list;
    if (!vertices.every((value) => typeof value === 'number')) return 'coordinates are not numbers';
    if (vertices.length > 0) polygons.push([closedRing(vertices)]);
  }
  return polygons.length === 0 ? 'empty geometry' : polygons;
}

function ofBox(bbox: Json): readonly PolygonRings[] | string {
  const [x, y, width, height]: readonly unknown[] = Array.isArray(bbox) ? bbox : [];
  if (typeof x !== 'number' || typeof y !== 'number' || typeof width !== 'number' || typeof height !== 'number') {
    return 'the bbox is not four numbers';
  }
  return width > 0 && height > 0 ? [[boxRing(x, y, width, height)]] : 'the bbox has no area';
}
