import { CubeError } from '../errors.js';
import type { CoverageCells, CoverageRings, CoverageRule, CoverRings } from './coverage-contract.js';
import { flattenRings, MAX_COORDINATE, type CoverablePolygons } from './flatten-rings.js';
import type { PixelWindow } from './kernels.js';
import { nativeFunctions } from './load.js';
import { coverRingsTwin } from './twin/coverage.js';

export type { CoverageCells, CoverageRule } from './coverage-contract.js';

type CoverageFunctions = {
  coverPolygons(
    rings: Float64Array,
    ends: Uint32Array,
    signs: Int8Array,
    window: Float64Array,
    rule: number,
    least: number,
    cells: Uint32Array,
    fractions: Float64Array,
  ): number;
};

/** Rules in the order of the addon's numbers. */
export const RULES: readonly CoverageRule[] = ['exact', 'center', 'all-touched'];
/** Cells of one call; larger windows are done band by band, which changes nothing in any cell. */
const BAND_CELLS = 1 << 20;
const MAX_WIDTH = 1 << 22;
/**
 * The pixels of a window that polygons cover. Rings are x, y pairs in pixels (x right, y down, (0, 0) the grid's corner),
 * closed or not, in any orientation; the first ring of a polygon is its shell, the others are holes.
 * `exact`: covered fraction; the sum over all pixels is the area. `center`: pixels whose centre is inside, whole; a centre
 * on a shared edge belongs to the polygon on its right (below), so that neighbours never claim it twice. `all-touched`:
 * pixels with any covered part, whole.
 * Parts of a pixel that several polygons cover are added up and cut at 1. A pixel's fraction does not depend on the window.
 */
export function coverPolygons(
  polygons: CoverablePolygons,
  window: PixelWindow,
  rule: CoverageRule = 'exact',
  cover: CoverRings = nativeCoverRings() ?? coverRingsTwin,
): CoverageCells {
  const { rings, least } = flattenRings(polygons);
  const part = reachOf(rings.points, window);
  if (part === null) return { cells: new Uint32Array(0), fractions: new Float64Array(0) };
  const bandHeight = Math.max(1, Math.floor(BAND_CELLS / part.width));
  const bands: CoverageCells[] = [];
  for (let row = part.row; row < part.row + part.height; row += bandHeight) {
    const band = { ...part, row, height: Math.min(bandHeight, part.row + part.height - row) };
    bands.push(inWindow(coverBand(rings, band, { rule, least, cover }), band, window));
  }
  return bands.length === 1 ? bands[0]! : join(bands);
}

/** The addon's implementation, or null where there is no addon. */
export function nativeCoverRings(): CoverRings | null {
  const native = nativeFunctions<CoverageFunctions>(['coverPolygons']);
  if (native === null) return null;
  return (rings, { col, row, width, height }, rule, least, { cells, fractions }) => {
    const window = Float64Array.of(col, row, width, height);
    return native.coverPolygons(
      rings.points,
      rings.ends,
      rings.signs,
      window,
      RULES.indexOf(rule),
      least,
      cells,
      fractions,
    );
  };
}

type Cover = { readonly rule: CoverageRule; readonly least: number; readonly cover: CoverRings };

function coverBand(rings: CoverageRings, band: PixelWindow, { rule, least, cover }: Cover): CoverageCells {
  const count = band.width * band.height;
  const room = { cells: new Uint32Array(count), fractions: new Float64Array(count) };
  const written = cover(rings, band, rule, least, room);
  if (written < 0)
    throw new CubeError({ kind: 'invalid-argument', what: `coverage of ${JSON.stringify(band)} failed (${written})` });
  return { cells: room.cells.slice(0, written), fractions: room.fractions.slice(0, written) };
}

/** The part of the window inside the box of the points, or null. */
function reachOf(points: Float64Array, window: PixelWindow): PixelWindow | null {
  const sizes = [window.col, window.row, window.width, window.height];
  if (!sizes.every((v) => Number.isInteger(v) && Math.abs(v) <= MAX_COORDINATE) || window.width > MAX_WIDTH) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: `coverage: the window is no window: ${JSON.stringify(window)}`,
    });
  }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  const col = Math.max(window.col, Math.floor(left));
  const row = Math.max(window.row, Math.floor(top));
  const width = Math.min(window.col + window.width, Math.ceil(right)) - col;
  const height = Math.min(window.row + window.height, Math.ceil(bottom)) - row;
  return width > 0 && height > 0 ? { col, row, width, height } : null;
}

/** Number the cells of a part of the window as cells of the window. */
function inWindow({ cells, fractions }: CoverageCells, part: PixelWindow, window: PixelWindow): CoverageCells {
  if (window.width * window.height > 0xffff_ffff) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: 'coverage: the window has more than 2^32 pixels',
      fix: 'use smaller windows',
    });
  }
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    const row = Math.floor(cell / part.width);
    cells[i] = (row + part.row - window.row) * window.width + (cell - row * part.width) + part.col - window.col;
  }
  return { cells, fractions };
}

function join(bands: readonly CoverageCells[]): CoverageCells {
  const count = bands.reduce((sum, { cells }) => sum + cells.length, 0);
  const joined = { cells: new Uint32Array(count), fractions: new Float64Array(count) };
  let offset = 0;
  for (const { cells, fractions } of bands) {
    joined.cells.set(cells, offset);
    joined.fractions.set(fractions, offset);
    offset += cells.length;
  }
  return joined;
}
