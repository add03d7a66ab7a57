import { isCubeError } from '../../errors.js';
import type { Crs } from '../../grid/crs.js';
import { gridCoordinates, solarDayCoordinate } from '../writer/coordinates.js';
import {
  gdalCrs,
  geoZarrAttributes,
  gridMappingAttributes,
  placeAttributes,
} from '../writer/georeference-attributes.js';
import type { Attributes, CoordinateLayout } from '../writer/layout.js';
import { solarDay } from '../../stac/solar-day.js';
import { middleLongitude } from '../resolve-grid.js';
import { isUpright, type SourcePlane } from './source-plane.js';

/** What a group says of where its pixels are: attributes of the group, of its arrays, and coordinates. */
export type Geography = {
  readonly group: Attributes;
  readonly array: Attributes;
  readonly coordinates: readonly CoordinateLayout[];
};

/**
 * As much as the files tell: with a CRS and upright pixels all that a cube has; rotated pixels, or those without a CRS, have a
 * transform and no coordinates; files without either have nothing. Pure.
 */
export function geographyOf(plane: SourcePlane, timesMs: readonly number[]): Geography {
  const { crs, transform, size } = plane;
  if (crs !== null && transform !== null && isUpright(transform)) {
    const grid = { crs, transform, size };
    const geo = geoZarrAttributes(grid);
    const longitude = longitudeOf(grid);
    const days = longitude === null ? [] : [solarDayCoordinate(timesMs.map((ms) => solarDay(ms, longitude)))];
    return {
      group: geo,
      array: { grid_mapping: 'spatial_ref', _CRS: gdalCrs(crs), ...geo },
      coordinates: [...days, ...gridCoordinates(grid)],
    };
  }
  const place = placeAttributes({ crs, transform, size });
  if (crs === null) return { group: place, array: place, coordinates: [] };
  return {
    group: place,
    array: { grid_mapping: 'spatial_ref', _CRS: gdalCrs(crs), ...place },
    coordinates: [gridMapping(crs, plane)],
  };
}

/** Null where no way from the CRS to degrees is known: the pixels themselves need none. */
function longitudeOf(grid: Parameters<typeof middleLongitude>[0]): number | null {
  try {
    return middleLongitude(grid);
  } catch (error) {
    if (isCubeError(error, 'unsupported')) return null;
    throw error;
  }
}

function gridMapping(crs: Crs, { transform }: SourcePlane): CoordinateLayout {
  const { GeoTransform: placed, ...mapping } = gridMappingAttributes({
    crs,
    transform: transform ?? [1, 0, 0, 0, 1, 0],
  });
  return {
    name: 'spatial_ref',
    dtype: 'int32',
    dimensions: [],
    values: new Int32Array(1),
    attributes: transform === null ? mapping : { ...mapping, GeoTransform: placed! },
  };
}
