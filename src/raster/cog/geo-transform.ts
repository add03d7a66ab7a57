import { invertAffine, type Affine } from '../../grid/affine.js';
import { numbersOf, type Directory } from './directory.js';
import { Tag } from './tags.js';

/** The transform of a file, null where it has none, and what is wrong with its tags. */
export type TransformResult = { readonly transform: Affine | null; readonly problems: readonly string[] };

/** One ModelTiepoint: pixel (i, j) lies at CRS (x, y). */
type Tiepoint = { readonly i: number; readonly j: number; readonly x: number; readonly y: number };

/** Tie points that are this far off (in pixels) do not follow one affine map: the file carries control points. */
const TIEPOINT_TOLERANCE = 0.01;

/**
 * Pixel corner → CRS of the full image (GeoTIFF 1.1 §B.6, GDAL's choices): ModelPixelScale with ModelTiepoint, else
 * ModelTransformation, else the affine map that three or more tie points share. Where pixels are points, the map moves
 * by half a pixel, so that it always speaks of pixel corners (G6).
 */
export function parseTransform(directory: Directory, pixelIsPoint: boolean): TransformResult {
  const problems: string[] = [];
  const found = rawTransform(directory, problems);
  if (found === null) return { transform: null, problems };
  const [a, b, c, d, e, f] = found;
  const transform: Affine = pixelIsPoint ? [a, b, c - (a + b) / 2, d, e, f - (d + e) / 2] : found;
  if (transform.every(Number.isFinite) && invertAffine(transform) !== null) return { transform, problems };
  return { transform: null, problems: [...problems, `the geotransform ${found.join(' ')} cannot be inverted`] };
}

function rawTransform(directory: Directory, problems: string[]): Affine | null {
  const scale = numbersOf(directory, Tag.ModelPixelScale);
  const tiepoints = parseTiepoints(numbersOf(directory, Tag.ModelTiepoint));
  const matrix = numbersOf(directory, Tag.ModelTransformation);
  if (scale !== null && scale.length >= 2 && scale[0] !== 0 && scale[1] !== 0 && tiepoints.length > 0) {
    return scaledTransform(scale, tiepoints, problems);
  }
  if (matrix !== null && matrix.length === 16) {
    return [matrix[0]!, matrix[1]!, matrix[3]!, matrix[4]!, matrix[5]!, matrix[7]!];
  }
  if (matrix !== null) problems.push(`ModelTransformation with ${matrix.length} values instead of 16`);
  if (tiepoints.length >= 2) {
    const fit = fitAffine(tiepoints);
    if (fit !== null) return fit;
    problems.push(`${tiepoints.length} tie points that follow no affine map (ground control points)`);
  } else if (tiepoints.length === 1) problems.push('a tie point without a pixel scale');
  return null;
}

function scaledTransform(scale: Float64Array, tiepoints: readonly Tiepoint[], problems: string[]): Affine | null {
  const [sx, sy] = [scale[0]!, Math.abs(scale[1]!)];
  if (scale[1]! < 0) problems.push('negative y pixel scale; rows run downwards, as GDAL reads it');
  const { i, j, x, y } = tiepoints[0]!;
  const transform: Affine = [sx, 0, x - i * sx, 0, -sy, y + j * sy];
  if (maxResidual(transform, tiepoints) <= TIEPOINT_TOLERANCE) return transform;
  problems.push(`${tiepoints.length} tie points that contradict the pixel scale`);
  return null;
}

function parseTiepoints(values: Float64Array | null): Tiepoint[] {
  if (values === null) return [];
  const points: Tiepoint[] = [];
  for (let at = 0; at + 6 <= values.length; at += 6) {
    points.push({ i: values[at]!, j: values[at + 1]!, x: values[at + 3]!, y: values[at + 4]! });
  }
  return points;
}

/** The affine map through the tie points, or null where they lie on a line or off the map. */
function fitAffine(points: readonly Tiepoint[]): Affine | null {
  const n = points.length;
  const mean = (pick: (point: Tiepoint) => number) => points.reduce((sum, point) => sum + pick(point), 0) / n;
  const [i0, j0, x0, y0] = [mean((p) => p.i), mean((p) => p.j), mean((p) => p.x), mean((p) => p.y)];
  const sum = (f: (point: Tiepoint) => number) => points.reduce((total, point) => total + f(point), 0);
  const ii = sum((p) => (p.i - i0) ** 2);
  const jj = sum((p) => (p.j - j0) ** 2);
  const ij = sum((p) => (p.i - i0) * (p.j - j0));
  const det = ii * jj - ij * ij;
  if (!(det > 1e-12 * ii * jj)) return null;
  const solve = (value: (point: Tiepoint) => number): [number, number] => {
    const iv = sum((p) => (p.i - i0) * value(p));
    const jv = sum((p) => (p.j - j0) * value(p));
    return [(iv * jj - jv * ij) / det, (jv * ii - iv * ij) / det];
  };
  const [a, b] = solve((p) => p.x - x0);
  const [d, e] = solve((p) => p.y - y0);
  const transform: Affine = [a, b, x0 - a * i0 - b * j0, d, e, y0 - d * i0 - e * j0];
  return maxResidual(transform, points) <= TIEPOINT_TOLERANCE ? transform : null;
}

/** Largest distance between a tie point and its place on the map, in pixels; NaN where the map is singular. */
function maxResidual(transform: Affine, points: readonly Tiepoint[]): number {
  const inverse = invertAffine(transform);
  if (inverse === null) return NaN;
  let largest = 0;
  for (const { i, j, x, y } of points) {
    const col = inverse[0] * x + inverse[1] * y + inverse[2];
    const row = inverse[3] * x + inverse[4] * y + inverse[5];
    largest = Math.max(largest, Math.hypot(col - i, row - j));
  }
  return largest;
}
