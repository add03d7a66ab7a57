import { describe, expect, it } from 'vitest';
import { readCountryShapes } from '../../src/ingest/country-shapes.js';
import { PlaceCheck } from '../../src/ingest/place-check.js';

type LonLat = readonly [lon: number, lat: number];

const GERMANY: readonly LonLat[] = [[13.4, 52.5], [11.6, 48.1], [7, 51], [10, 53.5]]; // prettier-ignore
const INDIA: readonly LonLat[] = [[78, 20], [77, 13], [72, 23], [80, 26]]; // prettier-ignore

function warningsOf(places: readonly LonLat[], countryIso3: string | null): Promise<string[]> {
  const check = new PlaceCheck(places.length, readCountryShapes);
  check.add(places.map(([lon, lat]) => ({ lon, lat, countryIso3 })));
  return check.warnings('file');
}

const swap = (places: readonly LonLat[]) => places.map(([lon, lat]): LonLat => [lat, lon]);

describe('where features lie', () => {
  it('refuses swapped axes of data that tell their country, which went in within 90 degrees where no extent was told', async () => {
    await expect(warningsOf(swap(GERMANY), 'DEU')).rejects.toThrow(/swapped: 4 of 4 .*outside their country \(DEU\)/);
    await expect(warningsOf(swap(INDIA), 'IND')).rejects.toThrow(/look swapped/);
  });

  it('says nothing of what is right', async () => {
    expect(await warningsOf(GERMANY, 'DEU')).toEqual([]);
    expect(await warningsOf(INDIA, null)).toEqual([]);
    // Across the antimeridian, on small islands, without a shape here, in Kosovo, and nowhere near a country but one.
    expect(await warningsOf([[179.5, 65.5], [-170, 66]], 'RUS')).toEqual([]); // prettier-ignore
    expect(await warningsOf([[14.4, 35.9], [55.5, -21.1], [-157.9, 21.4]], null)).toEqual([]); // prettier-ignore
    expect(await warningsOf([[55.5, -21.1]], 'REU')).toEqual([]);
    expect(await warningsOf([[21.1, 42.6]], 'XKX')).toEqual([]);
    expect(await warningsOf([], 'DEU')).toEqual([]);
  });

  it('tells what is odd and may be right', async () => {
    expect(await warningsOf(INDIA, 'DEU')).toEqual([
      '4 of 4 features that were looked at lie outside their country (DEU): is the CRS right?',
    ]);
    expect(await warningsOf(swap(INDIA), null)).toEqual([
      expect.stringContaining('lie in no country, 4 do when longitude and latitude are swapped'),
    ]);
    // One row more that is right, and the country is no matter of the axes.
    expect(await warningsOf([...swap(GERMANY), GERMANY[0]!], 'DEU')).toHaveLength(1);
  });

  it('looks at some of many, from the whole file', async () => {
    const right = Array.from({ length: 100_000 }, (): LonLat => [10, 51]);
    expect(await warningsOf([...right.slice(0, 300), ...swap(right)], 'DEU').catch(String)).toMatch(/of 2[45]\d feat/);
  });

  it('of a country are found in it and in no other', async () => {
    const shapes = (await readCountryShapes())!;
    expect(GERMANY.map(([lon, lat]) => shapes.contains(lon, lat, 'DEU'))).toEqual([true, true, true, true]);
    expect(shapes.contains(13.4, 52.5, 'POL')).toBe(false);
    expect([shapes.has('FRA'), shapes.has('ZZZ')]).toEqual([true, false]);
  });
});
