import type { Size } from '../../grid/affine.js';
import type { Json } from '../../stac/item.js';
import type { PolygonRings } from '../label.js';
import { boxRing, closedRing } from './coco-shape.js';

/** One line: a class and polygons in pixels, or in place of them why there are none. `confidence` is there in predictions only. */
export type YoloObject = {
  readonly properties: { readonly class?: Json; readonly confidence?: number };
  readonly polygons: readonly PolygonRings[] | string;
};

/** How far rounding takes shares of the image out of 0 to 1. */
const SLACK = 1e-3;

/**
 * Read a line of YOLO's text: `class cx cy w h` (a box by its centre) or `class x1 y1 x2 y2 x3 y3 …` (a polygon, oriented boxes too), in shares
 * of the image, each with a confidence behind it where the count of numbers is even. Pixels are corner to corner: 0 is the left edge, 1 the right one.
 */
export function parseYoloLine(line: string, { width, height }: Size): YoloObject {
  const words = line.trim().split(/\s+/);
  const numbers = words.map(Number);
  const bad = (why: string): YoloObject => ({ properties: { class: words[0] ?? null }, polygons: why });
  if (numbers.length < 5 || !numbers.every(Number.isFinite)) return bad('not a class and four numbers or more');
  const category = numbers[0]!;
  if (!Number.isInteger(category) || category < 0) return bad('the class is no count');
  const confidence = numbers.length % 2 === 0 ? { confidence: numbers.at(-1)! } : {};
  const shares = numbers.slice(1, 1 + 2 * Math.floor((numbers.length - 1) / 2));
  const properties = { class: category, ...confidence };
  const outside = shares.find((share) => share < -SLACK || share > 1 + SLACK);
  if (outside !== undefined) return { properties, polygons: `${outside} is no share of the image: 0 to 1` };
  const pixels = shares.map((share, i) => share * (i % 2 === 0 ? width : height));
  if (pixels.length > 4) return { properties, polygons: [[closedRing(pixels)]] };
  const [x, y, w, h] = pixels as [number, number, number, number];
  if (!(w > 0 && h > 0)) return { properties, polygons: 'the box has no area' };
  return { properties, polygons: [[boxRing(x - w / 2, y - h / 2, w, h)]] };
}
