import { bytesOf } from '../native/sample-bytes.js';
import { holdsValue } from '../native/search.js';
import type { Samples } from '../grid/dtype.js';
import { alignedTile, type AlignedTile } from './aligned-tile.js';
import type { Arena } from './arena.js';
import type { Fused } from './fuser.js';
import { inFusingOrder, isComposite } from './mosaic.js';
import { readWindow } from './read-window.js';
import { REASON } from './reason.js';
import type { StorageReason } from './storage.js';
import type { PixelTask, PlanContext } from './task.js';
import { chainKey, type TileChain } from './tile-chain.js';
import type { TileCache } from './tile-cache.js';

/** What reading tiles again takes. */
export type StorageReader = {
  readonly tiles: TileCache;
  readonly arena: Arena;
  readonly signal: AbortSignal | undefined;
};

/**
 * The tile that a finished chunk of a band equals, bit by bit, or why there is none. Where all pixels are valid and the only
 * item's, the plan tells; else the tile is read again and compared.
 */
export async function chooseStorage(
  task: PixelTask,
  band: number,
  chunk: Pick<Fused, 'bands' | 'reason'>,
  context: PlanContext,
  reader: StorageReader,
): Promise<AlignedTile | StorageReason> {
  const tiles = alignedTiles(task, band, context);
  if (typeof tiles === 'string') return tiles;
  const changed = changedPixels(chunk.reason, context.mask?.band === band);
  if (changed !== null) return changed;
  const single = task.candidates.length === 1;
  if (single && isAllValid(chunk.reason)) return tiles[0]!;
  for (const tile of tiles) if (await equalsTile(chunk.bands[band]!, tile, reader)) return tile;
  return single ? 'nodata' : 'mosaic';
}

/** Tiles of the candidates that have the array's codecs, in fusing order; at least one, or why there is none. */
function alignedTiles(
  task: PixelTask,
  band: number,
  { bands, mosaic, tileChains }: PlanContext,
): readonly AlignedTile[] | StorageReason {
  if (isComposite(mosaic)) return 'composite';
  const { chunk, local } = tileChains!;
  const form = { band: bands[band]!, chunk, local };
  const chain = tileChains!.bands[band] ?? null;
  const found = inFusingOrder(task, mosaic).map(({ planes, broken }): AlignedTile | StorageReason => {
    const plane = planes[band];
    if (broken !== null || plane === undefined) return 'failed';
    return withChain(alignedTile(task, plane, form), chain);
  });
  const tiles = found.filter((tile) => typeof tile !== 'string');
  if (tiles.length > 0) return tiles;
  const [first] = found as StorageReason[];
  return first === 'raster edge' && found.length > 1 ? 'mosaic' : (first ?? 'no item');
}

function withChain(tile: AlignedTile | StorageReason, chain: TileChain | null): AlignedTile | StorageReason {
  if (typeof tile === 'string') return tile;
  if (chain === null) return 'no encoder';
  return chainKey(tile.chain) === chainKey(chain) ? tile : 'other codec';
}

/** What replaced pixels by the fill value, where something other than missing data did; the mask's own band keeps its pixels. */
function changedPixels(reason: Uint8Array, isMask: boolean): StorageReason | null {
  if (holdsValue(reason, REASON.failed)) return 'failed';
  if (holdsValue(reason, REASON.notRequested)) return 'clip';
  return !isMask && holdsValue(reason, REASON.masked) ? 'masked' : null;
}

function isAllValid(reason: Uint8Array): boolean {
  return ![REASON.outside, REASON.nodata, REASON.masked].some((code) => holdsValue(reason, code));
}

async function equalsTile(samples: Samples, tile: AlignedTile, reader: StorageReader): Promise<boolean> {
  const { level, at } = tile.plane;
  const mark = reader.arena.mark();
  try {
    const { data, failed } = await readWindow({ level, at, tiles: [tile.tile] }, tile.window, reader);
    return failed.length === 0 && Buffer.compare(bytesOf(data), bytesOf(samples)) === 0;
  } finally {
    reader.arena.release(mark);
  }
}
