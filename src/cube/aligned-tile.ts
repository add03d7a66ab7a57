import { redactUrl } from '../errors.js';
import { isLocal } from '../io/location.js';
import type { Size, Window } from '../grid/affine.js';
import { storedBytes } from '../grid/dtype.js';
import type { RangeRef } from '../raster/chunk-ref.js';
import { storedChunkShape } from '../raster/level.js';
import { expressCodecs } from '../raster/refs/express-codecs.js';
import { levelSize } from './read-window.js';
import type { StorageReason } from './storage.js';
import type { BandPlan, LevelHeader, PixelTask, PlaneRead, TileChains, TileRead } from './task.js';
import type { TileChain } from './tile-chain.js';

/** A tile of a source that lies under a chunk pixel by pixel. */
export type AlignedTile = {
  readonly plane: PlaneRead;
  readonly tile: TileRead;
  readonly ref: RangeRef;
  /** The chunk's pixels in the source. */
  readonly window: Window;
  readonly chain: TileChain;
};

/** What chunks of a cube are compared with. */
export type ChunkForm = Pick<TileChains, 'chunk' | 'local'> & { readonly band: BandPlan };

/** Schemes that Icechunk reads virtual chunks from. */
const PLACES = /^(file|https?|s3):\/\//;
/** Dimensions of the cube's arrays before (y, x): time. */
const LEAD = 1;

/**
 * The tile whose samples a plane puts into a chunk unchanged, as far as the plan tells: same lattice, type and shape, a whole
 * tile in a range that can be referred to, codecs with names in Zarr. Else why there is none. Pure.
 */
export function alignedTile(
  { window: target }: Pick<PixelTask, 'window'>,
  plane: PlaneRead,
  form: ChunkForm,
): AlignedTile | StorageReason {
  const { level, placement } = plane;
  if (form.band.scaled) return 'scaled';
  if (plane.window === null) return 'no item';
  if (placement.kind === 'warp' || placement.step !== 1) return 'resampled';
  if (level.dtype !== form.band.dtype) return 'other dtype';
  if (!isChunk(level, form.chunk)) return 'other chunk shape';
  const window = { ...target, col: placement.col + target.col, row: placement.row + target.row };
  const place = { x: window.col / form.chunk.width, y: window.row / form.chunk.height };
  if (!Number.isInteger(place.x) || !Number.isInteger(place.y)) return 'not on tile';
  if (!isWithin(window, levelSize(level))) return 'raster edge';
  const { x, y } = level.axes!;
  const tile = plane.tiles.find(({ index }) => index[x] === place.x && index[y] === place.y);
  if (tile === undefined || tile.ref.kind === 'missing' || isCut(level, tile)) return 'no whole tile';
  const ref = storedRange(level, tile);
  if (typeof ref === 'string') return ref;
  if (!form.local && isLocal(ref.url)) return 'no stored place';
  const chain = chainOf(level, form.chunk);
  return chain === null ? 'unnamed codec' : { plane, tile, ref, window, chain };
}

/** Whether tiles have the shape of the cube's chunks, with samples of one plane only. */
function isChunk({ axes, chunkShape }: LevelHeader, { width, height }: Size): boolean {
  const { x, y } = axes!;
  return chunkShape.every((size, d) => size === (d === x ? width : d === y ? height : 1)) && x === y + 1;
}

function isWithin({ col, row, width, height }: Window, size: Size): boolean {
  return col >= 0 && row >= 0 && col + width <= size.width && row + height <= size.height;
}

function isCut(level: LevelHeader, { index }: TileRead): boolean {
  return storedChunkShape(level, index).some((size, d) => size !== level.chunkShape[d]);
}

function storedRange({ codecs, dtype, chunkShape }: LevelHeader, { ref }: TileRead): RangeRef | StorageReason {
  if ('url' in ref && redactUrl(ref.url) !== ref.url) return 'query in URL';
  if (ref.kind !== 'range' || !PLACES.test(ref.url)) return 'no stored place';
  // Bytes behind the last sample, which TIFF readers leave out and others do not.
  const plain = codecs.length <= 2 && codecs[0]?.name === 'bytes';
  const whole = chunkShape.reduce((product, size) => product * size, storedBytes(dtype));
  return plain && ref.length !== whole ? 'no whole tile' : ref;
}

function chainOf({ dtype, codecs }: LevelHeader, { width, height }: Size): TileChain | null {
  const expression = expressCodecs({ dtype, codecs, rows: height, columns: width, bands: 1, lead: LEAD });
  return 'refused' in expression ? null : { codecs, v3: expression.codecs.v3 as TileChain['v3'] };
}
