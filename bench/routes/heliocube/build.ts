import { join } from 'node:path';
import { buildCube } from '../../../src/build/build-cube.js';
import { openRaster } from '../../../src/build/raster-handle.js';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Place, type Result, type Work } from '../../route.js';

/** A whole build in this process; its worker threads start within the clock. */
export function prepareBuild(job: JobOf<'build'>, { scratch }: Place): Work {
  return async () => {
    const { cube } = await buildCube({ spec: buildSpec(job), out: scratch, workers: job.threads });
    return { result: cubeSamples(cube, job) };
  };
}

/** The specification of a build job, as `cube build` takes it. */
export function buildSpec(job: JobOf<'build'>): object {
  const { transform: t, width, height, epsg } = job.grid;
  return {
    name: 'bench',
    source: { stac: job.items },
    bands: job.bands,
    grid: {
      crs: `EPSG:${epsg}`,
      resolution: t[0],
      extent: [t[2], t[5] + t[4] * height, t[2] + t[0] * width, t[5]],
      chunk: job.chunk,
    },
    resampling: { '*': job.kernel },
    antialias: false,
    clip: { mode: 'none' },
    output: { lake: 'none', ...(job.codec === 'default' ? {} : { codec: { name: 'zstd', level: 3 } }) },
  };
}

/** Bands one after the other, each by time. */
export function cubeSamples(cube: string, { bands, times }: JobOf<'build'>): Result {
  return async function* () {
    for (const variable of bands) {
      const raster = await openRaster(join(cube, '/'), { variable });
      try {
        for (let time = 0; time < times; time++) yield bytesOf((await raster.read({ bands: [time] })).data);
      } finally {
        await raster.close();
      }
    }
  };
}
