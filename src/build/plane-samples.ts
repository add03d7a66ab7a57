import { listTiles } from '../cube/place-source.js';
import { readWindow } from '../cube/read-window.js';
import type { TileCache } from '../cube/tile-cache.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';
import { cStrides } from '../grid/flat-index.js';
import { storedChunkShape, type RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';

/** Decoded tiles, and what aborts waiting for them. */
export type TileReading = { readonly tiles: TileCache; readonly signal: AbortSignal | undefined };

/** Samples of one plane, row-major with `stride` from row to row; sample `offset` is that of pixel (col, row). */
export type PlaneSamples = {
  readonly data: Samples;
  readonly stride: number;
  readonly offset: number;
  readonly col: number;
  readonly row: number;
};

/** Samples of a window of a plane, in memory of their own. A tile that cannot be read is its problem. */
export async function windowSamples(
  level: RasterLevel,
  at: readonly number[],
  window: Window,
  reading: TileReading,
): Promise<PlaneSamples> {
  const { data, failed } = await readWindow({ level, at, tiles: listTiles(level, at, window) }, window, reading);
  if (failed.length > 0) throw new CubeError(failed[0]!.problem);
  return { data, stride: window.width, offset: 0, col: window.col, row: window.row };
}

/**
 * Give the tile at (tileRow, tileCol) of a plane to `use` as it was decoded, or null where it is missing or its pixels are
 * not neighbours in memory. The samples must not be changed, nor kept after `use` returns.
 */
export async function useTile(
  level: RasterLevel,
  at: readonly number[],
  { tileRow, tileCol }: { readonly tileRow: number; readonly tileCol: number },
  { tiles, signal }: TileReading,
  use: (tile: PlaneSamples | null) => void,
): Promise<void> {
  const { x, y } = level.axes!;
  if (level.chunkShape.some((size, d) => d > x && size !== 1)) return use(null);
  const [col, row] = [tileCol * level.chunkShape[x]!, tileRow * level.chunkShape[y]!];
  const [tile] = listTiles(level, at, { col, row, width: 1, height: 1 });
  const strides = cStrides(storedChunkShape(level, tile!.index));
  const offset = at.reduce(
    (sum, i, d) => (d === x || d === y ? sum : sum + (i % level.chunkShape[d]!) * strides[d]!),
    0,
  );
  await tiles.use(level, tile!, signal, (data) =>
    use(data === null ? null : { data, stride: strides[y]!, offset, col, row }),
  );
}

/** Nodata values as samples of this type hold them. */
export function nodataIn(data: Samples, nodata: readonly number[]): readonly number[] {
  return data instanceof Float32Array ? nodata.map(Math.fround) : nodata;
}

/** One a pixel of the window, 0 where the raster's mask says that it has no data; null without a mask. */
export async function windowMask({ masks }: Raster, window: Window, reading: TileReading): Promise<Uint8Array | null> {
  const mask = masks[0] ?? null;
  if (mask === null) return null;
  const { data } = await windowSamples(
    mask,
    mask.shape.map(() => 0),
    window,
    reading,
  );
  return data instanceof Uint8Array
    ? data
    : Uint8Array.from({ length: data.length }, (_, i) => (Number(data[i]) === 0 ? 0 : 1));
}
