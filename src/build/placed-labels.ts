import { LRUCache } from 'lru-cache';
import { levelSize } from '../cube/read-window.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { createTransform } from '../grid/transform.js';
import type { CoverageRule } from '../native/coverage.js';
import { coverLabels, MAX_LABEL_CELLS, type LabelCoverage } from '../native/label-coverage.js';
import type { RasterLevel } from '../raster/level.js';
import { placeLabel } from '../vector/clip-window.js';
import type { Label, PolygonRings } from '../vector/label.js';

/** A label that touches a grid; `index` is its place in the list of all labels. */
export type LabelOnGrid = {
  readonly index: number;
  readonly polygons: readonly PolygonRings[];
  readonly window: Window;
};

/** Labels whose windows begin in the same tile. Their coverage is computed together. */
export type LabelGroup = {
  readonly tileRow: number;
  readonly tileCol: number;
  readonly labels: readonly LabelOnGrid[];
};

/**
 * Labels on one grid with one tiling, in the order of the tiles that they begin in. Rasters of the same grid share them
 * and their coverage, which is kept as far as `keptBytes` allow and else computed again.
 */
export class PlacedLabels {
  readonly groups: readonly LabelGroup[];
  /** Labels of more than `MAX_LABEL_CELLS` pixels, which are measured strip by strip. */
  readonly large: readonly LabelOnGrid[];
  /** Labels that touch the grid. */
  readonly count: number;
  readonly #rule: CoverageRule;
  readonly #coverage: LRUCache<LabelGroup, LabelCoverage>;

  constructor(labels: readonly Label[], level: RasterLevel, rule: CoverageRule, keptBytes: number) {
    const placed = placeAll(labels, level);
    this.count = placed.length;
    this.large = placed.filter(isLarge);
    this.groups = groupByTile(
      placed.filter((label) => !isLarge(label)),
      level,
    );
    this.#rule = rule;
    this.#coverage = new LRUCache({ maxSize: Math.max(1, Math.floor(keptBytes)) });
  }

  /** Coverage of a group's labels, in their order. */
  coverage(group: LabelGroup): LabelCoverage {
    let coverage = this.#coverage.get(group);
    if (coverage === undefined) {
      coverage = coverLabels(group.labels, this.#rule);
      const { cells, fractions, runs, ends, covered } = coverage;
      const size = [cells, fractions, runs, ends, covered].reduce((sum, { byteLength }) => sum + byteLength, 1);
      if (size <= this.#coverage.maxSize) this.#coverage.set(group, coverage, { size });
    }
    return coverage;
  }
}

function isLarge({ window: { width, height } }: LabelOnGrid): boolean {
  return width * height > MAX_LABEL_CELLS;
}

/** The labels that touch the level's grid. */
function placeAll(labels: readonly Label[], level: RasterLevel): LabelOnGrid[] {
  const { axes, crs, transform } = level;
  if (axes === null || crs === null || transform === null) {
    const what = 'it has no CRS or no transform, so labels cannot be placed on it';
    throw new CubeError({ kind: 'invalid-data', url: level.url, what });
  }
  const grid: GridSpec = { crs, transform, size: levelSize(level), chunk: { width: 1, height: 1 } };
  const toRaster = createTransform({ kind: 'epsg', code: 4326 }, crs);
  return labels.flatMap((label, index) => {
    const { polygons, window } = placeLabel(label, grid, toRaster);
    return window === null ? [] : [{ index, polygons, window }];
  });
}

function groupByTile(labels: readonly LabelOnGrid[], { axes, chunkShape, shape }: RasterLevel): LabelGroup[] {
  const [width, height] = [chunkShape[axes!.x]!, chunkShape[axes!.y]!];
  const across = Math.ceil(shape[axes!.x]! / width);
  const byTile = new Map<number, LabelOnGrid[]>();
  for (const label of labels) {
    const tile = Math.floor(label.window.row / height) * across + Math.floor(label.window.col / width);
    const list = byTile.get(tile);
    if (list === undefined) byTile.set(tile, [label]);
    else list.push(label);
  }
  const tiles = [...byTile.keys()].sort((a, b) => a - b);
  return tiles.map((tile) => ({
    tileRow: Math.floor(tile / across),
    tileCol: tile % across,
    labels: byTile.get(tile)!,
  }));
}
