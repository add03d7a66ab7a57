import { CubeError } from '../errors.js';
import type { PixelMap } from '../native/kernels.js';
import { positionOnMap, rowPositions } from '../native/twin/warp-map.js';
import { invertAffine, type Affine, type Bounds, type PixelPoint, type Size, type Window } from './affine.js';
import { sameCrs } from './crs-definition.js';
import { buildMapCells } from './map-cells.js';
import type { CrsTransform } from './transform.js';

export type { PixelMap } from '../native/kernels.js';

/** The two grids and the window that is mapped between them. */
export type PixelMapRequest = {
  /**
   * The target grid (`transform`: its pixel corner to CRS) and the window wanted: `col` and `row` of its first pixel,
   * 0 where not given. Windows of one grid agree to the bit when they are given with the grid's own transform.
   */
  readonly target: Size & { readonly transform: Affine; readonly col?: number; readonly row?: number };
  readonly source: { readonly transform: Affine };
  /** From the target's CRS to the source's; null where they are the same. */
  readonly toSource: CrsTransform | null;
  /** Largest measured error of a position, in source pixels; 1e-5 where not given. */
  readonly maxErrorPx?: number;
};

/** So small that nearest picks another pixel than exact positions would about once in a hundred thousand pixels. */
const MAX_ERROR_PX = 1e-5;
/** Between sampled rows a side of the window bends far less than the pixel that is added all around. */
const SAMPLED_ROWS = 16;

/** Where the pixels of a target window lie in the source raster. The same CRS gives an exact affine map. */
export function buildPixelMap(request: PixelMapRequest): PixelMap {
  const { target, source, toSource, maxErrorPx = MAX_ERROR_PX } = request;
  const { width, height, col = 0, row = 0 } = target;
  const window = { col, row, width, height };
  if (
    ![col, row].every(Number.isSafeInteger) ||
    ![width, height].every((size) => Number.isSafeInteger(size) && size >= 0)
  ) {
    throw invalid(`the target window must be whole pixels, found ${JSON.stringify(window)}`);
  }
  if (!target.transform.every(Number.isFinite))
    throw invalid(`the target's transform is not finite: [${target.transform}]`);
  if (invertAffine(source.transform) === null)
    throw invalid(`the source's transform has no inverse: [${source.transform}]`);
  if (toSource === null || sameCrs(toSource.from, toSource.to)) {
    return { kind: 'affine', ...window, matrix: betweenGrids(target.transform, source.transform) };
  }
  return {
    kind: 'cells',
    ...window,
    ...buildMapCells({ window, target: target.transform, source: source.transform, toSource, maxErrorPx }),
  };
}

/**
 * The pixels of a raster of `size` that a target window needs: all that the map reaches, the kernel's radius and one
 * more on every side, cut to the raster. Null where the window misses the raster.
 */
export function mapSourceWindow(
  map: PixelMap,
  radius: { readonly x: number; readonly y: number },
  size: Size,
): Window | null {
  const reach = reachOf(map);
  const col = Math.max(0, Math.floor(reach.xmin - radius.x) - 1);
  const row = Math.max(0, Math.floor(reach.ymin - radius.y) - 1);
  const width = Math.min(size.width, Math.ceil(reach.xmax + radius.x) + 1) - col;
  const height = Math.min(size.height, Math.ceil(reach.ymax + radius.y) + 1) - row;
  return width > 0 && height > 0 ? { col, row, width, height } : null;
}

/** Maps do not change, and bands share them. */
const reaches = new WeakMap<PixelMap, Bounds>();

function reachOf(map: PixelMap): Bounds {
  const reach = reaches.get(map) ?? (map.kind === 'affine' ? affineReach(map) : cellsReach(map));
  reaches.set(map, reach);
  return reach;
}

/** An affine map reaches farthest at its corners. */
function affineReach(map: PixelMap): Bounds {
  const corners = [0, map.width].flatMap((col) => [0, map.height].map((row) => positionOnMap(map, { col, row })));
  const xs = corners.map(({ col }) => col);
  const ys = corners.map(({ row }) => row);
  return { xmin: Math.min(...xs), xmax: Math.max(...xs), ymin: Math.min(...ys), ymax: Math.max(...ys) };
}

function cellsReach(map: Extract<PixelMap, { kind: 'cells' }>): Bounds {
  const reach = { xmin: Infinity, xmax: -Infinity, ymin: Infinity, ymax: -Infinity };
  const x = new Float64Array(map.width);
  const y = new Float64Array(map.width);
  const sampleRow = (row: number, dy: number): void => {
    for (const dx of [0, 1]) {
      rowPositions(map, row, { x, y, dx, dy });
      widen(reach, x, y);
    }
  };
  if (map.height > 0 && map.width > 0 && map.splits.every((splits) => splits === 1)) {
    // Everywhere smooth: what lies inside reaches no farther than the border does.
    sampleRow(0, 0);
    sampleRow(map.height - 1, 1);
    for (let row = 0; row < map.height; row += SAMPLED_ROWS) {
      for (const col of [0, map.width]) {
        const point = positionOnMap(map, { col, row });
        widen(reach, Float64Array.of(point.col), Float64Array.of(point.row));
      }
    }
    return reach;
  }
  const step = map.splits.some((splits) => splits > 1) ? 1 : SAMPLED_ROWS;
  for (let row = 0; row < map.height; row += step) sampleRow(row, 0);
  if (map.height > 0) sampleRow(map.height - 1, 1);
  return reach;
}

/** The source position of a point of the window (`col`, `row` in pixels of the window, centres at .5); NaN where none. */
export function pointOnMap(map: PixelMap, col: number, row: number): PixelPoint {
  return positionOnMap(map, { col, row });
}

function widen(
  reach: { xmin: number; xmax: number; ymin: number; ymax: number },
  x: Float64Array,
  y: Float64Array,
): void {
  for (let i = 0; i < x.length; i++) {
    const px = x[i]!;
    const py = y[i]!;
    if (!Number.isFinite(px) || !Number.isFinite(py)) continue;
    if (px < reach.xmin) reach.xmin = px;
    if (px > reach.xmax) reach.xmax = px;
    if (py < reach.ymin) reach.ymin = py;
    if (py > reach.ymax) reach.ymax = py;
  }
}

/** Target pixel to source pixel. Offsets are subtracted before they are divided, so that whole pixels stay whole. */
function betweenGrids([a, b, c, d, e, f]: Affine, [sa, sb, sc, sd, se, sf]: Affine): Affine {
  const det = sa * se - sb * sd;
  const x = c - sc;
  const y = f - sf;
  return [
    (se * a - sb * d) / det,
    (se * b - sb * e) / det,
    (se * x - sb * y) / det,
    (sa * d - sd * a) / det,
    (sa * e - sd * b) / det,
    (sa * y - sd * x) / det,
  ];
}

function invalid(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `pixel map: ${what}` });
}
