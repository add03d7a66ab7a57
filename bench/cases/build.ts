import { join } from 'node:path';
import { createTransform } from '../../src/grid/transform.js';
import { BANDS, DATES, EPSG, ORIGIN, PIXEL, type DataSize } from '../data/sizes.js';
import type { JobGrid, JobOf } from '../protocol.js';
import { OURS, runsOf, type Case, type Run } from './case.js';
import { exactly } from './warp.js';

const PEERS = ['odc-stac', 'rasterio-zarr'] as const;

/** P13 and P14: STAC items to a Zarr store. */
export function buildCases(folder: string, size: DataSize, threads: number): Case[] {
  const common = {
    kind: 'build' as const,
    items: join(folder, 'items.json'),
    bands: [...BANDS],
    times: DATES.length,
    chunk: size.chunk,
    threads,
    codec: 'zstd-3' as const,
  };
  const scenes = `${DATES.length} dates of ${BANDS.length} bands, ${size.window} × ${size.window} pixels of scenes of ${size.scene} × ${size.scene}, to one Zarr v3 store`;
  return [
    nativeCase({ ...common, grid: nativeGrid(size), kernel: 'nearest' }, scenes),
    warpCase({ ...common, grid: laeaGrid(size), kernel: 'bilinear' }, scenes),
  ];
}

/** `cube` is the whole process, `heliocube` a process that runs already. */
function ourRuns(job: JobOf<'build'>, codec: JobOf<'build'>['codec']): Run[] {
  const run = (route: string): Run => ({ id: `${route} ${codec}`, route, job: { ...job, codec } });
  return [run('cube'), run(OURS)];
}

function nativeCase(job: JobOf<'build'>, scenes: string): Case {
  const rows = (name: string, codec: JobOf<'build'>['codec'], targets: readonly [number, number]) =>
    PEERS.flatMap((peer, i) => [
      { name, ours: `cube ${codec}`, peer, target: targets[i]! },
      { name: `${name}.hot`, ours: `${OURS} ${codec}`, peer, target: null },
    ]);
  return {
    name: 'P13',
    what: `${scenes} on their own grid. P13.zstd: zstd level 3 on all sides; P13.default: our default codec (blosc, zstd level 1, shuffle) against their zstd level 3. Ours is \`cube build\` as a whole process, start-up included (.hot: in a process that runs already), theirs are rounds in a process that runs already`,
    runs: [...ourRuns(job, 'zstd-3'), ...ourRuns(job, 'default'), ...runsOf(job, PEERS)],
    rows: [...rows('P13.zstd', 'zstd-3', [2.2, 1.4]), ...rows('P13.default', 'default', [3, 2.1])],
    agreement: { kind: 'bytes' },
  };
}

function warpCase(job: JobOf<'build'>, scenes: string): Case {
  const reference = 'rasterio-zarr-exact';
  return {
    name: 'P14',
    what: `${scenes} in EPSG:3035, bilinear, zstd level 3 on all sides; ours exact to 0.01 pixels, odc-stac with GDAL’s default of 0.125. P14: \`cube build\` as a whole process, P14.hot: in a process that runs already`,
    runs: [
      ...ourRuns(job, 'zstd-3'),
      ...runsOf(job, ['odc-stac']).map((run) => ({ ...run, rounds: 3 })),
      { id: reference, route: reference, job, reference: true },
    ],
    rows: [
      { name: 'P14', ours: 'cube zstd-3', peer: 'odc-stac', target: 6 },
      { name: 'P14.hot', ours: `${OURS} zstd-3`, peer: 'odc-stac', target: null },
    ],
    agreement: exactly(reference, 'bilinear'),
  };
}

/** A window of the scenes, from their third tile on. */
function nativeGrid({ window, tile }: DataSize): JobGrid {
  const offset = 2 * tile * PIXEL;
  const transform: JobGrid['transform'] = [PIXEL, 0, ORIGIN.x + offset, 0, -PIXEL, ORIGIN.y - offset];
  return { epsg: EPSG, transform, width: window, height: window };
}

/** A square as large around the scenes' centre, in EPSG:3035. */
function laeaGrid({ scene, window }: DataSize): JobGrid {
  const centre = Float64Array.of(ORIGIN.x + (PIXEL * scene) / 2, ORIGIN.y - (PIXEL * scene) / 2);
  createTransform({ kind: 'epsg', code: EPSG }, { kind: 'epsg', code: 3035 }).transform(centre);
  const corner = (at: number, sign: number) => Math.round((at + (sign * window * PIXEL) / 2) / PIXEL) * PIXEL;
  const transform: JobGrid['transform'] = [PIXEL, 0, corner(centre[0]!, -1), 0, -PIXEL, corner(centre[1]!, 1)];
  return { epsg: 3035, transform, width: window, height: window };
}
