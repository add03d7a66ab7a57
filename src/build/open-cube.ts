import { CubeError } from '../errors.js';
import type { Bounds, Window } from '../grid/affine.js';
import { withAbort } from '../io/abort.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { openStore, openStoreRasters } from '../raster/open-store.js';
import { chooseArea, chooseTimes, type TimeSelection } from './cube-selection.js';
import {
  describeGroup,
  rastersByGroup,
  timeAxis,
  type CubeGroup,
  type CubeInfo,
  type NamedRaster,
} from './cube-info.js';
import { readLabelBoxes, type LabelBoxes } from './label-boxes.js';
import type { OwnSamples, RasterArray } from './raster-array.js';
import { assertAlike, readCube, timesOf, type CubeSamples } from './read-cube.js';

/** How a cube is opened. */
export type OpenCubeInput = {
  /** Which version of an Icechunk repository; the branch `main` by default. */
  readonly version?: IcechunkVersion;
  readonly sources?: SourceOptions;
  readonly signal?: AbortSignal;
};

/** Which samples of a cube are read; all times and pixels by default. */
export type ReadCubeInput = {
  /** Path of a group; may be left out where the cube has one. */
  readonly group?: string;
  /** One array, `reason`, `coverage` and `label` included: without an axis `band`. */
  readonly band?: string;
  /** Bands of one type, with an axis `band`; all by default. */
  readonly bands?: readonly string[];
  readonly time?: TimeSelection;
  /** Pixels of the level, or what a box in the cube's CRS touches. */
  readonly window?: Window;
  readonly bounds?: Bounds;
  /** 0, the default, is full resolution. */
  readonly level?: number;
  /** Memory that the samples go to, of their type and exactly as many; new by default. */
  readonly into?: OwnSamples;
  readonly signal?: AbortSignal;
};

/** Which pixels around a label are read. */
export type ReadLabelInput = Pick<ReadCubeInput, 'group' | 'bands' | 'time' | 'signal'>;

/** All that a cube has in the box of a label. */
export type LabelSamples = Omit<CubeSamples, 'data' | 'bands'> & {
  readonly labelId: number;
  /** By name, (time, y, x) each. */
  readonly bands: Readonly<Record<string, RasterArray>>;
  /** (time, y, x): why a pixel has a value or none. */
  readonly reason: RasterArray | null;
  /** (y, x): fraction of the pixel under labels, this one and others. */
  readonly coverage: RasterArray | null;
  /** (y, x): the label that covers most of the pixel, 0 for none. */
  readonly label: RasterArray;
};

/** An opened cube. Close it when it is read. */
export class CubeHandle {
  /** Groups, bands, grid, times and items: plain data. */
  readonly info: CubeInfo;
  readonly #rasters: ReadonlyMap<string, readonly NamedRaster[]>;
  readonly #sources: SourceFactory;
  /** By group, from the first label on that is read. */
  readonly #boxes = new Map<string, Promise<LabelBoxes>>();

  constructor(info: CubeInfo, rasters: ReadonlyMap<string, readonly NamedRaster[]>, sources: SourceFactory) {
    this.info = info;
    this.#rasters = rasters;
    this.#sources = sources;
  }

  /**
   * Samples as stored, with their times, window and transform. Problems: `invalid-argument` for what is not in the cube,
   * `no-data` where an interval holds no step or bounds miss the cube, `budget` for more than 4 GiB, and those of reading.
   */
  async read(input: ReadCubeInput = {}): Promise<CubeSamples> {
    const { band, bands, time, level = 0, into, signal } = input;
    if (band !== undefined && bands !== undefined) throw argument('`band` and `bands` exclude each other');
    const group = this.#group(input.group);
    const names = band === undefined ? (bands ?? group.bands.map(({ name }) => name)) : [band];
    if (names.length === 0) throw argument('no band is asked for');
    const rasters = names.map((name) => this.#raster(group, name, level));
    const timed = rasters.filter(({ raster }) => timeAxis(raster) !== null).length;
    if (timed < rasters.length && (band === undefined || time !== undefined)) {
      throw argument(`"${rasters.find(({ raster }) => timeAxis(raster) === null)!.name}" has no time axis`);
    }
    assertAlike(rasters, level);
    const window = chooseArea(rasters[0]!.raster.levels[level]!, input);
    const steps = chooseTimes(timesOf(rasters[0]!), time);
    return readCube({ rasters, level, stacked: band === undefined, steps, window, into, signal }, this.#sources);
  }

  /**
   * The pixels of all bands and times in the box of a label. The first call reads the array `label` to find where all labels
   * are; later ones know it. Problems: `no-data` for a cube without labels and a label that has no pixel of its own; as `read`.
   */
  async readLabel(labelId: number, input: ReadLabelInput = {}): Promise<LabelSamples> {
    const { time, signal } = input;
    const group = this.#group(input.group);
    const window = (await withAbort(this.#labelBoxes(group), signal)).get(labelId);
    if (window === undefined) throw noData(`${this.info.url} has no pixel of label ${labelId}`);
    const common = { group: group.path, window, ...(signal === undefined ? {} : { signal }) };
    const timed = { ...common, ...(time === undefined ? {} : { time }) };
    const names = input.bands ?? group.bands.map(({ name }) => name);
    const has = (name: string) => group.layers.some((layer) => layer.name === name);
    const layer = async (name: string, options: ReadCubeInput) =>
      has(name) ? (await this.read({ ...options, band: name })).data : null;
    const { data: label, crs, transform } = await this.read({ ...common, band: 'label' });
    const coverage = await layer('coverage', common);
    const reason = await layer('reason', timed);
    const samples: (readonly [name: string, samples: RasterArray])[] = [];
    for (const name of names) samples.push([name, (await this.read({ ...timed, band: name })).data]);
    const bands = Object.fromEntries(samples);
    const steps = chooseTimes(group.timesMs, time);
    const timesMs = steps.map((step) => group.timesMs[step]!);
    return { labelId, bands, reason, coverage, label, steps, timesMs, window, crs, transform };
  }

  close(): Promise<void> {
    return this.#sources.close();
  }

  #group(path: string | undefined): CubeGroup {
    const { groups, url } = this.info;
    const found = path === undefined && groups.length === 1 ? groups[0] : groups.find((group) => group.path === path);
    if (found !== undefined) return found;
    const known = groups.map((group) => `"${group.path}"`).join(', ');
    throw argument(`${url} has ${path === undefined ? 'several groups' : `no group "${path}"`}; name one of ${known}`);
  }

  #raster(group: CubeGroup, name: string, level: number): NamedRaster {
    const known = this.#rasters.get(group.path)!;
    const found = known.find((one) => one.name === name);
    if (found === undefined) {
      const names = known.slice(0, 50).map((one) => one.name);
      throw argument(`no band "${name}"; there are ${names.join(', ')}`);
    }
    if (found.raster.levels[level] !== undefined) return found;
    throw argument(`"${name}" has no level ${level}, it has ${found.raster.levels.length}`);
  }

  #labelBoxes({ path }: CubeGroup): Promise<LabelBoxes> {
    const label = this.#rasters.get(path)!.find(({ name }) => name === 'label')?.raster.levels[0];
    if (label?.dtype !== 'uint32' || label.shape.length !== 2) {
      throw noData(`${this.info.url} has no labels: there is no array "label" (uint32, y and x)`);
    }
    const boxes = this.#boxes.get(path) ?? readLabelBoxes(label, this.#sources);
    this.#boxes.set(path, boxes);
    // A failure may pass.
    boxes.catch(() => this.#boxes.delete(path));
    return boxes;
  }
}

/**
 * Open a cube by path or URL: a Zarr store, an Icechunk repository, kerchunk references as JSON or Parquet. Problems: `not-found`,
 * `missing-component` without the binding of Icechunk, `no-data` where no array has a time axis, and those of opening.
 */
export async function openCube(
  href: string,
  { version, sources: options, signal }: OpenCubeInput = {},
): Promise<CubeHandle> {
  const sources = createSources(options ?? {});
  try {
    const url = resolveLocation(href, `${process.cwd()}/`);
    const store = await openStore(sources, url, { version, signal });
    const rasters = rastersByGroup(await openStoreRasters(store, sources, signal));
    const described = await Promise.all([...rasters].map(([path, members]) => describeGroup(path, members, store)));
    const groups = described.filter((group) => group !== null);
    if (groups.length === 0) throw noData(`${url} is no cube: no array has a time axis beside y and x`);
    return new CubeHandle({ url, driver: store.driver, groups }, rasters, sources);
  } catch (error) {
    await sources.close();
    throw error;
  }
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}

function noData(what: string): CubeError {
  return new CubeError({ kind: 'no-data', what });
}
