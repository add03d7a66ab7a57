import { CubeError } from '../errors.js';
import type { Harmonised } from '../vector/harmonise.js';
import type { SourceTable } from '../vector/source-table.js';

type Extent = readonly [west: number, south: number, east: number, north: number];

/**
 * Refuse a source whose longitudes and latitudes are swapped: most of its records have latitudes that there are none, or lie
 * outside the extent that the manifest states and inside it once they are swapped. Problem: `invalid-data`.
 */
export function assertAxes(table: SourceTable, found: Harmonised, extent: Extent | null): void {
  const impossible = found.quarantine.filter(({ reason }) => reason.startsWith('latitude outside')).length;
  if (impossible > table.records.length / 2) {
    throw swapped(table.url, `${impossible} of ${table.records.length} records have latitudes beyond 90 degrees`);
  }
  if (extent === null || found.rows.length === 0) return;
  const inside = found.rows.filter(({ lon, lat }) => isInside(extent, lon, lat)).length;
  const inverted = found.rows.filter(({ lon, lat }) => isInside(extent, lat, lon)).length;
  if (inside >= found.rows.length / 2) return;
  const where = `${found.rows.length - inside} of ${found.rows.length} features lie outside the extent ${extent.join(', ')}`;
  if (inverted > found.rows.length / 2) throw swapped(table.url, where);
  throw new CubeError({
    kind: 'invalid-data',
    url: table.url,
    what: `${where}: is the extent of the manifest right, and the CRS?`,
  });
}

function isInside([west, south, east, north]: Extent, lon: number, lat: number): boolean {
  const inLon = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  return inLon && lat >= south && lat <= north;
}

function swapped(url: string, what: string): CubeError {
  return new CubeError({
    kind: 'invalid-data',
    url,
    what: `longitude and latitude look swapped: ${what}; name the columns (x, y) or the CRS in the manifest`,
  });
}
