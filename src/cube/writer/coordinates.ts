import type { GridSpec } from '../../grid/grid-spec.js';
import { axisAttributes, gridMappingAttributes } from './georeference-attributes.js';
import type { CoordinateLayout } from './layout.js';

/** Scale and offset of a band, one value a time step; NaN where the step does not tell. */
export type BandScale = { readonly scale: readonly number[]; readonly offset: readonly number[] };

const CALENDAR = 'proleptic_gregorian';

/** The `time` axis from milliseconds since 1970-01-01 UTC. */
export function timeCoordinate(timesMs: readonly number[]): CoordinateLayout {
  return {
    name: 'time',
    dtype: 'int64',
    dimensions: ['time'],
    values: BigInt64Array.from(timesMs, BigInt),
    attributes: { axis: 'T', standard_name: 'time', units: 'milliseconds since 1970-01-01', calendar: CALENDAR },
  };
}

/** `solar_day` from days since 1970-01-01. */
export function solarDayCoordinate(solarDays: readonly number[]): CoordinateLayout {
  return {
    name: 'solar_day',
    dtype: 'int32',
    dimensions: ['time'],
    values: Int32Array.from(solarDays),
    attributes: { long_name: 'date in mean solar time', units: 'days since 1970-01-01', calendar: CALENDAR },
  };
}

/** Pixel centres `x` and `y`, and the CF grid mapping `spatial_ref`. */
export function gridCoordinates(grid: Pick<GridSpec, 'crs' | 'transform' | 'size'>): CoordinateLayout[] {
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

/** `<band>_scale` and `<band>_offset` over time; none where nothing is given. */
export function scaleCoordinates(band: string, given: BandScale | undefined): CoordinateLayout[] {
  if (given === undefined) return [];
  return (['scale', 'offset'] as const).map((kind) => ({
    name: `${band}_${kind}`,
    dtype: 'float64',
    dimensions: ['time'],
    values: Float64Array.from(given[kind]),
    attributes: { long_name: `${kind} of ${band} as its items state it; not applied` },
  }));
}
