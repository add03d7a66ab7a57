import type { Size } from '../grid/affine.js';
import type { PixelRadius } from './task.js';

/** Distances that are whole but for rounding are whole: 3, 4, 5. */
const NOISE = 1e-9;

/**
 * Dilation of a 0/1 mask by an ellipse with the given radii in pixels (a disk on a metric grid): a pixel is set where
 * the centre of a set pixel lies within the radius. Exact, separable: distances along rows first, then each column
 * looks up and down (O(pixels × radius.y)).
 */
export function dilate(mask: Uint8Array, { width, height }: Size, radius: PixelRadius): Uint8Array {
  const distance = rowDistances(mask, width, height);
  const reach = Math.floor(radius.y + NOISE);
  /** Largest distance along the row that is inside the ellipse, for each row offset. */
  const spans = Array.from({ length: reach + 1 }, (_, dy) => Math.floor(halfWidth(radius, dy) + NOISE));
  const out = new Uint8Array(mask.length);
  for (let row = 0; row < height; row++) {
    const from = Math.max(0, row - reach);
    const to = Math.min(height - 1, row + reach);
    for (let source = from; source <= to; source++) {
      const span = spans[Math.abs(source - row)]!;
      const base = source * width;
      const target = row * width;
      for (let col = 0; col < width; col++) {
        if (distance[base + col]! <= span) out[target + col] = 1;
      }
    }
  }
  return out;
}

function halfWidth(radius: PixelRadius, dy: number): number {
  if (radius.y === 0) return radius.x;
  return radius.x * Math.sqrt(Math.max(0, 1 - (dy / radius.y) ** 2));
}

/** Distance along the row to the nearest set pixel; larger than any row where the row has none. */
function rowDistances(mask: Uint8Array, width: number, height: number): Int32Array {
  const none = 1 << 30;
  const distance = new Int32Array(mask.length);
  for (let row = 0; row < height; row++) {
    const base = row * width;
    let since = none;
    for (let col = 0; col < width; col++) {
      since = mask[base + col] === 1 ? 0 : Math.min(none, since + 1);
      distance[base + col] = since;
    }
    since = none;
    for (let col = width - 1; col >= 0; col--) {
      since = mask[base + col] === 1 ? 0 : Math.min(none, since + 1);
      if (since < distance[base + col]!) distance[base + col] = since;
    }
  }
  return distance;
}
