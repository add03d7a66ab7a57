import type { Affine } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import type { PlaneAxes, RasterLevel } from '../raster/level.js';
import type { Raster, RasterBand } from '../raster/raster.js';
import type { OpenedStore } from '../raster/refs/open-references.js';
import { parentPath } from '../raster/zarr/node-url.js';

/** One array of a cube. */
export type CubeArray = Omit<RasterBand, 'name'> & {
  readonly name: string;
  /** Whether it has a time axis: then it is (time, y, x), else (y, x). */
  readonly timed: boolean;
  /** Resolutions; level 0 is the full one. */
  readonly levels: number;
};

/** Arrays of a cube that share a grid and a time axis. Plain data. */
export type CubeGroup = {
  /** Below the root; '' is the root. */
  readonly path: string;
  /** Samples of items, over the group's times and grid. */
  readonly bands: readonly CubeArray[];
  /** What else there is: `reason`, `coverage`, `label`. */
  readonly layers: readonly CubeArray[];
  readonly crs: Crs | null;
  readonly transform: Affine | null;
  readonly width: number;
  readonly height: number;
  /** Milliseconds since 1970-01-01 UTC, one a time step. */
  readonly timesMs: readonly number[];
  /** Ids of the items of each time step; null where the cube does not say. */
  readonly items: readonly (readonly string[])[] | null;
  /** What contradicts a format or our rules, in words. */
  readonly problems: readonly string[];
};

/** What a cube holds. Plain data. */
export type CubeInfo = {
  readonly url: string;
  readonly driver: Raster['driver'];
  readonly groups: readonly CubeGroup[];
};

/** A raster of a cube with its name in its group. */
export type NamedRaster = { readonly name: string; readonly raster: Raster };

/** Rasters by path as those of one group each, groups in the order of their first raster. Pure. */
export function rastersByGroup(
  rasters: readonly { readonly path: string; readonly raster: Raster }[],
): ReadonlyMap<string, readonly NamedRaster[]> {
  const groups = new Map<string, NamedRaster[]>();
  for (const { path, raster } of rasters) {
    const group = parentPath(path);
    const named = { name: group === '' ? path : path.slice(group.length + 1), raster };
    groups.set(group, [...(groups.get(group) ?? []), named]);
  }
  return groups;
}

/** Place of the time axis among a raster's dimensions, or null where it has none. */
export function timeAxis({ dimensions }: Pick<Raster, 'dimensions'>): number | null {
  const at = dimensions.findIndex(({ timesMs }) => timesMs !== null);
  return at < 0 ? null : at;
}

/** What a group holds; null where no array has a time axis. */
export async function describeGroup(
  path: string,
  rasters: readonly NamedRaster[],
  { hierarchy }: OpenedStore,
): Promise<CubeGroup | null> {
  const first = rasters.find(({ name, raster }) => name !== 'reason' && timeAxis(raster) !== null)?.raster;
  if (first === undefined) return null;
  const level = first.levels[0]!;
  const timesMs = first.dimensions[timeAxis(first)!]!.timesMs!;
  const isBand = ({ name, raster }: NamedRaster) => name !== 'reason' && samePlace(raster, level, timesMs.length);
  const { width, height } = sizeOf(level);
  const { crs, transform } = level;
  const attributes = (await hierarchy.node(path))?.attributes ?? {};
  return {
    path,
    bands: rasters.filter(isBand).map(describeArray),
    layers: rasters.filter((one) => !isBand(one)).map(describeArray),
    crs,
    transform,
    width,
    height,
    timesMs,
    items: itemsOf(attributes['items'], timesMs.length),
    problems: [...new Set(rasters.flatMap(({ raster }) => raster.problems))],
  };
}

function samePlace(raster: Raster, level: RasterLevel, steps: number): boolean {
  const time = timeAxis(raster);
  const [own, other] = [sizeOf(raster.levels[0]!), sizeOf(level)];
  return (
    time !== null && raster.dimensions[time]!.size === steps && own.width === other.width && own.height === other.height
  );
}

function sizeOf({ shape, axes }: Pick<RasterLevel, 'shape' | 'axes'>) {
  const { x, y }: PlaneAxes = axes!;
  return { width: shape[x]!, height: shape[y]! };
}

function describeArray({ name, raster }: NamedRaster): CubeArray {
  return { ...raster.bands[0]!, name, timed: timeAxis(raster) !== null, levels: raster.levels.length };
}

/** Attributes are whatever a store holds. */
function itemsOf(value: unknown, steps: number): readonly (readonly string[])[] | null {
  const isIds = (ids: unknown): ids is readonly string[] =>
    Array.isArray(ids) && ids.every((id) => typeof id === 'string');
  return Array.isArray(value) && value.length === steps && value.every(isIds) ? value : null;
}
