import { join } from 'node:path';
import { buildCube } from '../../src/build/build-cube.js';
import { codeVersion } from '../../src/build/code-version.js';
import { zonalRows } from '../../src/build/zonal-rows.js';
import type { BandPlan } from '../../src/cube/task.js';
import { MapCache } from '../../src/cube/map-cache.js';
import { SourcePlacer } from '../../src/cube/place-source.js';
import { readTargetPlane } from '../../src/cube/target-plane.js';
import { TileCache } from '../../src/cube/tile-cache.js';
import type { GridSpec } from '../../src/grid/grid-spec.js';
import type { SourceFactory } from '../../src/io/byte-source.js';
import { createSources } from '../../src/io/sources.js';
import { addonStatus } from '../../src/native/load.js';
import { openRaster } from '../../src/raster/open.js';
import { readPlane } from '../../src/raster/read-plane.js';
import type { Label } from '../../src/vector/label.js';
import { readLabels } from '../../src/vector/read-labels.js';
import { ZONAL_STATISTICS, type Job, type JobGrid, type JobOf } from '../protocol.js';
import { bytesOf, type Result, type Route } from '../route.js';

const TILE_CACHE_BYTES = 256 * 1024 ** 2;
/** Fast, and what all routes of a build use. */
const BLOSC_LEVEL = 1;

/** The engine through its own functions, as `cube read`, `cube stats` and `cube build` call them. */
export function openHeliocube(): Route {
  const labels = new Map<string, readonly Label[]>();
  return {
    versions: `heliocube ${codeVersion()} (addon ${addonStatus().kind})`,
    async prepare(job: Job) {
      if (job.kind !== 'zonal' || labels.has(job.labels)) return;
      labels.set(job.labels, (await readLabels({ path: job.labels, h3: 0 })).labels);
    },
    async run(job, scratch) {
      switch (job.kind) {
        case 'decode':
          return withSources((sources) => decode(job, sources));
        case 'warp':
          return withSources((sources) => warp(job, sources));
        case 'zonal':
          return zonal(job, labels.get(job.labels)!);
        case 'build':
          return build(job, scratch);
      }
    },
  };
}

async function withSources(run: (sources: SourceFactory) => Promise<Result>): Promise<Result> {
  const sources = createSources();
  try {
    return await run(sources);
  } finally {
    await sources.close();
  }
}

async function decode({ file, window }: JobOf<'decode'>, sources: SourceFactory): Promise<Result> {
  const { levels } = await openRaster(sources, file);
  const level = levels[0]!;
  const samples = await readPlane(level, { at: level.shape.map(() => 0), window }, sources);
  return () => [bytesOf(samples)];
}

async function warp({ file, grid, kernel }: JobOf<'warp'>, sources: SourceFactory): Promise<Result> {
  const raster = await openRaster(sources, file);
  const spec = gridSpec(grid);
  const maps = new MapCache(spec);
  const placer = new SourcePlacer(spec, false, maps);
  const { nodata } = raster.bands[0]!;
  const source = {
    raster,
    at: raster.levels[0]!.shape.map(() => 0),
    nodata,
    scale: 1,
    offset: 0,
    classes: false,
    href: file,
  };
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
  return () => [bytesOf(plane.data)];
}

function gridSpec({ epsg, transform, width, height }: JobGrid): GridSpec {
  return { crs: { kind: 'epsg', code: epsg }, transform, size: { width, height }, chunk: { width, height } };
}

async function zonal({ file }: JobOf<'zonal'>, labels: readonly Label[]): Promise<Result> {
  const rows = await zonalRows({ labels, rasters: [file] });
  return () => [
    bytesOf(Float64Array.from(rows.flatMap((row) => ZONAL_STATISTICS.map((name) => row[name] ?? Number.NaN)))),
  ];
}

async function build(job: JobOf<'build'>, scratch: string): Promise<Result> {
  const { transform: t, width, height, epsg } = job.grid;
  const extent = [t[2], t[5] + t[4] * height, t[2] + t[0] * width, t[5]];
  const spec = {
    name: 'bench',
    source: { stac: job.items },
    bands: job.bands,
    grid: { crs: `EPSG:${epsg}`, resolution: t[0], extent, chunk: job.chunk },
    resampling: { '*': job.kernel },
    antialias: false,
    clip: { mode: 'none' },
    output: { lake: 'none', codec: { name: 'blosc', level: BLOSC_LEVEL } },
  };
  const { cube } = await buildCube({ spec, out: scratch, workers: job.threads });
  return () => readCube(cube, job);
}

/** Bands one after the other, each by time. */
async function* readCube(
  cube: string,
  { bands, times, grid: { width, height } }: JobOf<'build'>,
): AsyncGenerator<Uint8Array> {
  const sources = createSources();
  try {
    for (const band of bands) {
      const raster = await openRaster(sources, join(cube, '/'), { variable: band });
      for (let time = 0; time < times; time++) {
        const window = { col: 0, row: 0, width, height };
        yield bytesOf(await readPlane(raster.levels[0]!, { at: [time, 0, 0], window }, sources));
      }
    }
  } finally {
    await sources.close();
  }
}
