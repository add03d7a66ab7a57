import { crsDefinition, formatCrs } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';
import type { GridSpec } from '../../grid/grid-spec.js';
import { reprojectBounds } from '../../grid/reproject.js';
import { splitAntimeridian } from '../../grid/antimeridian.js';
import type { Json } from '../../stac/item.js';
import { gridBox } from './georeference-attributes.js';
import type { ArrayLayout, CubeLayout } from './layout.js';

/** What the STAC item of a cube says. */
export type CubeItemInput = {
  readonly id: string;
  /** Of the store, relative to the item. */
  readonly href: string;
  readonly store: 'zarr' | 'icechunk';
  readonly grid: GridSpec;
  readonly layout: CubeLayout;
  /** Milliseconds since 1970-01-01 UTC; at least one. */
  readonly timesMs: readonly number[];
  /** What made the cube, for `processing:software`: name → version. */
  readonly software: Readonly<Record<string, string>>;
};

const EXTENSIONS = [
  'https://stac-extensions.github.io/datacube/v2.3.0/schema.json',
  'https://stac-extensions.github.io/projection/v2.0.0/schema.json',
  'https://stac-extensions.github.io/raster/v2.0.0/schema.json',
  'https://stac-extensions.github.io/processing/v1.2.0/schema.json',
];

/**
 * The STAC 1.1 item that describes a cube (datacube, projection, raster and processing extensions). Its only times are
 * those of the data, so that the same cube gives the same item. A cube across the antimeridian has a MultiPolygon and a
 * box with west > east (RFC 7946 §5.2).
 */
export function cubeStacItem(input: CubeItemInput): { readonly [key: string]: Json } {
  const { grid, layout, id, href, store } = input;
  const box = lonLatBox(grid);
  return {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: EXTENSIONS,
    id,
    bbox: box,
    geometry: boxGeometry(box),
    properties: {
      ...timeProperties(input.timesMs),
      ...projection(grid),
      'processing:software': input.software,
      'cube:dimensions': dimensions(input),
      'cube:variables': Object.fromEntries(layout.arrays.map((array) => [array.name, variable(array)])),
    },
    links: [],
    assets: {
      cube: {
        href,
        type: 'application/vnd.zarr; version=3',
        title: store === 'zarr' ? 'Zarr store' : 'Icechunk repository',
        roles: ['data'],
        bands: layout.arrays.filter(isBand).map((array) => bandObject(array, grid)),
      },
    },
  };
}

function timeProperties(timesMs: readonly number[]): { readonly [key: string]: Json } {
  const first = isoTime(timesMs.reduce((a, b) => Math.min(a, b)));
  const last = isoTime(timesMs.reduce((a, b) => Math.max(a, b)));
  if (first === last) return { datetime: first };
  return { datetime: null, start_datetime: first, end_datetime: last };
}

function projection({ crs, transform, size }: GridSpec): { readonly [key: string]: Json } {
  return {
    'proj:code': crs.kind === 'epsg' ? formatCrs(crs) : null,
    ...(crs.kind === 'epsg' ? {} : { 'proj:wkt2': crs.text }),
    'proj:shape': [size.height, size.width],
    'proj:transform': transform,
    'proj:bbox': gridBox(transform, size),
  };
}

function dimensions({ grid, timesMs }: CubeItemInput): Json {
  const [xmin, ymin, xmax, ymax] = gridBox(grid.transform, grid.size);
  const reference: Json = grid.crs.kind === 'epsg' ? grid.crs.code : grid.crs.text;
  const times = timesMs.map(isoTime);
  const sorted = times.toSorted();
  return {
    time: { type: 'temporal', extent: [sorted[0]!, sorted.at(-1)!], values: times },
    y: spatial('y', [ymin, ymax], Math.abs(grid.transform[4]), grid.crs, reference),
    x: spatial('x', [xmin, xmax], Math.abs(grid.transform[0]), grid.crs, reference),
  };
}

function spatial(axis: 'x' | 'y', extent: Json, step: number, crs: Crs, reference: Json): Json {
  const { geographic, metresPerUnit } = crsDefinition(crs);
  const unit = geographic ? 'deg' : metresPerUnit === 1 ? 'm' : `${metresPerUnit} m`;
  return { type: 'spatial', axis, extent, step, unit, reference_system: reference };
}

function variable(array: ArrayLayout): Json {
  const { long_name: description, units: unit } = array.attributes;
  return {
    dimensions: array.dimensions,
    type: isBand(array) ? 'data' : 'auxiliary',
    data_type: array.dtype,
    ...(description === undefined ? {} : { description }),
    ...(unit === undefined ? {} : { unit }),
    ...('_FillValue' in array.attributes ? { nodata: numberJson(array.fill) } : {}),
  };
}

function bandObject(array: ArrayLayout, { transform }: GridSpec): Json {
  const missing = '_FillValue' in array.attributes;
  return {
    name: array.name,
    data_type: array.dtype,
    ...(missing ? { nodata: numberJson(array.fill) } : {}),
    'raster:spatial_resolution': Math.abs(transform[0]),
  };
}

function isBand({ name, dimensions }: ArrayLayout): boolean {
  return dimensions[0] === 'time' && name !== 'reason';
}

/** STAC writes NaN and infinities as "nan", "inf" and "-inf". */
function numberJson(value: number): Json {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function lonLatBox({ crs, transform, size }: GridSpec): readonly [number, number, number, number] {
  const [xmin, ymin, xmax, ymax] = gridBox(transform, size);
  const box = reprojectBounds({ xmin, ymin, xmax, ymax }, crs, { kind: 'epsg', code: 4326 });
  const round = (value: number) => Number(value.toFixed(7)); // a centimetre
  const wrap = (lon: number) => (lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon);
  const whole = box.xmax - box.xmin >= 360;
  const [west, east] = whole ? [-180, 180] : [wrap(box.xmin), wrap(box.xmax)];
  return [round(west), round(Math.max(-90, box.ymin)), round(east), round(Math.min(90, box.ymax))];
}

function boxGeometry(box: readonly [number, number, number, number]): Json {
  const rings = splitAntimeridian(box).map(([west, south, east, north]): Json => {
    return [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ];
  });
  return rings.length === 1
    ? { type: 'Polygon', coordinates: rings[0]! }
    : { type: 'MultiPolygon', coordinates: rings };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
