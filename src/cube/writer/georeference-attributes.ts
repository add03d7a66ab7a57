import type { Affine, Size } from '../../grid/affine.js';
import { crsDefinition, crsWkt } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';
import type { GridSpec } from '../../grid/grid-spec.js';
import type { Json } from '../../stac/item.js';
import { cfAttributes } from './cf-attributes.js';
import type { Attributes } from './layout.js';

/** The zarr-conventions that the attributes below follow; readers know them by their UUID. */
const CONVENTIONS: Json = [
  convention('proj', 'f17cb550-5864-4468-aeb7-f3180cfb622f', 'Coordinate reference system'),
  convention('spatial', '689b58e2-cf7b-45e0-9fff-9cfc0883d6b4', 'Place of the pixels'),
];

/** GeoZarr's `proj:*` and `spatial:*`, the same for the root and for every array over (y, x). */
export function geoZarrAttributes({ crs, transform, size }: Pick<GridSpec, 'crs' | 'transform' | 'size'>): Attributes {
  return {
    zarr_conventions: CONVENTIONS,
    ...projAttributes(crs),
    'spatial:dimensions': ['y', 'x'],
    'spatial:shape': [size.height, size.width],
    'spatial:transform_type': 'affine',
    'spatial:transform': transform,
    'spatial:bbox': gridBox(transform, size),
    'spatial:registration': 'pixel',
  };
}

/**
 * As `geoZarrAttributes`, of pixels that are rotated or have no CRS or no transform: what is not known is left out, and so is
 * the box.
 */
export function placeAttributes({
  crs,
  transform,
  size,
}: {
  readonly crs: Crs | null;
  readonly transform: Affine | null;
  readonly size: Size;
}): Attributes {
  return {
    zarr_conventions: CONVENTIONS,
    ...(crs === null ? {} : projAttributes(crs)),
    'spatial:dimensions': ['y', 'x'],
    'spatial:shape': [size.height, size.width],
    ...(transform === null ? {} : { 'spatial:transform_type': 'affine', 'spatial:transform': transform }),
  };
}

/** GDAL's `_CRS`, which old versions of it need. */
export function gdalCrs(crs: Crs): Json {
  return crs.kind === 'epsg' ? { url: `http://www.opengis.net/def/crs/EPSG/0/${crs.code}` } : { wkt: crs.text };
}

/** Attributes of the CF grid mapping variable: WKT, GDAL's GeoTransform (c a b f d e), and CF's own words. */
export function gridMappingAttributes({ crs, transform }: Pick<GridSpec, 'crs' | 'transform'>): Attributes {
  const [a, b, c, d, e, f] = transform;
  const wkt = crsWkt(crs);
  return {
    crs_wkt: wkt,
    spatial_ref: wkt,
    GeoTransform: [c, a, b, f, d, e].join(' '),
    ...cfAttributes(crsDefinition(crs).proj4),
  };
}

/** CF attributes of the x and y coordinates. */
export function axisAttributes(crs: Crs, axis: 'x' | 'y'): Attributes {
  const { geographic, metresPerUnit } = crsDefinition(crs);
  const long = axis === 'x' ? 'longitude' : 'latitude';
  const common = { axis: axis.toUpperCase() };
  if (geographic)
    return { ...common, standard_name: long, long_name: long, units: axis === 'x' ? 'degrees_east' : 'degrees_north' };
  return {
    ...common,
    standard_name: `projection_${axis}_coordinate`,
    long_name: `${axis} coordinate of projection`,
    units: metresPerUnit === 1 ? 'metre' : `${metresPerUnit} metre`,
  };
}

/** [xmin, ymin, xmax, ymax] of a north-up raster. */
export function gridBox([a, , c, , e, f]: Affine, { width, height }: Size): readonly [number, number, number, number] {
  return [c, f + e * height, c + a * width, f];
}

function projAttributes(crs: Crs): Attributes {
  return crs.kind === 'epsg' ? { 'proj:code': `EPSG:${crs.code}` } : { 'proj:wkt2': crs.text };
}

function convention(name: string, uuid: string, description: string): Json {
  const base = `zarr-conventions/${name}`;
  return {
    name,
    uuid,
    schema_url: `https://raw.githubusercontent.com/${base}/refs/tags/v0.1/schema.json`,
    spec_url: `https://github.com/${base}/blob/v0.1/README.md`,
    description,
  };
}
