import { openRaster } from '../../../src/build/raster-handle.js';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Place, type Work } from '../../route.js';

/** One window of each URL, all at once; `opened`: with headers that are read before. */
export async function prepareRemote({ urls, windows, opened }: JobOf<'remote'>, { round }: Place): Promise<Work> {
  const open = () => Promise.all(urls.map((url) => openRaster(url.replace('{round}', String(round)))));
  const before = opened ? await open() : null;
  return async () => {
    const rasters = before ?? (await open());
    const arrays = await Promise.all(rasters.map((raster, i) => raster.read({ window: windows[i]! })));
    await Promise.all(rasters.map((raster) => raster.close()));
    return { result: () => arrays.map(({ data }) => bytesOf(data)) };
  };
}
