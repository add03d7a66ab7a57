import type { EncodeSpec } from '../../codec/encode-chunk.js';
import { CubeError } from '../../errors.js';
import { isFloatType, type DataType } from '../../grid/dtype.js';
import type { GridSpec } from '../../grid/grid-spec.js';
import { REASON } from '../reason.js';
import { fillValueAttribute } from './array-json.js';
import { axisAttributes, gdalCrs, geoZarrAttributes, gridMappingAttributes } from './georeference-attributes.js';
import type { ArrayLayout, Attributes, CoordinateLayout, CubeLayout } from './layout.js';

/** One band of a cube. */
export type CubeBand = {
  readonly name: string;
  readonly dtype: DataType;
  /** What a pixel without a value holds; null where every pixel has one. */
  readonly nodata: number | null;
  /** Units, long name and the like; ours win. */
  readonly attributes?: Attributes;
};

/** Scale and offset of a band, one value a time step; NaN where the step does not tell. */
export type BandScale = { readonly scale: readonly number[]; readonly offset: readonly number[] };

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
  const coordinates = [...timeCoordinates(input), ...gridCoordinates(grid), ...scaleCoordinates(input)];
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
  { name, dtype, nodata, attributes }: CubeBand,
  input: CubeLayoutInput,
  spatial: Attributes,
): ArrayLayout {
  const fill = nodata ?? (isFloatType(dtype) ? NaN : 0);
  const missing = nodata === null ? {} : { _FillValue: fillValueAttribute(nodata, dtype) };
  const scales = input.scales?.[name] === undefined ? '' : ` ${name}_scale ${name}_offset`;
  const own = { ...attributes, ...missing, coordinates: `solar_day${scales}`, ...spatial };
  return planeArray(name, dtype, fill, input, own);
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

function timeCoordinates({ timesMs, solarDays }: CubeLayoutInput): CoordinateLayout[] {
  const calendar = 'proleptic_gregorian';
  return [
    {
      name: 'time',
      dtype: 'int64',
      dimensions: ['time'],
      values: BigInt64Array.from(timesMs, BigInt),
      attributes: { axis: 'T', standard_name: 'time', units: 'milliseconds since 1970-01-01', calendar },
    },
    {
      name: 'solar_day',
      dtype: 'int32',
      dimensions: ['time'],
      values: Int32Array.from(solarDays),
      attributes: { long_name: 'date in mean solar time', units: 'days since 1970-01-01', calendar },
    },
  ];
}

function gridCoordinates(grid: GridSpec): CoordinateLayout[] {
  const [a, , c, , e, f] = grid.transform;
  const { width, height } = grid.size;
  const x = Float64Array.from({ length: width }, (_, col) => c + a * (col + 0.5));
  const y = Float64Array.from({ length: height }, (_, row) => f + e * (row + 0.5));
  return [
    { name: 'x', dtype: 'float64', dimensions: ['x'], values: x, attributes: axisAttributes(grid.crs, 'x') },
    { name: 'y', dtype: 'float64', dimensions: ['y'], values: y, attributes: axisAttributes(grid.crs, 'y') },
    {
      name: 'spatial_ref',
      dtype: 'int32',
      dimensions: [],
      values: new Int32Array(1),
      attributes: gridMappingAttributes(grid),
    },
  ];
}

function scaleCoordinates({ bands, scales = {} }: CubeLayoutInput): CoordinateLayout[] {
  return bands.flatMap(({ name }) => {
    const given = scales[name];
    if (given === undefined) return [];
    const make = (kind: 'scale' | 'offset'): CoordinateLayout => ({
      name: `${name}_${kind}`,
      dtype: 'float64',
      dimensions: ['time'],
      values: Float64Array.from(given[kind]),
      attributes: { long_name: `${kind} of ${name} as its items state it; not applied` },
    });
    return [make('scale'), make('offset')];
  });
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
