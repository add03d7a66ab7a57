import { openRaster } from '../../../src/build/raster-handle.js';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Work } from '../../route.js';
import { withRaster } from './windows.js';

/** Results go where those of the round before went. */
let memory = new Uint16Array(0);

/** Every sample of some rasters, file by file or as one array of references to them; opened, read and closed within the clock. */
export function prepareStack(job: JobOf<'stack'>): Work {
  const pixels = job.side ** 2;
  if (memory.length !== job.files.length * pixels) memory = new Uint16Array(job.files.length * pixels);
  const into = memory;
  return async () => {
    if (job.from === 'files') {
      for (const [i, file] of job.files.entries())
        await withRaster(file, (raster) => raster.read({ into: into.subarray(i * pixels, (i + 1) * pixels) }));
    } else {
      const raster = await openRaster(job[job.from], { variable: job.variable });
      await raster.read({ into });
      await raster.close();
    }
    return { result: () => [bytesOf(into)] };
  };
}
