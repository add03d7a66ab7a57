import type { OwnSamples } from '../../../src/build/raster-array.js';
import { openRaster, type RasterHandle } from '../../../src/build/raster-handle.js';
import { newSamples } from '../../../src/grid/dtype.js';
import type { JobOf, JobWindow } from '../../protocol.js';
import { bytesOf, type Work } from '../../route.js';

/** Results of a file go where those of the round before went. */
const memory = new Map<string, OwnSamples>();

/** Windows of local files, by file; opened, read and closed within the clock. */
export function prepareWindows({ files, reads }: JobOf<'windows'>): Work {
  return async () => {
    const pieces: Uint8Array[] = [];
    for (const file of new Set(reads.map(([number]) => number))) {
      const windows = reads.flatMap(([number, window]) => (number === file ? [window] : []));
      await withRaster(files[file]!, async (raster) => {
        const into = memoryFor(files[file]!, raster, windows);
        for (const { data } of await raster.readWindows(windows, { into })) pieces.push(bytesOf(data));
      });
    }
    return { result: () => pieces };
  };
}

function memoryFor(path: string, { info }: RasterHandle, windows: readonly JobWindow[]): OwnSamples {
  const length = windows.reduce((sum, { width, height }) => sum + width * height, 0);
  const known = memory.get(path);
  if (known?.length === length) return known;
  const fresh = newSamples(info.levels[0]!.dtype, length) as OwnSamples;
  memory.set(path, fresh);
  return fresh;
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
