import { describe, expect, it } from 'vitest';
import { DATA_TYPES, newSamples } from '../../src/grid/dtype.js';
import { holdsValue, holdsValueTwin } from '../../src/native/search.js';

describe('holdsValue', () => {
  it.each(DATA_TYPES)('finds %s samples wherever they are', (dtype) => {
    for (const length of [0, 1, 4095, 4096, 4097, 10_001]) {
      for (const at of [0, Math.floor(length / 2), length - 1]) {
        const samples = newSamples(dtype, length);
        if (at >= 0 && at < length)
          samples[at] = (samples instanceof BigInt64Array || samples instanceof BigUint64Array ? 9n : 9) as never;
        expect(holdsValue(samples, 9)).toBe(length > 0);
        expect(holdsValue(samples, 0)).toBe(length > 1);
        for (const other of [1, -1, 0.5, 265, 65_545, 1e300, NaN, Infinity])
          expect(holdsValue(samples, other)).toBe(false);
      }
    }
  });

  it('answers as the twin does', () => {
    const lists = [Float32Array.of(0.1, -0, NaN), Float64Array.of(0.1, NaN), Uint8Array.of(255), Int8Array.of(-1)];
    for (const samples of lists) {
      for (const value of [0.1, Math.fround(0.1), 0, -0, NaN, 255, -1, 256]) {
        expect(holdsValue(samples, value), `${samples.constructor.name} ${value}`).toBe(holdsValueTwin(samples, value));
      }
    }
  });
});
