import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LonLatBox } from '../../src/stac/item-box.js';
import { growBox, sidesOf } from '../../src/vector/grow-box.js';
import { pythonWithOracles, runPython } from '../python.js';
import { seeded } from './mutate.js';

const ENDS = fileURLToPath(new URL('geodesic_ends.py', import.meta.url));
const ROUNDING = 1e-12;

/** Small and large boxes all over the world; every third one within a degree of a pole, every fifth at the antimeridian. */
function boxesOf(count: number): { readonly box: LonLatBox; readonly metres: number }[] {
  const random = seeded(41);
  return Array.from({ length: count }, (_, i) => {
    const size = 10 ** (-6 + 7 * random());
    const south = i % 3 === 0 ? (random() < 0.5 ? -90 : 89) + random() : -90 + 180 * random();
    const west = i % 5 === 0 ? 180 - size * random() : -180 + 360 * random();
    const box: LonLatBox = [west, south, Math.min(west + size, west + 359), Math.min(90, south + size * random())];
    return { box, metres: 10 ** (-3 + 9 * random()) };
  });
}

function holds(box: LonLatBox, [lon, lat]: readonly [number, number]): boolean {
  return sidesOf(box).some(
    ([west, south, east, north]) =>
      lat >= south - ROUNDING && lat <= north + ROUNDING && lon >= west - ROUNDING && lon <= east + ROUNDING,
  );
}

describe.skipIf(pythonWithOracles() === null)('a box grown by metres', () => {
  it('holds every place that PROJ reaches from it by geodesics of that length, at poles and the antimeridian too', async () => {
    const random = seeded(42);
    const walks = boxesOf(2000).flatMap(({ box, metres }) => {
      const grown = growBox(box, metres);
      return Array.from({ length: 12 }, (_, k) => {
        const along = [0, 1, random()][k % 3]!;
        const up = [0, 1, random()][(k >> 1) % 3]!;
        const lon = box[0] + along * (box[2] - box[0]);
        const lat = box[1] + up * (box[3] - box[1]);
        const azimuth = k < 4 ? 90 * k : 360 * random();
        return { grown, line: [lon, lat, azimuth, metres * (k % 4 === 3 ? random() : 1)] };
      });
    });
    const ends = (await runPython(ENDS, [], JSON.stringify(walks.map(({ line }) => line)))) as [number, number][];
    const outside = walks.filter(({ grown }, i) => !holds(grown, ends[i]!));
    expect(ends).toHaveLength(24_000);
    expect(outside).toEqual([]);
  });

  it('is hardly larger: a hundredth of the metres away from the poles', async () => {
    const places = Array.from({ length: 17 }, (_, i) => -80 + 10 * i);
    const lines = places.flatMap((lat) => [0, 90, 180, 270].map((azimuth) => [20, lat, azimuth, 1000]));
    const ends = (await runPython(ENDS, [], JSON.stringify(lines))) as [number, number][];
    for (const [i, lat] of places.entries()) {
      const [west, south, east, north] = growBox([20, lat, 20, lat], 1000);
      const [n, e, s, w] = ends.slice(4 * i, 4 * i + 4) as [number, number][] & { length: 4 };
      for (const [grown, reached] of [
        [north! - lat, n![1] - lat],
        [east! - 20, e![0] - 20],
        [lat - south!, lat - s![1]],
        [20 - west!, 20 - w![0]],
      ] as const) {
        expect(grown / reached).toBeGreaterThan(1);
        expect(grown / reached).toBeLessThan(1.0105);
      }
    }
  });
});

describe('the sides of a grown box', () => {
  it('are all longitudes where the pole is in reach, and end there', () => {
    expect(growBox([10, 89.9995, 10.1, 89.9996], 100)).toEqual([-180, expect.closeTo(89.9986, 4), 180, 90]);
    expect(growBox([10, -89.9, 10.1, -89.8], 20_000)).toEqual([-180, -90, 180, expect.closeTo(-89.619, 3)]);
    expect(growBox([10, 0, 10.1, 1], 3e7)).toEqual([-180, -90, 180, 90]);
    const [west, , east] = growBox([10, 89.9, 10.1, 89.9], 1000);
    expect(east - west).toBeLessThan(20);
  });

  it('are two where it reaches across the antimeridian, and none is added to what only touches it', () => {
    const [west, south, east, north] = growBox([179.999, 0, 180, 1], 200);
    expect(sidesOf([west, south, east, north])).toEqual([
      [-180, south, east - 360, north],
      [west, south, 180, north],
    ]);
    expect(sidesOf([170, 0, 180, 1])).toEqual([[170, 0, 180, 1]]);
    expect(sidesOf([170, 0, 190, 1])).toEqual([
      [-180, 0, -170, 1],
      [170, 0, 180, 1],
    ]);
    expect(sidesOf([180, 5, 180, 5])).toEqual([
      [-180, 5, -180, 5],
      [180, 5, 180, 5],
    ]);
    expect(sidesOf([-300, 0, 300, 1])).toEqual([[-180, 0, 180, 1]]);
  });

  it('leaves a box as it is for no metres', () => {
    expect(growBox([1, 2, 3, 4], 0)).toEqual([1, 2, 3, 4]);
  });
});
