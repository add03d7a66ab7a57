import { availableParallelism } from 'node:os';
import { buildPixelMap } from '../../../src/grid/pixel-map.js';
import { createTransform } from '../../../src/grid/transform.js';
import { warpPlane } from '../../../src/native/warp.js';
import { EPSG, ORIGIN, PIXEL } from '../../data/sizes.js';
import type { JobOf, JobWindow } from '../../protocol.js';
import { bytesOf, type Outcome, type Work } from '../../route.js';
import { readSamples, withRaster } from './windows.js';

/** Where results go, all rounds. */
let memory = { data: new Uint16Array(0), state: new Uint8Array(0) };

/** A warp from memory, coordinate map included, or from a file as builds do it. */
export async function prepareWarp(job: JobOf<'warp'>): Promise<Work> {
  if (job.source === null) return () => warpFile(job);
  const samples = await readSamples(job.file, job.source);
  return async () => warpSamples(job, job.source!, samples);
}

function warpSamples({ grid, kernel }: JobOf<'warp'>, window: JobWindow, data: Uint16Array): Outcome {
  const corner = { x: ORIGIN.x + PIXEL * window.col, y: ORIGIN.y - PIXEL * window.row };
  const map = buildPixelMap({
    target: { transform: grid.transform, col: 0, row: 0, width: grid.width, height: grid.height },
    source: { transform: [PIXEL, 0, corner.x, 0, -PIXEL, corner.y] },
    toSource: createTransform({ kind: 'epsg', code: grid.epsg }, { kind: 'epsg', code: EPSG }),
  });
  const pixels = grid.width * grid.height;
  if (memory.data.length !== pixels) memory = { data: new Uint16Array(pixels), state: new Uint8Array(pixels) };
  const target = memory;
  const { width, height } = window;
  warpPlane({
    source: { data, valid: null, width, height },
    raster: { col: 0, row: 0, width, height },
    map,
    kernel,
    scale: { x: 1, y: 1 },
    target,
    threads: availableParallelism(),
  });
  return { result: () => [bytesOf(target.data)] };
}

async function warpFile({ file, grid, kernel }: JobOf<'warp'>): Promise<Outcome> {
  return withRaster(file, async (raster) => {
    const { epsg: crs, transform, width, height } = grid;
    const { data } = await raster.warp({ crs, transform, width, height, resampling: kernel });
    return { result: () => [bytesOf(data.data)] };
  });
}
