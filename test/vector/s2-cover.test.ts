import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { splitBox } from '../../src/stac/item-box.js';
import type { Geometry } from '../../src/vector/label.js';
import { isS2Token, s2CellRings, s2Cover, s2CoverSize, s2Token } from '../../src/vector/s2-cover.js';
import { box, star } from '../sites/shapes.js';
import { seeded } from './mutate.js';

// All expected values are those of s2geometry 0.14.0 for Python, Google's own C++:
// S2CellId(S2LatLng.FromDegrees(lat, lon)).parent(level).ToToken(), and of boxes the cells of S2RegionCoverer with that level fixed
// for an S2LatLngRect, as far as S2LatLngRect.Intersects(S2Cell) has them (the coverer alone takes cells by their bounds).

const LEVELS = [0, 3, 8, 13, 30];
const TOKENS: readonly [lon: number, lat: number, tokens: readonly string[]][] = [
  [-180, -90, ['b', 'b04', 'b0001', 'b0000004', 'b000000000000001']],
  [0, 90, ['5', '504', '50001', '50000004', '5000000000000001']],
  [180, 0, ['7', '6fc', '6ffff', '6ffffffc', '6fffffffffffffff']],
  [-180, 12.5, ['7', '7b4', '7b2cd', '7b2ccb34', '7b2ccb334b4d4b35']],
  [12.5, 41.9, ['1', '134', '132f7', '132f61a4', '132f61a414b295b7']],
  [-122.41, 37.77, ['9', '80c', '808f7', '808f7e2c', '808f7e2f2a15714b']],
  [139.69, 35.69, ['7', '604', '6018f', '6018f32c', '6018f32adfac9c37']],
  [45, 35.26, ['1', '154', '15555', '15555554', '15555555ffff87ff']],
  [-70.66, -33.45, ['9', '964', '9662d', '9662c504', '9662c507ab673c35']],
  [179.9999, -16.5, ['7', '6e4', '6e201', '6e200074', '6e200077fda4df6f']],
  [0.0001, 0.0001, ['1', '104', '10001', '10000004', '1000000000445545']],
  [-0.0001, -0.0001, ['1', '054', '05555', '05555554', '0555555555110011']],
];

/** How many tokens, the first of them, and the start of the SHA-256 of all with spaces between them. */
type Expected = readonly [count: number, first: string, hash: string];
const COVERS: readonly [
  what: string,
  box: readonly [number, number, number, number],
  level: number,
  cover: Expected,
][] = [
  ['a scene', [15.1, 46.2, 16.4, 47.2], 8, [18, '47655', '99672f68c509f2ce']],
  ['a box across the antimeridian', [179.3, -17.1, -178.9, -16.3], 8, [21, '6e1f1', '1a29e3f8fcf19a99']],
  ['all around the north pole', [-180, 87.3, 180, 90], 5, [12, '454c', '2f233571d09a22b2']],
  ['all around the south pole', [-180, -90, 180, -71.7], 4, [52, 'a45', '890ab90b8b8cf49a']],
  ['a box of continents', [-61, -11, 63, 71], 3, [98, '044', '574df37b7b0f6548']],
  ['the world', [-180, -90, 180, 90], 2, [96, '01', '07458c5d2c94f7ca']],
  ['a roof', [8.54, 47.37, 8.5402, 47.3701], 20, [8, '47900a00931', '518a84392545edac']],
  ['a strip', [-2.01, 51.003, 7.3, 51.004], 9, [51, '47bed4', '630ff475dfec5bc9']],
];

function boxOf(bounds: readonly [number, number, number, number]): Geometry {
  return { kind: 'polygons', polygons: splitBox(bounds).map((side) => box(...side)) };
}

describe('S2 tokens', () => {
  it('of points are those of s2geometry', () => {
    for (const [lon, lat, tokens] of TOKENS) expect(LEVELS.map((level) => s2Token(lon, lat, level))).toEqual(tokens);
  });

  it.each(COVERS)('of %s are those of s2geometry', (_, bounds, level, [count, first, hash]) => {
    const tokens = s2Cover(boxOf(bounds), level);
    expect([tokens.length, tokens[0]]).toEqual([count, first]);
    expect(createHash('sha256').update(tokens.join(' ')).digest('hex').slice(0, 16)).toBe(hash);
  });

  it('of a polygon are the cells of its points and no others, for edges that are straight in lon/lat', () => {
    const random = seeded(71);
    for (let i = 0; i < 30; i++) {
      const [lon, lat] = [-170 + 340 * random(), -80 + 160 * random()];
      const ring = star(random, lon, lat, { radiusM: 10 ** (2 + 3.5 * random()), vertices: 12 });
      const geometry: Geometry = { kind: 'polygons', polygons: [[ring]] };
      let level = 20;
      while (level > 0 && s2CoverSize(geometry, level) > 150) level--;
      const cover = new Set(s2Cover(geometry, level));
      const found = new Set<string>();
      for (let k = 0; k < 4000; k++) {
        // A star is seen from its centre: what lies between the centre and its outline is in it.
        const at = 2 * Math.floor(random() * 12);
        const [part, along] = [Math.sqrt(random()), random()];
        const edge = (axis: 0 | 1) => ring[at + axis]! + along * (ring[at + 2 + axis]! - ring[at + axis]!);
        found.add(s2Token(lon + part * (edge(0) - lon), lat + part * (edge(1) - lat), level));
      }
      expect([...found].filter((token) => !cover.has(token))).toEqual([]);
      // Cells that are cut by a corner may be missed by chance.
      expect(found.size / cover.size).toBeGreaterThan(0.85);
    }
  });

  it('of points are one each, and too many are refused', () => {
    const points: Geometry = { kind: 'points', points: Float64Array.of(12.5, 41.9, 12.5, 41.9, 45, 35.26) };
    expect(s2Cover(points, 8)).toEqual(['132f7', '15555']);
    expect(() => s2Cover(boxOf([0, 0, 10, 10]), 20)).toThrow(/more than 1000000 S2 cells of level 20/);
  });
});

describe('a cell of S2', () => {
  it('is told by its token as S2 writes it', () => {
    for (const token of ['1', 'b', '504', '132f7', '6fffffffffffffff']) expect(isS2Token(token)).toBe(true);
    for (const text of ['', 'X', '0', '10', 'd', '5040', '132f8a', 'g1', '841e15dffffffff1f', '132F7'])
      expect(isS2Token(text)).toBe(false);
  });

  it('has rings that hold its points, at poles and the antimeridian too', () => {
    const random = seeded(72);
    const tokens = TOKENS.flatMap(([, , [, ...finer]]) => finer.slice(0, 3));
    for (const token of [...tokens, '1', '5', '7', 'b', '54', '6c']) {
      const rings = s2CellRings(token);
      const lons = rings.flat().map(([lon]) => lon);
      const lats = rings.flat().map(([, lat]) => lat);
      expect(rings.every((ring) => ring.length > 200 && String(ring[0]) === String(ring.at(-1)))).toBe(true);
      // Points a little inside of the ring, towards the mean of its vertices, are the cell's.
      for (const ring of rings) {
        if (Math.max(...lons) - Math.min(...lons) > 180 || Math.max(...lats.map(Math.abs)) > 89) continue;
        const [x, y] = [0, 1].map((axis) => ring.reduce((sum, at) => sum + at[axis as 0 | 1], 0) / ring.length);
        for (const [lon, lat] of ring) {
          const part = 0.999 * random();
          const level = token.length === 1 ? 0 : levelOf(token);
          expect(s2Token(x! + part * (lon - x!), y! + part * (lat - y!), level)).toBe(token);
        }
      }
    }
  });

  it('with a side on the antimeridian lies on its side of it, and one at a pole reaches it', () => {
    const polar = s2CellRings(s2Token(10, 89.9, 4))[0]!;
    expect(polar.filter(([, lat]) => lat === 90).map(([lon]) => lon)).toEqual([
      expect.closeTo(90, 6),
      expect.closeTo(0, 6),
    ]);
    expect(s2CellRings(s2Token(179.9, 10, 5))[0]!.every(([lon]) => lon > 0)).toBe(true);
    expect(s2CellRings(s2Token(-179.9, 10, 5))[0]!.every(([lon]) => lon < 0)).toBe(true);
  });
});

/** By the lowest bit of the token that is set: two bits a level, from the third on. */
function levelOf(token: string): number {
  let id = BigInt(`0x${token.padEnd(16, '0')}`);
  let zeros = 0;
  for (; (id & 1n) === 0n; id >>= 1n) zeros++;
  return 30 - zeros / 2;
}
