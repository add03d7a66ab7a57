import { CubeError } from '../errors.js';
import type { Harmonised } from '../vector/harmonise.js';
import type { SourceTable } from '../vector/source-table.js';

type Extent = readonly [west: number, south: number, east: number, north: number];

/** How `prepareShape` tells a latitude that there is none; the latitude is the last word. */
const LATITUDE = 'latitude outside';

/**
 * Finds out whether longitudes and latitudes of a source are swapped: most of its records have latitudes that there are none, or lie
 * outside the extent that the manifest states and inside it once they are swapped.
 */
export class AxesCheck {
  readonly #table: SourceTable;
  readonly #extent: Extent | null;
  #rows = 0;
  #impossible = 0;
  #noDegrees = 0;
  #inside = 0;
  #inverted = 0;

  constructor(table: SourceTable, extent: Extent | null) {
    this.#table = table;
    this.#extent = extent;
  }

  add({ rows, quarantine }: Harmonised): void {
    this.#rows += rows.length;
    for (const { reason } of quarantine) {
      if (!reason.startsWith(LATITUDE)) continue;
      this.#impossible++;
      if (Math.abs(Number(reason.slice(reason.lastIndexOf(' ')))) > 180) this.#noDegrees++;
    }
    const extent = this.#extent;
    if (extent === null) return;
    for (const { lon, lat } of rows) {
      if (isInside(extent, lon, lat)) this.#inside++;
      if (isInside(extent, lat, lon)) this.#inverted++;
    }
  }

  /** Problem: `invalid-data` for a source that is swapped, or elsewhere. */
  assertRight(): void {
    const { url, records } = this.#table;
    if (this.#noDegrees > records.length / 2) {
      const what = `${this.#noDegrees} of ${records.length} records have coordinates that are no degrees`;
      throw new CubeError({ kind: 'invalid-data', url, what: `${what}: name their CRS in the manifest (crs)` });
    }
    if (this.#impossible > records.length / 2) {
      throw swapped(url, `${this.#impossible} of ${records.length} records have latitudes beyond 90 degrees`);
    }
    if (this.#extent === null || this.#rows === 0 || this.#inside >= this.#rows / 2) return;
    const where = `${this.#rows - this.#inside} of ${this.#rows} features lie outside the extent ${this.#extent.join(', ')}`;
    if (this.#inverted > this.#rows / 2) throw swapped(url, where);
    throw new CubeError({
      kind: 'invalid-data',
      url,
      what: `${where}: is the extent of the manifest right, and the CRS?`,
    });
  }
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
