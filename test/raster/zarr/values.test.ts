import { assert as fcAssert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTimes, isTimeUnits, parseTimeUnits } from '../../../src/raster/zarr/cf-time.js';
import { parseFillValue } from '../../../src/raster/zarr/fill-value.js';
import { halfToNumber, numberToHalf } from '../../../src/raster/zarr/half.js';
import { parseMetadataJson } from '../../../src/raster/zarr/json.js';

const json = (text: string) => parseMetadataJson(new TextEncoder().encode(text), 'memory:x');

describe('metadata documents', () => {
  it('may hold the bare NaN and Infinity that Python writes', () => {
    expect(json('{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, \\" Infinity"}')).toEqual({
      a: 'NaN',
      b: ['-Infinity', 'Infinity'],
      c: 'NaN, " Infinity',
    });
  });

  it('keep 64-bit integers, and numbers that only look like them', () => {
    expect(
      json('{"a":-9223372036854775808,"b":0.1234567890123456,"c":1234567890123456,"d":"9223372036854775807"}'),
    ).toEqual({
      a: '-9223372036854775808',
      b: 0.1234567890123456,
      c: 1234567890123456,
      d: '9223372036854775807',
    });
  });

  it('are objects', () => {
    expect(() => json('[1]')).toThrow(/JSON object/);
    expect(() => json('{"a":')).toThrow(/not JSON/);
  });
});

describe('fill values', () => {
  it('are parsed by type', () => {
    expect(parseFillValue('NaN', 'float32')).toBeNaN();
    expect(parseFillValue('-Infinity', 'float64')).toBe(-Infinity);
    expect(parseFillValue('0x7fc00000', 'float32')).toBeNaN();
    expect(parseFillValue('0x3f800000', 'float32')).toBe(1);
    expect(parseFillValue('0x3c00', 'float16')).toBe(1);
    expect(parseFillValue('AAAAAAAA8D8=', 'float64')).toBe(1);
    expect(parseFillValue(0.1, 'float32')).toBe(Math.fround(0.1));
    expect(parseFillValue('-9223372036854775808', 'int64')).toBe(-(2n ** 63n));
    expect(parseFillValue(7, 'uint64')).toBe(7n);
    expect(parseFillValue(true, 'bool')).toBe(1);
    expect(parseFillValue(null, 'int16')).toBe(0);
    expect(parseFillValue(null, 'int64')).toBe(0n);
  });

  it('that do not fit the type are not guessed', () => {
    for (const [value, dtype] of [
      [256, 'uint8'],
      [-1, 'uint16'],
      [1.5, 'int32'],
      ['NaN', 'int32'],
      ['18446744073709551616', 'uint64'],
      ['0x7fc0', 'float32'],
      ['ja', 'float32'],
      [{}, 'float64'],
      [2, 'bool'],
    ] as const) {
      expect(parseFillValue(value, dtype)).toBeUndefined();
    }
  });
});

describe('halves', () => {
  it('survive both ways', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = halfToNumber(bits);
      if (!Number.isNaN(value)) expect(numberToHalf(value)).toBe(bits);
    }
    expect(numberToHalf(NaN)).toBe(0x7e00);
  });

  it('are the nearest, ties to even', () => {
    const near = double({ min: -70_000, max: 70_000, noNaN: true });
    fcAssert(
      property(near, (value) => {
        const bits = numberToHalf(value);
        const rounded = halfToNumber(bits);
        if (Math.abs(value) >= 65_520) {
          expect(rounded).toBe(Math.sign(value) * Infinity);
          return;
        }
        for (const neighbour of [bits - 1, bits + 1].filter((other) => other >> 10 === bits >> 10)) {
          const [ours, other] = [rounded, halfToNumber(neighbour)].map((half) => Math.abs(half - value));
          expect(ours! < other! || (ours === other && bits % 2 === 0)).toBe(true);
        }
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe('CF times', () => {
  const days = (text: string, calendar = 'standard') => parseTimeUnits(text, calendar)!.referenceMs / 86_400_000;

  it('have references in many forms', () => {
    expect(days('days since 1970-01-01')).toBe(0);
    expect(days('days since 2000-1-1 00:00:0.0')).toBe(10_957);
    expect(days('days since 1900-01-01T00:00:00Z')).toBe(-25_567);
    expect(days('hours since 1970-01-01 12:00')).toBe(0.5);
    expect(days('seconds since 1970-01-01 00:00:00 -6:00')).toBe(0.25);
    expect(days('days since 1970-01-02 UTC')).toBe(1);
  });

  it('are Julian before 15 October 1582 in the mixed calendar', () => {
    expect(days('days since 1582-10-15')).toBe(-141_427);
    expect(days('days since 1582-10-04')).toBe(-141_428);
    expect(days('days since 0001-01-01')).toBe(-719_164);
    expect(days('days since 0001-01-01', 'proleptic_gregorian')).toBe(-719_162);
  });

  it('are exact milliseconds, from floats and from 64-bit integers', () => {
    const decode = (units: string, values: Parameters<typeof decodeTimes>[0]) =>
      decodeTimes(values, parseTimeUnits(units, 'gregorian')!);
    expect(decode('days since 1970-01-01', Float64Array.of(0, 0.5, 19_000.25))).toEqual([
      0, 43_200_000, 1_641_621_600_000,
    ]);
    expect(decode('nanoseconds since 1970-01-01', BigInt64Array.of(1_700_000_000_123_456_789n, -1_500_000n))).toEqual([
      1_700_000_000_123, -1,
    ]);
    expect(decode('milliseconds since 1970-01-01', BigInt64Array.of(1_690_000_000_001n))).toEqual([1_690_000_000_001]);
    expect(decode('hours since 1900-01-01', Int32Array.of(1_000_000))).toEqual([1_391_011_200_000]);
    expect(decode('days since 1970-01-01', Float64Array.of(NaN))).toBeNull();
  });

  it('of other calendars and of units without a length are not read', () => {
    expect(parseTimeUnits('days since 2000-01-01', 'noleap')).toBeNull();
    expect(parseTimeUnits('months since 2000-01-01', 'standard')).toBeNull();
    expect(parseTimeUnits('days since 2000-13-01', 'standard')).toBeNull();
    expect(parseTimeUnits('days since yesterday', 'standard')).toBeNull();
    expect([isTimeUnits('hours'), isTimeUnits('m'), isTimeUnits('hours since 2000-01-01')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
