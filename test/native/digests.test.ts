import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeDigestGeometries, type DigestGeometries } from '../../src/native/digests.js';
import type { PlaneGeometry } from '../../src/native/flat-geometries.js';
import { digestGeometriesTwin } from '../../src/vector/feature-uid.js';
import { thrown } from '../thrown.js';

const native = nativeDigestGeometries();
const implementations: readonly (readonly [string, DigestGeometries])[] = [
  ['twin', digestGeometriesTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];
const ring = (...xy: number[]) => Float64Array.from(xy);
const polygon = (...rings: Float64Array[]): PlaneGeometry => ({ kind: 'polygons', polygons: [rings] });

describe.each(implementations)('digests by the %s', (_, digest) => {
  const one = (geometry: PlaneGeometry, decimals: number, prefix: string | null = null, suffix = ''): string =>
    digest({
      geometries: [geometry],
      decimals: Uint8Array.of(decimals),
      prefixes: prefix === null ? null : [prefix],
      suffix,
    })[0]!;
  const sha = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

  it('are SHA-256 of prefix, normalised text and suffix', () => {
    const square = ring(1, 1, 1, 0, 0, 0, 0, 1, 1, 1); // clockwise
    expect(one(polygon(square), 1, '["Ωß",7,"', '"]')).toBe(sha('["Ωß",7,"a0,0;1.0,0;1.0,1.0;0,1.0"]'));
    const hole = ring(0.5, 0.5, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5);
    expect(one(polygon(square, hole), 2)).toBe(sha('a0,0;1.00,0;1.00,1.00;0,1.00/0.25,0.25;0.50,0.50;0.25,0.50'));
    expect(one({ kind: 'points', points: ring(9, 8, -0.001, 7) }, 2)).toBe(sha('p0,7.00;9.00,8.00'));
    expect(one({ kind: 'unusable' }, 9, 'x', 'y')).toBe(sha('xy'));
    expect(one({ kind: 'polygons', polygons: [] }, 9)).toBe(sha('a'));
  });

  it.each([
    [0.0009765625, 9, '0.000976563'],
    [-0.0009765625, 9, '-0.000976563'],
    [2.5, 0, '3'],
    [1.005, 2, '1.00'],
    [-1e-12, 9, '0'],
    [5e-324, 9, '0'],
    [123456789.98765433, 4, '123456789.9877'],
    [999999999999999900000, 9, '999999999999999868928.000000000'],
    [1e21, 9, '1e+21'],
    [-1.25e300, 9, '-1.25e+300'],
    [NaN, 4, 'NaN'],
    [-Infinity, 4, '-Infinity'],
  ])('write %d with %i decimals as %s', (value, decimals, text) => {
    expect(one({ kind: 'points', points: ring(value, 0) }, decimals)).toBe(sha(`p${text},0`));
  });

  it('are the same however a ring is written', () => {
    const forward = ring(0, 0, 4, 0, 4, 4, 2, 6, 0, 4, 0, 0);
    const others = [
      ring(4, 4, 2, 6, 0, 4, 0, 0, 4, 0, 4, 4),
      ring(0, 0, 0, 4, 2, 6, 4, 4, 4, 0, 0, 0),
      forward.subarray(0, 10),
    ];
    for (const other of others) expect(one(polygon(other), 6)).toBe(one(polygon(forward), 6));
  });
});

describe.skipIf(native === null)('digests', () => {
  const coordinate = fc.oneof(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.double({ min: -1e7, max: 1e7, noNaN: true }),
    fc.double(),
    fc.integer({ min: -4096, max: 4096 }).map((value) => value / 1024),
    fc.integer({ min: -2, max: 2 }),
  );
  const xy = (most: number) =>
    fc.array(fc.tuple(coordinate, coordinate), { maxLength: most }).map((points) => Float64Array.from(points.flat()));
  const geometry: fc.Arbitrary<PlaneGeometry> = fc.oneof(
    fc.constant({ kind: 'unusable' as const }),
    xy(6).map((points) => ({ kind: 'points' as const, points })),
    fc
      .array(fc.array(xy(9), { minLength: 1, maxLength: 3 }), { maxLength: 3 })
      .map((polygons) => ({ kind: 'polygons' as const, polygons })),
  );

  it('of addon and twin are equal for any geometry', () => {
    const request = fc.array(fc.tuple(geometry, fc.integer({ min: 0, max: 9 }), fc.string({ unit: 'binary' })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(request, (all) => {
        const asked = {
          geometries: all.map(([one]) => one),
          decimals: Uint8Array.from(all, ([, decimals]) => decimals),
          prefixes: all.map(([, , prefix]) => prefix),
          suffix: '"]',
        };
        expect(native!(asked)).toEqual(digestGeometriesTwin(asked));
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('are refused for what does not fit', () => {
    const geometries = [polygon(ring(0, 0, 1, 0, 1, 1))];
    const refused = (decimals: Uint8Array, prefixes: string[] | null) =>
      thrown(() => native!({ geometries, decimals, prefixes, suffix: '' }));
    expect(refused(Uint8Array.of(10), null)).toMatchObject({ kind: 'invalid-argument' });
    expect(refused(new Uint8Array(2), null)).toMatchObject({ kind: 'invalid-argument' });
    expect(refused(new Uint8Array(1), ['a', 'b'])).toMatchObject({ kind: 'invalid-argument' });
  });
});
