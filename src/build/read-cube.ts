import ndarray from 'ndarray';
import { CubeError } from '../errors.js';
import type { Affine, Window } from '../grid/affine.js';
import { shiftAffine } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import { elementCount, unflatten } from '../grid/flat-index.js';
import type { SourceFactory } from '../io/byte-source.js';
import { runLanes } from '../io/run-lanes.js';
import type { RasterLevel } from '../raster/level.js';
import { planTiles, type PlaneWindow } from '../raster/plan-tiles.js';
import type { RasterBand } from '../raster/raster.js';
import { readTiles } from '../raster/read-tiles.js';
import { timeAxis, type NamedRaster } from './cube-info.js';
import type { OwnSamples, RasterArray } from './raster-array.js';
import { sampleMemory } from './sample-memory.js';

/** Samples of a cube as stored, and where they are. */
export type CubeSamples = {
  /** (time, y, x) of one band, (time, band, y, x) of several or of a band that interleaves some; (y, x) without time. */
  readonly data: RasterArray;
  /** What is along the axis `band`, or the one band. */
  readonly bands: readonly RasterBand[];
  /** Places of the time steps in the cube, and their times. Empty for an array without time. */
  readonly steps: readonly number[];
  readonly timesMs: readonly number[];
  /** Pixels of the level. */
  readonly window: Window;
  readonly crs: Crs | null;
  /** Of the window. */
  readonly transform: Affine | null;
};

/** Which samples are read; all of it is known to be there. */
export type CubeReading = {
  readonly rasters: readonly NamedRaster[];
  readonly level: number;
  /** Whether the axis `band` is kept for one band. */
  readonly stacked: boolean;
  readonly steps: readonly number[];
  readonly window: Window;
  readonly into?: OwnSamples | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Bands whose tiles are fetched at a time: the next one's while the last ones of the one before are decoded. */
const LANES = 2;

/** The samples of some bands in C order. Every tile is decoded once, into its place. Problems: those of reading. */
export async function readCube(reading: CubeReading, sources: SourceFactory): Promise<CubeSamples> {
  const { rasters, level, stacked, steps, window, into, signal } = reading;
  const planes = rasters.map(({ raster }) => planesOfStep(raster.levels[level]!, timeAxis(raster)));
  const depth = planes.reduce((sum, { count }) => sum + count, 0);
  const timed = timeAxis(rasters[0]!.raster) !== null;
  const count = timed ? steps.length : 1;
  const pixels = window.width * window.height;
  const first = rasters[0]!.raster.levels[level]!;
  const data = sampleMemory(first, count * depth * pixels, into);
  const job = async (band: number, either: AbortSignal) => {
    const before = planes.slice(0, band).reduce((sum, { count }) => sum + count, 0);
    const wanted: PlaneWindow[] = [];
    const destinations: OwnSamples[] = [];
    for (let step = 0; step < count; step++) {
      for (let plane = 0; plane < planes[band]!.count; plane++) {
        const start = (step * depth + before + plane) * pixels;
        wanted.push({ at: planes[band]!.at(steps[step] ?? 0, plane), window });
        destinations.push(data.subarray(start, start + pixels));
      }
    }
    const own = rasters[band]!.raster.levels[level]!;
    await readTiles({ level: own, tiles: planTiles(own, wanted), destinations }, sources, { signal: either });
  };
  await runLanes(rasters.keys(), LANES, job, signal);
  const lead = [...(timed ? [count] : []), ...(stacked || depth > 1 ? [depth] : [])];
  return {
    data: ndarray(data, [...lead, window.height, window.width]),
    bands: rasters.flatMap(({ raster }, i) =>
      Array.from({ length: planes[i]!.count }, (_, plane) => raster.bands[plane] ?? raster.bands[0]!),
    ),
    ...placeOf(first, window),
    window,
    steps,
    timesMs: steps.map((step) => timesOf(rasters[0]!)[step]!),
  };
}

/** Problem: `invalid-argument` for bands of different types, sizes or numbers of time steps, which no array holds together. */
export function assertAlike(rasters: readonly NamedRaster[], level: number): void {
  const kindOf = ({ raster }: NamedRaster): string => {
    const { dtype, shape, axes } = raster.levels[level]!;
    const steps = timesOf({ raster }).length;
    return `${dtype} of ${steps} × ${shape[axes!.y]} × ${shape[axes!.x]}`;
  };
  const first = rasters[0]!;
  const other = rasters.find((one) => kindOf(one) !== kindOf(first));
  if (other === undefined) return;
  const what = `"${first.name}" is ${kindOf(first)}, "${other.name}" is ${kindOf(other)}`;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `bands of several kinds: ${what}`,
    fix: 'read them one by one',
  });
}

/** The planes of one time step: every index of the dimensions other than time, x and y, in C order. */
function planesOfStep({ shape, axes }: RasterLevel, time: number | null) {
  const others = shape.map((size, d) => (d === axes!.x || d === axes!.y || d === time ? 1 : size));
  const at = (step: number, plane: number): number[] =>
    unflatten(plane, others).map((place, d) => (d === time ? step : place));
  return { count: elementCount(others), at };
}

function placeOf({ crs, transform }: RasterLevel, window: Window): Pick<CubeSamples, 'crs' | 'transform'> {
  return { crs, transform: transform === null ? null : shiftAffine(transform, window) };
}

/** Times of an array's steps; none for an array without time. */
export function timesOf({ raster }: Pick<NamedRaster, 'raster'>): readonly number[] {
  const time = timeAxis(raster);
  return time === null ? [] : raster.dimensions[time]!.timesMs!;
}
