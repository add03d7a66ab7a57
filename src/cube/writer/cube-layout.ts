import type { EncodeSpec } from '../../codec/encode-chunk.js';
import { CubeError } from '../../errors.js';
import { isFloatType, type DataType } from '../../grid/dtype.js';
import type { GridSpec } from '../../grid/grid-spec.js';
import { REASON } from '../reason.js';
import type { TileChain } from '../tile-chain.js';
import { fillValueAttribute } from './array-json.js';
import {
  gridCoordinates,
  scaleCoordinates,
  solarDayCoordinate,
  timeCoordinate,
  type BandScale,
} from './coordinates.js';
import { gdalCrs, geoZarrAttributes } from './georeference-attributes.js';
import type { ArrayLayout, Attributes, CubeLayout } from './layout.js';

/** One band of a cube. */
export type CubeBand = {
  readonly name: string;
  readonly dtype: DataType;
  /** What a pixel without a value holds; null where every pixel has one. */
  readonly nodata: number | null;
  /** Units, long name and the like; ours win. */
  readonly attributes?: Attributes;
  /** How its chunks are stored where some of them are tiles of source files. */
  readonly chain?: TileChain;
};

/** Everything that a cube's metadata depends on. */
export type CubeLayoutInput = {
  readonly grid: GridSpec;
  readonly bands: readonly CubeBand[];
  /** Milliseconds since 1970-01-01 UTC, one a time step. */
  readonly timesMs: readonly number[];
  /** Days since 1970-01-01, one a time step. */
  readonly solarDays: readonly number[];
  /** Ids of the items of every time step. */
  readonly items: readonly (readonly string[])[];
  readonly codec: EncodeSpec;
  /** Pixels a side of a shard, a multiple of the chunk; null for none. */
  readonly shard: number | null;
  /** By band name; written as coordinates `<band>_scale` and `<band>_offset`. */
  readonly scales?: Readonly<Record<string, BandScale>>;
};

/**
 * Every array and attribute of a cube. Pure: it holds no clock time, host, path or run, so that the same input gives the
 * same store. Problem: `invalid-argument` for band names that Zarr or another array takes, and lists of the wrong length.
 */
export function cubeLayout(input: CubeLayoutInput): CubeLayout {
  const { grid, bands, items } = input;
  checkInput(input);
  const spatial: Attributes = { grid_mapping: 'spatial_ref', _CRS: gdalCrs(grid.crs), ...geoZarrAttributes(grid) };
  const arrays = [
    ...bands.map((band) => bandArray(band, input, spatial)),
    planeArray('reason', 'uint8', REASON.notRequested, input, {
      ...REASON_ATTRIBUTES,
      coordinates: 'solar_day',
      ...spatial,
    }),
    planeArray('coverage', 'float32', 0, input, { ...COVERAGE_ATTRIBUTES, ...spatial }),
    planeArray('label', 'uint32', 0, input, { ...LABEL_ATTRIBUTES, ...spatial }),
  ];
  const coordinates = [
    timeCoordinate(input.timesMs),
    solarDayCoordinate(input.solarDays),
    ...gridCoordinates(grid),
    ...bands.flatMap(({ name }) => scaleCoordinates(name, input.scales?.[name])),
  ];
  assertUnique([...arrays, ...coordinates].map(({ name }) => name));
  return { arrays, coordinates, attributes: { Conventions: 'CF-1.11', ...geoZarrAttributes(grid), items } };
}

const REASON_ATTRIBUTES: Attributes = {
  long_name: 'why a pixel has a value or none',
  flag_values: [0, 1, 2, 3, 4, 5],
  flag_meanings: 'valid outside nodata masked failed not_requested',
};
const COVERAGE_ATTRIBUTES: Attributes = { long_name: 'fraction of the pixel under labels', units: '1' };
const LABEL_ATTRIBUTES: Attributes = { long_name: 'label_id of the label that covers most of the pixel, 0 for none' };

function bandArray(
  { name, dtype, nodata, attributes, chain }: CubeBand,
  input: CubeLayoutInput,
  spatial: Attributes,
): ArrayLayout {
  const fill = nodata ?? (isFloatType(dtype) ? NaN : 0);
  const missing = nodata === null ? {} : { _FillValue: fillValueAttribute(nodata, dtype) };
  const scales = input.scales?.[name] === undefined ? '' : ` ${name}_scale ${name}_offset`;
  const own = { ...attributes, ...missing, coordinates: `solar_day${scales}`, ...spatial };
  const array = planeArray(name, dtype, fill, input, own);
  return chain === undefined ? array : { ...array, chain };
}

/** `coverage` and `label` have no time; chunks and shards are one time step deep. */
function planeArray(
  name: string,
  dtype: DataType,
  fill: number,
  { grid, timesMs, codec, shard }: CubeLayoutInput,
  attributes: Attributes,
): ArrayLayout {
  const timed = name !== 'coverage' && name !== 'label';
  const lead = timed ? [1] : [];
  return {
    name,
    dtype,
    dimensions: timed ? ['time', 'y', 'x'] : ['y', 'x'],
    shape: [...(timed ? [timesMs.length] : []), grid.size.height, grid.size.width],
    chunk: [...lead, grid.chunk.height, grid.chunk.width],
    shard: shard === null ? null : [...lead, shard, shard],
    codec,
    fill,
    attributes,
  };
}

function checkInput({ grid, bands, timesMs, solarDays, items, shard, scales = {} }: CubeLayoutInput): void {
  const steps = timesMs.length;
  const lists = [solarDays, items, ...Object.values(scales).flatMap(({ scale, offset }) => [scale, offset])];
  if (lists.some((list) => list.length !== steps))
    throw invalid(`a list has not one entry for each of ${steps} time steps`);
  if (shard !== null && (shard % grid.chunk.width !== 0 || shard % grid.chunk.height !== 0)) {
    throw invalid(`shard ${shard} is no multiple of chunk ${grid.chunk.width}×${grid.chunk.height}`);
  }
  // Zarr v3 §"Node names": no slash, not only periods, no reserved prefix; "c" would read as a chunk key.
  const wrong = bands.find(
    ({ name }) => !/^(?!__)(?!\.+$)[^/\\\0]+$/.test(name) || name === 'zarr.json' || name === 'c',
  );
  if (wrong !== undefined) throw invalid(`"${wrong.name}" cannot be the name of an array`);
}

function assertUnique(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalid(`two arrays of the cube have the name "${twice}"`);
}

function invalid(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, fix: 'rename the band or correct the list' });
}
