import type { Affine, Size } from '../../grid/affine.js';
import { applyAffine } from '../../grid/affine.js';
import type { DataType } from '../../grid/dtype.js';

/** First centre and step of an evenly spaced axis; `step` is null for a single value. */
export type EvenAxis = { readonly first: number; readonly step: number | null };

/** Part of a pixel that centres may lie off their place: files round them to a few decimals. */
const TOLERANCE = 0.01;

/** How a float of the type rounds, as a part of its value. */
const EPSILON: Partial<Record<DataType, number>> = { float16: 2 ** -10, float32: 2 ** -23 };

/** The even spacing of coordinate values, or null where a value lies off by more than rounding explains. */
export function evenAxis(values: Float64Array, dtype: DataType): EvenAxis | null {
  const count = values.length;
  if (count === 0) return null;
  const first = values[0]!;
  if (count === 1) return Number.isFinite(first) ? { first, step: null } : null;
  const last = values[count - 1]!;
  const step = (last - first) / (count - 1);
  if (!Number.isFinite(step) || step === 0) return null;
  const rounding = (EPSILON[dtype] ?? 2 ** -50) * Math.max(Math.abs(first), Math.abs(last));
  const tolerance = TOLERANCE * Math.abs(step) + Math.min(rounding, Math.abs(step) / 4);
  for (let i = 0; i < count; i++) {
    if (!(Math.abs(values[i]! - (first + i * step)) <= tolerance)) return null;
  }
  return { first, step };
}

/** The transform of pixel corners from two axes of pixel centres; null where one of them has a single value. */
export function transformFromCentres(x: EvenAxis, y: EvenAxis): Affine | null {
  if (x.step === null || y.step === null) return null;
  return [x.step, 0, x.first - x.step / 2, 0, y.step, y.first - y.step / 2];
}

/** True where two transforms put every pixel of a raster within `TOLERANCE` pixels of each other. */
export function transformsAgree(a: Affine, b: Affine, { width, height }: Size): boolean {
  const pixel = Math.min(Math.hypot(a[0], a[3]), Math.hypot(a[1], a[4]));
  const corners = [
    { col: 0, row: 0 },
    { col: width, row: 0 },
    { col: 0, row: height },
    { col: width, row: height },
  ];
  return corners.every((corner) => {
    const p = applyAffine(a, corner);
    const q = applyAffine(b, corner);
    return Math.hypot(p.x - q.x, p.y - q.y) <= 2 * TOLERANCE * pixel;
  });
}
