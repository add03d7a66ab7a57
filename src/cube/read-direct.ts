import type { Window } from '../grid/affine.js';
import { CubeError } from '../errors.js';
import type { Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { planTiles } from '../raster/plan-tiles.js';
import { readTilesAt } from '../raster/read-tiles.js';
import type { LevelHeader, TileRead } from './task.js';

/** Windows that are read once: their tiles go straight into place, decoded in threads, and none is kept. */
export type DirectTiles = { readonly sources: SourceFactory; readonly threads: number };

/**
 * Read a window of one plane into `data`, row-major, of the level's type. Each tile is decoded as far as the window needs
 * it. The first tile that fails fails the read.
 */
export async function readDirect(
  plane: { readonly level: LevelHeader; readonly at: readonly number[]; readonly tiles: readonly TileRead[] },
  window: Window,
  data: Samples,
  { sources, threads, signal }: DirectTiles & { readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { level, at } = plane;
  const refs = new Map(plane.tiles.map(({ index, ref }) => [index.join(), ref]));
  const refOf = (index: readonly number[]) => {
    const ref = refs.get(index.join());
    if (ref !== undefined) return ref;
    throw new CubeError({ kind: 'invalid-argument', what: `${level.url}: the plan lacks tile ${index.join()}` });
  };
  const wanted = { level, tiles: planTiles(level, [{ at, window }]), destinations: [data], refOf };
  await readTilesAt(wanted, sources, { threads, ...(signal === undefined ? {} : { signal }) });
}
