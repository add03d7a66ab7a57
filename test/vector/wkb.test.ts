import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Geometry } from '../../src/vector/label.js';
import { formatWkb, parseWkb } from '../../src/vector/wkb.js';
import { mutated, seeded } from './mutate.js';

const coordinate = fc.double({ noNaN: true, noDefaultInfinity: true });
const flat = (min: number, max: number) =>
  fc
    .array(fc.tuple(coordinate, coordinate), { minLength: min, maxLength: max })
    .map((pairs) => Float64Array.from(pairs.flat()));
const geometries: fc.Arbitrary<Geometry> = fc.oneof(
  flat(1, 5).map((points): Geometry => ({ kind: 'points', points })),
  fc
    .array(fc.array(flat(4, 8), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    .map((polygons): Geometry => ({ kind: 'polygons', polygons })),
);

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

describe('WKB', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(geometries, (geometry) => {
        expect(parseWkb(formatWkb(geometry))).toEqual(geometry);
      }),
    );
  });

  it('reads big-endian, Z, M, ZM and EWKB with an SRID, and drops the extra coordinates', () => {
    const xy = { kind: 'points', points: Float64Array.of(1, 2) };
    const [one, two, three] = ['3ff0000000000000', '4000000000000000', '4008000000000000'];
    expect(parseWkb(bytes(`00 00000001 ${one}${two}`))).toEqual(xy);
    expect(parseWkb(bytes(`00 000003e9 ${one}${two}${three}`))).toEqual(xy); // ISO Z
    expect(parseWkb(bytes(`00 00000bb9 ${one}${two}${three}${three}`))).toEqual(xy); // ISO ZM
    expect(parseWkb(bytes(`00 a0000001 000010e6 ${one}${two}${three}`))).toEqual(xy); // EWKB Z with SRID 4326
  });

  it('keeps the polygons of a collection and names what has no area', () => {
    const point = '01 01000000 000000000000f03f 0000000000000040';
    const line = '01 02000000 02000000 000000000000f03f 0000000000000040 0000000000000040 0000000000000040';
    const triangle = `01 03000000 01000000 04000000 ${'00'.repeat(16)} 000000000000f03f ${'00'.repeat(8)} 000000000000f03f 000000000000f03f ${'00'.repeat(16)}`;
    expect(parseWkb(bytes(`01 07000000 03000000 ${point} ${line} ${triangle}`)).kind).toBe('polygons');
    expect(parseWkb(bytes(`01 07000000 01000000 ${line}`))).toEqual({
      kind: 'unusable',
      reason: 'a geometry collection without polygons',
    });
    expect(parseWkb(bytes(line))).toMatchObject({ kind: 'unusable', reason: expect.stringContaining('LineString') });
    expect(parseWkb(bytes('01 06000000 00000000'))).toEqual({ kind: 'unusable', reason: 'empty geometry' });
  });

  it('takes no count on trust', () => {
    expect(parseWkb(bytes('01 03000000 ffffffff'))).toMatchObject({
      kind: 'unusable',
      reason: expect.stringContaining('corrupt'),
    });
    const deep = Buffer.from(`${'01 07000000 01000000'.replaceAll(' ', '').repeat(10_000)}`, 'hex');
    expect(parseWkb(deep)).toMatchObject({ kind: 'unusable', reason: expect.stringContaining('nested too deep') });
  });

  it('gives a value for 20,000 mutated inputs (seed 7)', () => {
    const random = seeded(7);
    const polygons = [
      [Float64Array.of(0, 0, 1, 0, 1, 1, 0, 0), Float64Array.of(0.1, 0.1, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1)],
      [Float64Array.of(5, 5, 6, 5, 6, 6, 5, 5)],
    ];
    const whole = formatWkb({ kind: 'polygons', polygons });
    for (let i = 0; i < 20_000; i++)
      expect(['polygons', 'points', 'unusable']).toContain(parseWkb(mutated(whole, random)).kind);
  });
});
