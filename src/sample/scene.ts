import { smoothNoise, terrain } from './random.js';

/** A made-up place where UTM zones 32 and 33 meet, with fields, a little water, and solar farms. */
export const SAMPLE_SEED = 20_240_607;
/** Where the sample lies, on the edge between two UTM zones. */
export const SAMPLE_CENTRE = { lon: 12, lat: 48.2 };
/** When the sample's scenes were taken. */
export const SAMPLE_DATES = [
  '2024-06-07T10:16:21.000Z',
  '2024-06-17T10:16:19.000Z',
  '2024-06-27T10:16:22.000Z',
] as const;
/** The sample's bands; the last holds classes. */
export const SAMPLE_BANDS = ['blue', 'green', 'red', 'nir', 'scl'] as const;
/** Name of a band of the sample. */
export type SampleBand = (typeof SAMPLE_BANDS)[number];

/** Digital numbers (reflectance × 10,000) of dark panels, and of fields at full growth. */
const PANELS: Readonly<Record<SampleBand, number>> = { blue: 620, green: 640, red: 660, nir: 1150, scl: 5 };
const FIELDS: Readonly<Record<SampleBand, number>> = { blue: 420, green: 780, red: 560, nir: 3600, scl: 4 };
const SOIL: Readonly<Record<SampleBand, number>> = { blue: 900, green: 1250, red: 1600, nir: 2300, scl: 5 };
const CLOUD: Readonly<Record<SampleBand, number>> = { blue: 6800, green: 6700, red: 6600, nir: 6900, scl: 9 };
const SHADOW = 0.45;

/** What the ground looks like at a place on a date, one value a band; the same wherever it is sampled from, so that tiles agree. */
export function groundValues(
  lon: number,
  lat: number,
  date: number,
  panels: boolean,
): Readonly<Record<SampleBand, number>> {
  const { x, y } = localKilometres(lon, lat);
  const cloud = cloudAt(x, y, date);
  if (cloud > CLOUD_EDGE) {
    const bright = Math.round(300 * texture(x, y, 9));
    return {
      blue: CLOUD.blue + bright,
      green: CLOUD.green + bright,
      red: CLOUD.red + bright,
      nir: CLOUD.nir + bright,
      scl: CLOUD.scl,
    };
  }
  const light = cloudAt(x - 0.4, y - 0.5, date) > CLOUD_EDGE ? SHADOW : 1;
  const growth = terrain(x / 1.7, y / 1.7, SAMPLE_SEED) * (1 - 0.12 * date);
  const green = Math.min(1, Math.max(0, (growth - 0.3) / 0.4));
  const grain = (panels ? 40 : 260) * (texture(x, y, 3) - 0.5);
  const value = (band: SampleBand) => {
    const base = panels ? PANELS[band] : SOIL[band] + (FIELDS[band] - SOIL[band]) * green;
    return Math.max(1, Math.round((base + grain) * light));
  };
  const classes = light < 1 ? 3 : panels || growth < 0.38 ? 5 : 4;
  return { blue: value('blue'), green: value('green'), red: value('red'), nir: value('nir'), scl: classes };
}

const CLOUD_EDGE = 0.6;

function cloudAt(x: number, y: number, date: number): number {
  return terrain((x + 17 * date) / 3.5, (y - 9 * date) / 3.5, SAMPLE_SEED + 100 + date);
}

function texture(x: number, y: number, seed: number): number {
  return smoothNoise(x * 40, y * 40, SAMPLE_SEED + seed);
}

/** Kilometres east and north of the centre, on a plane that touches there; enough for a picture. */
export function localKilometres(lon: number, lat: number): { x: number; y: number } {
  const perDegree = 111.195;
  return {
    x: (lon - SAMPLE_CENTRE.lon) * perDegree * Math.cos((SAMPLE_CENTRE.lat * Math.PI) / 180),
    y: (lat - SAMPLE_CENTRE.lat) * perDegree,
  };
}

/** Degrees of a place given in kilometres from the centre. */
export function fromLocalKilometres(x: number, y: number): { lon: number; lat: number } {
  const perDegree = 111.195;
  return {
    lon: SAMPLE_CENTRE.lon + x / (perDegree * Math.cos((SAMPLE_CENTRE.lat * Math.PI) / 180)),
    lat: SAMPLE_CENTRE.lat + y / perDegree,
  };
}
