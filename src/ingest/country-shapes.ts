import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bounds } from '../grid/affine.js';
import { unwrapPolygon } from '../vector/antimeridian.js';
import type { PolygonRings } from '../vector/label.js';
import { parseTopoJson } from '../vector/read-topojson.js';
import { boundsOf, locateInPolygon } from '../vector/ring-maths.js';
import { unitOf } from './enrich/admin-unit.js';
import { findPackage } from './package-folder.js';

/** A polygon of a country in continuous longitudes, which may pass 180. */
type Part = { readonly country: string | null; readonly rings: PolygonRings; readonly box: Bounds };

/** The countries of Natural Earth 1:10m, for a look at where something is: borders are right to a kilometre or so, Antarctica is none. */
export class CountryShapes {
  readonly #parts: readonly Part[];
  readonly #countries: ReadonlySet<string | null>;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
    this.#countries = new Set(parts.map(({ country }) => country));
  }

  has(country: string): boolean {
    return this.#countries.has(country);
  }

  /** Whether a place lies in a country, or in any. */
  contains(lon: number, lat: number, country?: string): boolean {
    return this.#parts.some(
      (part) =>
        (country === undefined || part.country === country) &&
        [lon, lon - 360, lon + 360].some((x) => isInBox(part.box, x, lat) && locateInPolygon(part.rings, x, lat) >= 0),
    );
  }
}

/** Read the countries of the package world-atlas; null where it is not installed. */
export async function readCountryShapes(): Promise<CountryShapes | null> {
  const folder = findPackage('world-atlas');
  if (folder === null) return null;
  const path = join(folder, 'countries-10m.json');
  const { records } = parseTopoJson(await readFile(path), { path, layer: 'countries' });
  const parts = records.flatMap((record): Part[] => {
    const country = unitOf(record)?.countryIso3 ?? null;
    if (record.geometry.kind !== 'polygons') return [];
    return record.geometry.polygons.flatMap((polygon) => {
      const found = unwrapPolygon(polygon);
      return found.kind === 'unusable' ? [] : [{ country, rings: found.rings, box: boundsOf(found.rings[0]!) }];
    });
  });
  return new CountryShapes(parts);
}

function isInBox({ xmin, ymin, xmax, ymax }: Bounds, x: number, y: number): boolean {
  return x >= xmin && x <= xmax && y >= ymin && y <= ymax;
}
