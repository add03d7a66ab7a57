import { CubeError } from '../errors.js';
import { pasteOffset } from '../grid/align.js';
import { intersectWindows, type Bounds, type Window } from '../grid/affine.js';
import { sameCrs } from '../grid/crs-definition.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { mapSourceWindow } from '../grid/pixel-map.js';
import { createTransform } from '../grid/transform.js';
import { kernelRadius } from '../native/warp.js';
import { chunkRef, type RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';
import type { BandSource } from './candidate.js';
import { canonicalHash } from './canonical-hash.js';
import { chooseLevel, pixelScale } from './choose-level.js';
import type { MapCache } from './map-cache.js';
import { levelSize } from './read-window.js';
import type { BandPlan, LevelHeader, Placement, PlaneRead, TileRead } from './task.js';
import { extentOnGrid, sourceTurns, turnedLevel } from './turns.js';

/** How one source lies on the grid: which of its levels is read and how its pixels are placed. */
export type PlacedSource = {
  readonly level: RasterLevel;
  readonly maskLevel: RasterLevel | null;
  readonly placement: Placement;
  /** Grid pixels that the raster may touch, with a margin; null where it lies elsewhere. */
  readonly extent: Window | null;
};

/** Places sources on one grid; sources of the same geometry and kernel share the work. */
export class SourcePlacer {
  readonly #grid: GridSpec;
  readonly #antialias: boolean;
  readonly #maps: MapCache;
  readonly #placed = new Map<string, PlacedGeometry>();
  readonly #moved = new WeakMap<Raster, Map<number, Raster>>();
  readonly #headers = new WeakMap<RasterLevel, LevelHeader>();

  constructor(grid: GridSpec, antialias: boolean, maps: MapCache) {
    this.#grid = grid;
    this.#antialias = antialias;
    this.#maps = maps;
  }

  /** Whole turns of longitude by which the source must be moved so that it meets the grid. */
  turns({ raster }: BandSource): readonly number[] {
    const full = raster.levels[0]!;
    return sourceTurns(georeference(full).crs, levelBounds(full), this.#grid);
  }

  /** Place a source, moved by whole turns of longitude where its system has them. */
  place(source: BandSource, band: BandPlan, turns: number): PlacedSource {
    const raster = this.#turned(source.raster, turns);
    const full = raster.levels[0]!;
    const sizes = raster.levels.map((level) => [level.shape, level.transform]);
    const masked = raster.masks.map((mask) => mask !== null);
    const key = canonicalHash([full.crs, sizes, masked, band.resampling, band.classes]);
    let placed = this.#placed.get(key);
    if (placed === undefined) {
      placed = this.#compute(raster, band);
      this.#placed.set(key, placed);
    }
    const { levelIndex, placement, extent } = placed;
    return { level: raster.levels[levelIndex]!, maskLevel: raster.masks[levelIndex] ?? null, placement, extent };
  }

  /** What to read of a placed source for a target window (null: nothing of it lies there). */
  read(source: BandSource, placed: PlacedSource, band: { plan: BandPlan; index: number }, target: Window): PlaneRead {
    const { level, maskLevel, placement } = placed;
    const window = placed.extent === null ? null : this.#sourceWindow(placed, target);
    return {
      band: band.index,
      level: this.#header(level),
      at: source.at,
      maskLevel: maskLevel === null ? null : this.#header(maskLevel),
      window,
      tiles: window === null ? [] : listTiles(level, source.at, window),
      maskTiles:
        window === null || maskLevel === null
          ? []
          : listTiles(
              maskLevel,
              maskLevel.shape.map(() => 0),
              window,
            ),
      nodata: source.nodata,
      scale: source.scale,
      offset: source.offset,
      placement,
      target,
    };
  }

  /** One object a raster and turn, so that headers of its levels stay the same. */
  #turned(raster: Raster, turns: number): Raster {
    if (turns === 0) return raster;
    const known = this.#moved.get(raster) ?? new Map<number, Raster>();
    this.#moved.set(raster, known);
    let moved = known.get(turns);
    if (moved === undefined) {
      moved = { ...raster, levels: raster.levels.map((level) => turnedLevel(level, turns)) };
      known.set(turns, moved);
    }
    return moved;
  }

  /** One header object a level, so that caches keyed by it work. */
  #header(level: RasterLevel): LevelHeader {
    let header = this.#headers.get(level);
    if (header === undefined) {
      const { refs: _, ...rest } = level;
      header = rest;
      this.#headers.set(level, header);
    }
    return header;
  }

  #compute(raster: Raster, band: BandPlan): PlacedGeometry {
    const full = raster.levels[0]!;
    const geometry = georeference(full);
    const size = levelSize(full);
    const extent = this.#extent(full, geometry);
    if (extent === null) return { levelIndex: 0, placement: { kind: 'paste', col: 0, row: 0, step: 1 }, extent };
    const toSource = createTransform(this.#grid.crs, geometry.crs);
    const toGrid = createTransform(geometry.crs, this.#grid.crs);
    const scale = pixelScale(this.#grid, geometry.transform, size, { toSource, toGrid });
    if (scale === null) return { levelIndex: 0, placement: { kind: 'paste', col: 0, row: 0, step: 1 }, extent: null };
    const levelIndex = chooseLevel(raster, scale, band.classes);
    const level = raster.levels[levelIndex]!;
    return { levelIndex, placement: this.#placement(full, level, scale, band), extent };
  }

  #placement(full: RasterLevel, level: RasterLevel, scale: { x: number; y: number }, band: BandPlan): Placement {
    const nearest = band.resampling === 'nearest';
    const same = sameCrs(this.#grid.crs, level.crs!);
    const paste = same ? pasteOffset(this.#grid.transform, level.transform!, nearest, this.#grid.size) : null;
    if (paste !== null && (paste.scale === 1 || nearest)) {
      return { kind: 'paste', col: paste.col, row: paste.row, step: paste.scale };
    }
    const shrink = {
      x: levelSize(full).width / levelSize(level).width,
      y: levelSize(full).height / levelSize(level).height,
    };
    const kernelScale = this.#antialias ? { x: scale.x / shrink.x, y: scale.y / shrink.y } : { x: 1, y: 1 };
    return { kind: 'warp', kernel: band.resampling, scale: kernelScale };
  }

  #extent(level: RasterLevel, geometry: Georeference): Window | null {
    return extentOnGrid(this.#grid, levelBounds(level), geometry.crs, 2);
  }

  #sourceWindow({ level, placement }: PlacedSource, target: Window): Window | null {
    const size = levelSize(level);
    const whole = { col: 0, row: 0, ...size };
    if (placement.kind === 'warp') {
      return mapSourceWindow(this.#maps.get(level, target), kernelRadius(placement.kernel, placement.scale), size);
    }
    const { col, row, step } = placement;
    const from = { col: col + step * target.col, row: row + step * target.row };
    return intersectWindows(
      { ...from, width: step * (target.width - 1) + 1, height: step * (target.height - 1) + 1 },
      whole,
    );
  }
}

type PlacedGeometry = { readonly levelIndex: number; readonly placement: Placement; readonly extent: Window | null };
type Georeference = {
  readonly crs: NonNullable<RasterLevel['crs']>;
  readonly transform: NonNullable<RasterLevel['transform']>;
};

/** A raster without CRS or transform opens, but cannot be placed. */
function georeference(level: RasterLevel): Georeference {
  const { crs, transform } = level;
  if (crs !== null && transform !== null) return { crs, transform };
  const missing = crs === null ? 'no CRS' : 'no transform';
  throw new CubeError({
    kind: 'invalid-data',
    url: level.url,
    what: `the file has ${missing}, so it cannot be placed on a grid`,
  });
}

/** Bounding box of a level in its own CRS. */
export function levelBounds(level: Pick<RasterLevel, 'shape' | 'axes' | 'crs' | 'transform'>): Bounds {
  const { width, height } = levelSize(level);
  const t = level.transform!;
  const xs = [0, width].flatMap((col) => [0, height].map((row) => t[0] * col + t[1] * row + t[2]));
  const ys = [0, width].flatMap((col) => [0, height].map((row) => t[3] * col + t[4] * row + t[5]));
  return { xmin: Math.min(...xs), ymin: Math.min(...ys), xmax: Math.max(...xs), ymax: Math.max(...ys) };
}

/** The tiles of one plane that a window touches, row by row, with their references. */
export function listTiles(level: RasterLevel, at: readonly number[], window: Window): TileRead[] {
  const { x, y } = level.axes!;
  const [width, height] = [level.chunkShape[x]!, level.chunkShape[y]!];
  const tiles: TileRead[] = [];
  for (let row = Math.floor(window.row / height); row * height < window.row + window.height; row++) {
    for (let col = Math.floor(window.col / width); col * width < window.col + window.width; col++) {
      const index = at.map((value, d) => (d === x ? col : d === y ? row : Math.floor(value / level.chunkShape[d]!)));
      tiles.push({ index, ref: chunkRef(level, index) });
    }
  }
  return tiles;
}
