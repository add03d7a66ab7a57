import type { Affine, PixelPoint, Size, Window } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import type { DataType } from '../grid/dtype.js';
import type { Resampling } from '../native/kernels.js';
import type { ChunkRef } from '../raster/chunk-ref.js';
import type { StoredLevel } from '../raster/level.js';
import type { Problem } from '../errors.js';
import type { PolygonRings } from '../vector/label.js';
import type { Nodata } from './nodata.js';
import type { TileChain } from './tile-chain.js';

/** One band of the cube, or the mask band where it is not one of them. */
export type BandPlan = {
  readonly name: string;
  /** False for a mask band that is read and not written. */
  readonly written: boolean;
  /** Sample type of the written array. */
  readonly dtype: DataType;
  /** Written where the reason is not 0, or null where no value is known (then a pixel without data is an error). */
  readonly fill: number | null;
  readonly resampling: Resampling;
  /** Classes or bits: never interpolated, from the first usable candidate in composites, left out of statistics. */
  readonly classes: boolean;
  /** Digital numbers become physical values (sample × scale + offset) after masking. */
  readonly scaled: boolean;
};

/** A level without its references: what is needed to decode and place tiles whose references are at hand. */
export type LevelHeader = StoredLevel;

/** A tile to read: its place in the tile grid and its bytes. */
export type TileRead = { readonly index: readonly number[]; readonly ref: ChunkRef };

/** How source pixels become target pixels. */
export type Placement =
  /** Same lattice: target pixel (c, r) of the grid is source pixel (col + step·c, row + step·r), copied byte for byte. */
  | { readonly kind: 'paste'; readonly col: number; readonly row: number; readonly step: number }
  /** `scale` is the size of a target pixel in source pixels, where kernels widen ({1, 1}: plain kernels). */
  | { readonly kind: 'warp'; readonly kernel: Resampling; readonly scale: { readonly x: number; readonly y: number } };

/** One plane of one source to read for one task: which tiles, and where they go. */
export type PlaneRead = {
  /** Index into the plan's bands. */
  readonly band: number;
  readonly level: LevelHeader;
  /** Index in every dimension but x and y. */
  readonly at: readonly number[];
  /** Validity mask of the file, on the same lattice as `level`, or null. */
  readonly maskLevel: LevelHeader | null;
  /** Pixels of the source that are needed, inside the raster; null where the raster misses the target. */
  readonly window: Window | null;
  readonly tiles: readonly TileRead[];
  readonly maskTiles: readonly TileRead[];
  readonly nodata: readonly Nodata[];
  readonly scale: number;
  readonly offset: number;
  readonly placement: Placement;
  /** Target pixels to make: the chunk, or the chunk and a rim where a mask is dilated. May reach over the grid's edge. */
  readonly target: Window;
};

/** One candidate (an item, or one time step of a Zarr asset) of a task. */
export type CandidateRead = {
  readonly itemId: string;
  /** In the order of the plan's bands. Empty where the candidate could not be opened. */
  readonly planes: readonly PlaneRead[];
  /** Set where a header could not be read and the build goes on: the candidate counts as failed in `failedWindow`. */
  readonly broken: {
    readonly band: string;
    readonly problem: Problem;
    readonly attempts: number;
    readonly window: Window | null;
  } | null;
};

/** A label on the grid, in pixel coordinates of the whole grid. */
export type TaskLabel = {
  readonly labelId: number;
  readonly polygons: readonly PolygonRings[];
  /** Of a label of points, the pixels of the grid that hold them: they cover nothing, a buffer goes around them. */
  readonly pixels: readonly PixelPoint[];
  /** True where the label lies in this chunk alone, so that its statistics are final. */
  readonly whole: boolean;
};

type TaskBase = {
  /** "t/y/x", or "labels/y/x": unique in the plan, and the name of its record in the journal. */
  readonly key: string;
  /** Hash of everything that decides the output of this task. */
  readonly hash: string;
  readonly yIndex: number;
  readonly xIndex: number;
  /** Pixels of the grid. */
  readonly window: Window;
  readonly labels: readonly TaskLabel[];
};

/** All that one worker does for one stored chunk (or shard) of the cube: one time step with every band. */
export type PixelTask = TaskBase & {
  readonly kind: 'pixels';
  readonly timeIndex: number;
  /** In fusing order. */
  readonly candidates: readonly CandidateRead[];
};

/** `coverage` and `label` of one chunk; they have no time. */
export type LabelTask = TaskBase & { readonly kind: 'labels' };

/** What one worker does at a time; plain data. */
export type ChunkTask = PixelTask | LabelTask;

/** What every task of a plan shares; posted to a worker once. */
export type PlanContext = {
  readonly grid: { readonly crs: Crs; readonly transform: Affine };
  readonly bands: readonly BandPlan[];
  readonly mask: MaskPlan | null;
  readonly mosaic: 'first' | 'last' | 'min' | 'max' | 'mean' | 'median' | 'count';
  readonly clip: { readonly mode: 'chunks' | 'pixels' | 'none'; readonly bufferPx: PixelRadius };
  readonly allowIncomplete: boolean;
  /** Where chunks may be references to tiles; left out where they must not. */
  readonly tileChains?: TileChains;
};

/** How the arrays of a cube are stored whose chunks may be references to tiles. */
export type TileChains = {
  /** Shape of every chunk, of those at the grid's edges too. */
  readonly chunk: Size;
  /** Whether files of this machine may be referred to: only a cube that lies on it too is read there. */
  readonly local: boolean;
  /** One a band; null where no chunk is a reference and all are stored as those of other arrays. */
  readonly bands: readonly (TileChain | null)[];
};

/** A distance in pixels along each axis (they differ on lon/lat grids). */
export type PixelRadius = { readonly x: number; readonly y: number };

/** Which values of which band mask a pixel. */
export type MaskPlan = {
  /** Index into the plan's bands. */
  readonly band: number;
  readonly rule:
    | { readonly kind: 'values'; readonly values: readonly number[] }
    | { readonly kind: 'range'; readonly from: number; readonly to: number }
    | { readonly kind: 'bits'; readonly bits: readonly number[] };
  readonly invert: boolean;
  /** Radius of the dilation, {0, 0} for none. */
  readonly dilatePx: PixelRadius;
};
