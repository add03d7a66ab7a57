import type { GeographicModel } from './crs-model.js';
import { METRE } from './crs-model.js';
import { lookUpEpsg } from './epsg.js';
import { formatWkt } from './format-wkt.js';

type EsriCode = {
  readonly name: string;
  readonly base: number;
  readonly method: string;
  /** In the order of the method, degrees and metres. */
  readonly values: readonly number[];
};

/** Systems that ESRI's codes name (also under the name of EPSG) in open data; EPSG has no equal of them. */
const CODES: Readonly<Record<number, EsriCode>> = {
  54008: { name: 'World_Sinusoidal', base: 4326, method: 'sinu', values: [0, 0, 0] },
  54009: { name: 'World_Mollweide', base: 4326, method: 'moll', values: [0, 0, 0] },
  54017: { name: 'World_Behrmann', base: 4326, method: 'cea', values: [30, 0, 0, 0] },
  54030: { name: 'World_Robinson', base: 4326, method: 'robin', values: [0, 0, 0] },
  54034: { name: 'World_Cylindrical_Equal_Area', base: 4326, method: 'cea', values: [0, 0, 0, 0] },
  102001: { name: 'Canada_Albers_Equal_Area_Conic', base: 4269, method: 'aea', values: [40, -96, 50, 70, 0, 0] },
  102003: {
    name: 'USA_Contiguous_Albers_Equal_Area_Conic',
    base: 4269,
    method: 'aea',
    values: [37.5, -96, 29.5, 45.5, 0, 0],
  },
  102008: { name: 'North_America_Albers_Equal_Area_Conic', base: 4269, method: 'aea', values: [40, -96, 20, 60, 0, 0] },
};

/** WKT of an ESRI code, or null when it is not one of those that we know. */
export function esriWkt(code: number): string | null {
  const entry = CODES[code];
  if (entry === undefined) return null;
  const base = geographic(entry.base);
  if (base === null) return null;
  const conversion = { name: entry.name, method: entry.method, values: entry.values };
  return formatWkt({ kind: 'projected', name: entry.name, code: null, base, conversion, unit: METRE, axes: 'en' });
}

function geographic(code: number): GeographicModel | null {
  const found = lookUpEpsg(code);
  return found.kind === 'known' && found.model.kind === 'geographic' ? found.model : null;
}
