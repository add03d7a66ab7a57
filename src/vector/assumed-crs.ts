import { crsDefinition } from '../grid/crs-definition.js';
import type { Crs } from '../grid/crs.js';
import { coordinateArrays } from './raw-geometry.js';
import { crsIfAbsent, LON_LAT } from './source-crs.js';
import type { SourceOptions, SourceRecord } from './source-table.js';

/** A CRS, and what is odd about it. */
export type AssumedCrs = { readonly crs: Crs; readonly warnings: readonly string[] };

/**
 * The CRS of a file that says none, of a format whose coordinates are lon/lat by its standard: what files without one are told to have, else
 * OGC:CRS84. A system in metres for coordinates that all are degrees is one that somebody took for the data's own before it was
 * published: it is told, and not used.
 */
export function assumeCrs(options: SourceOptions, records: readonly SourceRecord[]): AssumedCrs {
  const told = crsIfAbsent(options);
  if (told === null) return { crs: LON_LAT, warnings: [] };
  if (crsDefinition(told).geographic || !allDegrees(records)) return { crs: told, warnings: [] };
  const warning = `all coordinates are degrees, which ${options.crsIfAbsent ?? ''} does not have: taken for longitude and latitude`;
  return { crs: LON_LAT, warnings: [warning] };
}

/** Whether every coordinate could be a longitude and a latitude, and there is one that is not 0, 0. */
function allDegrees(records: readonly SourceRecord[]): boolean {
  let isSomewhere = false;
  for (const { geometry } of records) {
    if (geometry.kind === 'unusable') continue;
    for (const array of coordinateArrays(geometry)) {
      for (let i = 0; i + 1 < array.length; i += 2) {
        const [x, y] = [array[i]!, array[i + 1]!];
        if (Math.abs(x) > 180 || Math.abs(y) > 90) return false;
        isSomewhere ||= x !== 0 || y !== 0;
      }
    }
  }
  return isSomewhere;
}
