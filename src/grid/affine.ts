/**
 * Affine map from pixel corners (col, row) to CRS coordinates, in the order of `affine` and `proj:transform`:
 * x = a·col + b·row + c, y = d·col + e·row + f. Pixel (0, 0) spans 0..1, so its centre is (0.5, 0.5).
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** A place in CRS units. */
export type Point = { readonly x: number; readonly y: number };
/** A place in pixels, from the upper left corner of the raster. */
export type PixelPoint = { readonly col: number; readonly row: number };
/** Width is the number of columns, height the number of rows. */
export type Size = { readonly width: number; readonly height: number };
/** Half-open pixel window: columns `col` to `col + width - 1`. */
export type Window = { readonly col: number; readonly row: number; readonly width: number; readonly height: number };
/** Axis-aligned box in CRS units (or degrees), closed. */
export type Bounds = { readonly xmin: number; readonly ymin: number; readonly xmax: number; readonly ymax: number };

/** CRS coordinates of a fractional pixel position. */
export function applyAffine(t: Affine, { col, row }: PixelPoint): Point {
  return { x: t[0] * col + t[1] * row + t[2], y: t[3] * col + t[4] * row + t[5] };
}

/** The inverse map (CRS to pixel), or null when the map is singular or not finite. */
export function invertAffine([a, b, c, d, e, f]: Affine): Affine | null {
  const det = a * e - b * d;
  if (!Number.isFinite(det) || det === 0) return null;
  return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det];
}

/** The map of the window whose pixel (0, 0) is `(col, row)` of the map given. */
export function shiftAffine(t: Affine, { col, row }: PixelPoint): Affine {
  const { x, y } = applyAffine(t, { col, row });
  return [t[0], t[1], x, t[3], t[4], y];
}

/** The map of an overview whose pixels are `scale.x` by `scale.y` pixels of the map given. */
export function scaleAffine(t: Affine, scale: Point): Affine {
  return [t[0] * scale.x, t[1] * scale.y, t[2], t[3] * scale.x, t[4] * scale.y, t[5]];
}

/** True where a pixel lies in a window. */
export function contains({ col, row, width, height }: Window, pixel: PixelPoint): boolean {
  return pixel.col >= col && pixel.col < col + width && pixel.row >= row && pixel.row < row + height;
}

/** The common part of two windows, or null. */
export function intersectWindows(a: Window, b: Window): Window | null {
  const col = Math.max(a.col, b.col);
  const row = Math.max(a.row, b.row);
  const width = Math.min(a.col + a.width, b.col + b.width) - col;
  const height = Math.min(a.row + a.height, b.row + b.height) - row;
  return width > 0 && height > 0 ? { col, row, width, height } : null;
}
