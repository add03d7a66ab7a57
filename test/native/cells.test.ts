import { cellToBoundary, getPentagons, getRes0Cells, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { nativeCoverCells } from '../../src/native/cells.js';
import { seededRandom } from '../../src/sample/random.js';
import { h3Cells, h3Cover, h3Covers } from '../../src/vector/h3-cover.js';
import type { Geometry, Ring } from '../../src/vector/label.js';
import { thrown } from '../thrown.js';

const native = nativeCoverCells();
const RESOLUTIONS = Array.from({ length: 16 }, (_, resolution) => resolution);

/** A ring of 5 to 16 corners around a place, within ±180 and ±90. */
function star(random: () => number, [lon, lat]: readonly [number, number], radius: number): Ring {
  const count = 5 + Math.floor(12 * random());
  const xy = Array.from({ length: count }, (_, i) => {
    const [angle, reach] = [(2 * Math.PI * i) / count, radius * (0.3 + 0.7 * random())];
    const east = (reach * Math.cos(angle)) / Math.max(0.05, Math.cos((lat * Math.PI) / 180));
    return [Math.max(-180, Math.min(180, lon + east)), Math.max(-90, Math.min(90, lat + reach * Math.sin(angle)))];
  }).flat();
  return Float64Array.of(...xy, xy[0]!, xy[1]!);
}

/** Polygons from a hundredth of a cell to some cells wide: anywhere, at the corners of cells, at pentagons and where faces meet. */
function polygons(resolution: number, count: number): Geometry[] {
  const random = seededRandom(1000 + resolution);
  const cell = 12 / 2.6457 ** resolution; // about the diameter in degrees
  const corners = [...getPentagons(resolution), ...getRes0Cells().map((base) => centreOf(base, resolution))];
  return Array.from({ length: count }, (_, i) => {
    const kind = i % 4;
    const anywhere = [-180 + 360 * random(), (Math.asin(2 * random() - 1) * 180) / Math.PI] as const;
    const corner = cellToBoundary(corners[i % corners.length]!)[0]!;
    const place = kind === 0 ? ([corner[1], corner[0]] as const) : anywhere;
    const radius = Math.min(20, cell * 4 ** (4 * random() - 3));
    const outer = star(random, place, radius);
    const hole = kind === 1 ? [star(random, place, radius / 8)] : [];
    const more = kind === 2 ? [[star(random, [anywhere[0] / 2, anywhere[1] / 2], radius)]] : [];
    return { kind: 'polygons', polygons: [[outer, ...hole], ...more] };
  });
}

function centreOf(base: string, resolution: number): string {
  const [lat, lon] = cellToBoundary(base)[0]!;
  return latLngToCell(lat, lon, resolution);
}

describe.skipIf(native === null)('covers by the addon', () => {
  it.each(RESOLUTIONS)('have the cells of the twin at resolution %i', (resolution) => {
    const geometries = polygons(resolution, 240);
    const found = h3Covers(geometries, resolution, { coverCells: native, threads: 3 });
    for (const [i, cells] of found.entries()) {
      expect(cells, `polygon ${i}`).toEqual(h3Cover(geometries[i]!, resolution));
    }
  });

  it.each([1e-6, 1e-9])('may miss what edges graze by %d degrees, and no more', (grazeDegrees) => {
    const geometries = polygons(9, 200);
    const found = h3Covers(geometries, 9, { grazeDegrees, coverCells: native });
    expect(found).toEqual(geometries.map((geometry) => h3Cover(geometry, 9, grazeDegrees)));
  });

  it('are the same for any number of threads', () => {
    const geometries = polygons(9, 2000);
    const one = h3Covers(geometries, 9, { threads: 1 });
    for (const threads of [2, 7]) expect(h3Covers(geometries, 9, { threads })).toEqual(one);
  });

  it('of points are their cells', () => {
    const random = seededRandom(5);
    const points = Float64Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 360 : 180) * (random() - 0.5));
    for (const resolution of RESOLUTIONS) {
      const expected = Array.from({ length: points.length / 2 }, (_, i) =>
        BigInt(`0x${latLngToCell(points[2 * i + 1]!, points[2 * i]!, resolution)}`),
      );
      expect(h3Cells(points, resolution)).toEqual(expected);
    }
  });

  it('of many cells find room, between those of few', () => {
    const small = polygons(9, 40);
    const large: Geometry = { kind: 'polygons', polygons: [[Float64Array.of(10, 50, 11, 50, 11, 51, 10, 51, 10, 50)]] };
    const geometries = [...small.slice(0, 20), large, ...small.slice(20)];
    const found = h3Covers(geometries, 9);
    expect(found[20]!.length).toBeGreaterThan(70_000);
    expect(found).toEqual(geometries.map((geometry) => h3Cover(geometry, 9)));
  });

  it('of a polygon of very many cells are the twin’s', () => {
    const ring = Float64Array.of(10, 50, 13, 50, 13, 52, 10, 52, 10, 50);
    const large: Geometry = { kind: 'polygons', polygons: [[ring]] };
    const covers = h3Covers([large], 9, {
      coverCells: (geometries, options) => {
        expect(geometries).toEqual([]);
        return native!(geometries, options);
      },
    });
    expect(covers[0]!.length).toBeGreaterThan(400_000);
  });

  it.each([
    ['a longitude beyond 180', [181, 0, 182, 0, 182, 1, 181, 0], 9],
    ['a latitude beyond 90', [1, 90, 2, 91, 2, 90, 1, 90], 9],
    ['no number', [1, 1, NaN, 1, 2, 2, 1, 1], 9],
    ['a resolution that H3 has not', [1, 1, 1.1, 1, 1, 1.1, 1, 1], 16],
  ])('refuse %s', (_, ring, resolution) => {
    const geometry: Geometry = { kind: 'polygons', polygons: [[Float64Array.from(ring)]] };
    const options = { resolution, meanAreaM2: 1e5, grazeDegrees: 1e-9 };
    expect(thrown(() => native!([geometry], options))).toMatchObject({ kind: 'invalid-argument' });
  });
});
