import { availableParallelism } from 'node:os';
import { MapCache } from '../../../src/cube/map-cache.js';
import { SourcePlacer } from '../../../src/cube/place-source.js';
import { readTargetPlane } from '../../../src/cube/target-plane.js';
import type { BandPlan } from '../../../src/cube/task.js';
import { TileCache } from '../../../src/cube/tile-cache.js';
import type { GridSpec } from '../../../src/grid/grid-spec.js';
import { buildPixelMap } from '../../../src/grid/pixel-map.js';
import { createTransform } from '../../../src/grid/transform.js';
import { createSources } from '../../../src/io/sources.js';
import { warpPlane } from '../../../src/native/warp.js';
import { openRaster } from '../../../src/raster/open.js';
import { EPSG, ORIGIN, PIXEL } from '../../data/sizes.js';
import type { JobGrid, JobOf, JobWindow } from '../../protocol.js';
import { bytesOf, type Outcome, type Work } from '../../route.js';
import { readSamples } from './windows.js';

const TILE_CACHE_BYTES = 256 * 1024 ** 2;

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
  const target = { data: new Uint16Array(pixels), state: new Uint8Array(pixels) };
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
  const sources = createSources();
  try {
    const raster = await openRaster(sources, file);
    const spec = gridSpec(grid);
    const maps = new MapCache(spec);
    const placer = new SourcePlacer(spec, false, maps);
    const { nodata } = raster.bands[0]!;
    const at = raster.levels[0]!.shape.map(() => 0);
    const source = { raster, at, nodata, scale: 1, offset: 0, classes: false, href: file };
    const plan: BandPlan = {
      name: 'band',
      written: true,
      dtype: 'uint16',
      fill: 0,
      resampling: kernel,
      classes: false,
      scaled: false,
    };
    const target = { col: 0, row: 0, ...spec.size };
    const read = placer.read(source, placer.place(source, plan, 0), { plan, index: 0 }, target);
    const tiles = new TileCache(sources, TILE_CACHE_BYTES);
    const { plane } = await readTargetPlane(read, target, false, { tiles, maps, signal: undefined });
    return { result: () => [bytesOf(plane.data)] };
  } finally {
    await sources.close();
  }
}

function gridSpec({ epsg, transform, width, height }: JobGrid): GridSpec {
  return { crs: { kind: 'epsg', code: epsg }, transform, size: { width, height }, chunk: { width, height } };
}
