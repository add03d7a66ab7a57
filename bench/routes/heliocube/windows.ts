import { openRaster, type RasterHandle } from '../../../src/build/raster-handle.js';
import type { JobOf, JobWindow } from '../../protocol.js';
import { bytesOf, type Work } from '../../route.js';

/** Windows that are read at a time. */
const LANES = 16;

/** Windows of local files through `openRaster().read`: opened, read and closed within the clock. */
export function prepareWindows({ files, reads }: JobOf<'windows'>): Work {
  return async () => {
    const handles = await Promise.all(
      files.slice(0, 1 + Math.max(...reads.map(([file]) => file))).map((file) => openRaster(file)),
    );
    const pieces = new Array<Uint8Array>(reads.length);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < reads.length; i = next++) {
        const [file, window] = reads[i]!;
        pieces[i] = bytesOf((await handles[file]!.read({ window })).data);
      }
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
    } finally {
      await Promise.all(handles.map((handle) => handle.close()));
    }
    return { result: () => pieces };
  };
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
