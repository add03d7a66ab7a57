import { applyAffine } from '../grid/affine.js';
import type { Affine } from '../grid/affine.js';
import type { CrsTransform } from '../grid/transform.js';
import type { Ring } from './label.js';

/** Halvings of one edge; an edge half around the globe on a 10 m grid needs about 12. */
const MAX_HALVINGS = 20;
/** Where a curve is compared with its chord: the middle alone misses an S. */
const SAMPLES = [0.25, 0.5, 0.75] as const;

/** From lon/lat to pixels: the CRS, then the inverse of the grid's affine map. */
export type ToPixels = { readonly transform: CrsTransform; readonly toPixel: Affine };

/**
 * A closed lon/lat ring in pixel coordinates. Edges are straight in lon/lat; one is split only where its chord leaves the
 * true edge by more than `tolerance` pixels (acceptance Z7). Vertices outside the CRS's domain are NaN.
 */
export function projectRing(ring: Ring, to: ToPixels, tolerance: number): Ring {
  let source = ring;
  let pixels = toPixels(ring, to);
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const split = edgesToSplit(source, pixels, to, tolerance);
    if (split === null) return pixels;
    source = splitEdges(source, split);
    pixels = toPixels(source, to);
  }
  return pixels;
}

/** Pixel coordinates of lon/lat coordinates, as a copy. */
export function toPixels(lonLat: Float64Array, { transform, toPixel }: ToPixels): Float64Array {
  const xy = Float64Array.from(lonLat);
  transform.transform(xy);
  for (let i = 0; i < xy.length; i += 2) {
    const { x, y } = applyAffine(toPixel, { col: xy[i]!, row: xy[i + 1]! });
    xy[i] = x;
    xy[i + 1] = y;
  }
  return xy;
}

/** One flag an edge, or null where every chord is close enough. */
function edgesToSplit(source: Ring, pixels: Ring, to: ToPixels, tolerance: number): Uint8Array | null {
  const edges = source.length / 2 - 1;
  const between = new Float64Array(edges * SAMPLES.length * 2);
  for (let edge = 0, at = 0; edge < edges; edge++) {
    const i = 2 * edge;
    for (const t of SAMPLES) {
      between[at++] = source[i]! + t * (source[i + 2]! - source[i]!);
      between[at++] = source[i + 1]! + t * (source[i + 3]! - source[i + 1]!);
    }
  }
  const truth = toPixels(between, to);
  const flags = new Uint8Array(edges);
  let any = false;
  for (let edge = 0; edge < edges; edge++) {
    for (let sample = 0; sample < SAMPLES.length; sample++) {
      const at = 2 * (edge * SAMPLES.length + sample);
      if (!(chordDistance(pixels, 2 * edge, truth[at]!, truth[at + 1]!) > tolerance)) continue;
      flags[edge] = 1;
      any = true;
    }
  }
  return any ? flags : null;
}

/** Distance of a point from the line through two vertices; from the first one where they coincide. */
function chordDistance(pixels: Ring, i: number, x: number, y: number): number {
  const dx = pixels[i + 2]! - pixels[i]!;
  const dy = pixels[i + 3]! - pixels[i + 1]!;
  const length = Math.hypot(dx, dy);
  if (length === 0) return Math.hypot(x - pixels[i]!, y - pixels[i + 1]!);
  return Math.abs(dx * (y - pixels[i + 1]!) - dy * (x - pixels[i]!)) / length;
}

function splitEdges(source: Ring, split: Uint8Array): Ring {
  const count = split.reduce((sum, flag) => sum + flag, 0);
  const finer = new Float64Array(source.length + 2 * count);
  let at = 0;
  for (let edge = 0; edge < split.length; edge++) {
    const i = 2 * edge;
    finer[at++] = source[i]!;
    finer[at++] = source[i + 1]!;
    if (split[edge] === 0) continue;
    finer[at++] = (source[i]! + source[i + 2]!) / 2;
    finer[at++] = (source[i + 1]! + source[i + 3]!) / 2;
  }
  finer[at++] = source.at(-2)!;
  finer[at] = source.at(-1)!;
  return finer;
}
