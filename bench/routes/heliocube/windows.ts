import { listTiles } from '../../../src/cube/place-source.js';
import { readWindow } from '../../../src/cube/read-window.js';
import { TileCache } from '../../../src/cube/tile-cache.js';
import { CubeError } from '../../../src/errors.js';
import { createSources } from '../../../src/io/sources.js';
import { openRaster as openRasterAt } from '../../../src/raster/open.js';
import { openRaster, type RasterHandle } from '../../../src/build/raster-handle.js';
import type { JobOf, JobWindow } from '../../protocol.js';
import { bytesOf, type Outcome, type Work } from '../../route.js';

/** Windows that are read at a time. */
const LANES = 16;
/** Decoded tiles that are kept for windows that share them. */
const TILE_CACHE_BYTES = 256 * 1024 ** 2;

/** Windows of local files; opened, read and closed within the clock. */
export function prepareWindows({ files, reads }: JobOf<'windows'>): Work {
  const [first, ...others] = reads;
  if (others.length > 0) return () => readChips(files, reads);
  return () =>
    withRaster(files[first![0]]!, async (raster) => {
      const { data } = await raster.read({ window: first![1] });
      return { result: () => [bytesOf(data)] };
    });
}

/** Many windows through a cache of tiles, as builds and statistics read. */
async function readChips(files: readonly string[], reads: JobOf<'windows'>['reads']): Promise<Outcome> {
  const sources = createSources();
  try {
    const used = files.slice(0, 1 + Math.max(...reads.map(([file]) => file)));
    const rasters = await Promise.all(used.map((file) => openRasterAt(sources, file)));
    const tiles = new TileCache(sources, TILE_CACHE_BYTES);
    const pieces = new Array<Uint8Array>(reads.length);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < reads.length; i = next++) {
        const [file, window] = reads[i]!;
        const level = rasters[file]!.levels[0]!;
        const at = level.shape.map(() => 0);
        const plane = { level, at, tiles: listTiles(level, at, window) };
        const { data, failed } = await readWindow(plane, window, { tiles, signal: undefined });
        if (failed.length > 0) throw new CubeError(failed[0]!.problem);
        pieces[i] = bytesOf(data);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return { result: () => pieces };
  } finally {
    await sources.close();
  }
}

/** One window of uint16 samples, in memory. */
export async function readSamples(file: string, window: JobWindow): Promise<Uint16Array<ArrayBuffer>> {
  return withRaster(file, async (raster) => {
    const { data } = await raster.read({ window });
    if (!(data instanceof Uint16Array)) throw new Error(`${file}: expected uint16`);
    return data;
  });
}

/** Open a raster, use it, and close it whatever happens. */
export async function withRaster<T>(href: string, use: (raster: RasterHandle) => Promise<T>): Promise<T> {
  const raster = await openRaster(href);
  try {
    return await use(raster);
  } finally {
    await raster.close();
  }
}
