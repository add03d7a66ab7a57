import { parentPath } from '../zarr/node-url.js';
import { attributeReferences, attributeValues } from './attributes.js';
import type { GlobalHeap } from './global-heap.js';
import type { Metadata } from './metadata.js';
import type { Hdf5Object } from './walk.js';

/** What the dimension scales of a file tell: the names of dimensions, by the scale's address and by NetCDF's number. */
export type DimensionScales = {
  readonly byAddress: ReadonlyMap<number, string>;
  readonly byNumber: ReadonlyMap<number, string>;
};

/** NetCDF's NAME of a scale that stands for a dimension alone (netCDF-4 format, "dimensions without coordinate variables"). */
const ONLY_DIMENSION = 'This is a netCDF dimension but not a netCDF variable';
/** A variable that has the name of a dimension and is not its coordinate is stored under this prefix. */
const NOT_COORDINATE = '_nc4_non_coord_';

type Values = (object: Hdf5Object, name: string) => Promise<readonly (number | string)[] | null>;

/** Reads small attributes of objects. */
export function attributeReader(metadata: Metadata, heap: GlobalHeap): Values {
  return async ({ attributes }, name) => {
    const stored = attributes.stored.get(name);
    return stored === undefined ? null : attributeValues(metadata, heap, stored);
  };
}

/** Collect the dimension scales (HDF5 dimension scale specification: CLASS is DIMENSION_SCALE). */
export async function findScales(objects: readonly Hdf5Object[], values: Values): Promise<DimensionScales> {
  const byAddress = new Map<number, string>();
  const byNumber = new Map<number, string>();
  for (const object of objects) {
    if (!(await isScale(object, values))) continue;
    const name = variableName(object.path);
    byAddress.set(object.address, name);
    const number = (await values(object, '_Netcdf4Dimid'))?.[0];
    if (typeof number === 'number') byNumber.set(number, name);
  }
  return { byAddress, byNumber };
}

/** Whether the dataset is a dimension scale. */
export async function isScale(object: Hdf5Object, values: Values): Promise<boolean> {
  return object.kind === 'dataset' && (await values(object, 'CLASS'))?.[0] === 'DIMENSION_SCALE';
}

/** Whether the dataset stands for a dimension and has no samples of its own. */
export async function isBareDimension(object: Hdf5Object, values: Values): Promise<boolean> {
  const name = (await values(object, 'NAME'))?.[0];
  return typeof name === 'string' && name.startsWith(ONLY_DIMENSION) && (await isScale(object, values));
}

/** The last step of a path, as NetCDF shows it. */
export function variableName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.startsWith(NOT_COORDINATE) ? name.slice(NOT_COORDINATE.length) : name;
}

/** Names dimensions without a scale as NetCDF does, `phony_dim_N`: those of one size in one group are one dimension. */
export class PhonyDimensions {
  readonly #known = new Map<string, string>();

  name(group: string, size: number, which: number): string {
    const key = `${which}/${size}/${group}`;
    const name = this.#known.get(key) ?? `phony_dim_${this.#known.size}`;
    this.#known.set(key, name);
    return name;
  }
}

/**
 * The names of a dataset's dimensions: its scales (DIMENSION_LIST), else NetCDF's numbers (a coordinate of several
 * dimensions has no list), else its own name where it is a scale; the rest is phony.
 */
export async function dimensionNames(
  object: Hdf5Object,
  shape: readonly number[],
  { metadata, heap, scales, phony }: NamingContext,
): Promise<string[]> {
  const values = attributeReader(metadata, heap);
  const list = object.attributes.stored.get('DIMENSION_LIST');
  const references = list === undefined ? null : await attributeReferences(metadata, heap, list);
  const numbers = await values(object, '_Netcdf4Coordinates');
  const own = shape.length === 1 && (await isScale(object, values)) ? variableName(object.path) : undefined;
  const counts = new Map<number, number>();
  return shape.map((size, d) => {
    const address = references?.[d]?.[0];
    const scale = address === undefined ? undefined : scales.byAddress.get(address);
    const number = numbers?.length === shape.length ? numbers[d] : undefined;
    const found = scale ?? (typeof number === 'number' ? scales.byNumber.get(number) : undefined) ?? own;
    if (found !== undefined) return found;
    const which = counts.get(size) ?? 0;
    counts.set(size, which + 1);
    return phony.name(parentPath(object.path), size, which);
  });
}

/** What naming dimensions takes. */
export type NamingContext = {
  readonly metadata: Metadata;
  readonly heap: GlobalHeap;
  readonly scales: DimensionScales;
  readonly phony: PhonyDimensions;
};
