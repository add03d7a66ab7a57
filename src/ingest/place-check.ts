import { CubeError } from '../errors.js';
import type { CountryShapes } from './country-shapes.js';
import type { Feature } from './feature.js';

type Place = Pick<Feature, 'lon' | 'lat' | 'countryIso3'>;

/** Features of a file that are looked at: enough to tell what most of them are. */
const SAMPLE = 256;
/** Shares of them: what is true of as many is no matter of single rows, coarse borders or islands. */
const MOST = 0.9;
const FEW = 0.1;

/**
 * Looks whether features lie where they say: in their country, or else in any. What can only be swapped longitudes and latitudes is an error; what
 * is merely odd is told. `records` is how many there will be, about; `shapes` gives the countries, null where nobody has them.
 */
export class PlaceCheck {
  readonly #stride: number;
  readonly #sample: Place[] = [];
  readonly #shapes: () => Promise<CountryShapes | null>;
  #count = 0;

  constructor(records: number, shapes: () => Promise<CountryShapes | null>) {
    this.#shapes = shapes;
    this.#stride = Math.max(1, Math.ceil(records / SAMPLE));
  }

  add(features: readonly Place[]): void {
    for (const { lon, lat, countryIso3 } of features) {
      if (this.#count++ % this.#stride === 0) this.#sample.push({ lon, lat, countryIso3 });
    }
  }

  /** Warnings. Problem: `invalid-data` where hardly any feature lies in its country and nearly all do when they are swapped. */
  async warnings(url: string): Promise<string[]> {
    const shapes = this.#sample.length === 0 ? null : await this.#shapes();
    return shapes === null ? [] : findings(shapes, this.#sample, url);
  }
}

/** What is odd with places; see `PlaceCheck`. */
function findings(shapes: CountryShapes, sample: readonly Place[], url: string): string[] {
  const told = sample.filter(({ countryIso3 }) => countryIso3 !== null && shapes.has(countryIso3));
  const isInOwn = ({ lon, lat, countryIso3 }: Place) => shapes.contains(lon, lat, countryIso3!);
  const inside = told.filter(isInOwn).length;
  if (told.length > 0 && inside < told.length / 2) {
    const countries = [...new Set(told.map(({ countryIso3 }) => countryIso3!))].slice(0, 3).join(', ');
    const where = `${told.length - inside} of ${told.length} features that were looked at lie outside their country (${countries})`;
    const inverted = told.map(swapped).filter(isInOwn).length;
    if (inside > told.length * FEW || inverted < told.length * MOST) return [`${where}: is the CRS right?`];
    const what = `longitude and latitude look swapped: ${where}, ${inverted} inside when they are swapped; name the columns (x, y) or the CRS in the manifest`;
    throw new CubeError({ kind: 'invalid-data', url, what });
  }
  const isOnLand = ({ lon, lat }: Place) => shapes.contains(lon, lat);
  const atSea = sample.filter((place) => !isOnLand(place)).length;
  if (atSea <= sample.length / 2) return [];
  const inverted = sample.map(swapped).filter(isOnLand).length;
  if (inverted < sample.length * MOST) return [];
  return [
    `${atSea} of ${sample.length} features that were looked at lie in no country, ${inverted} do when longitude and latitude are swapped: are they?`,
  ];
}

function swapped({ lon, lat, countryIso3 }: Place): Place {
  return { lon: lat, lat: lon, countryIso3 };
}
