import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitContiguous } from '../../../src/raster/hdf5/contiguous.js';

describe('samples in one piece', () => {
  it('are read whole where they are few', () => {
    expect(splitContiguous([100, 200], 4, 80_000)).toEqual({ chunkShape: [100, 200], chunkBytes: 80_000, count: 1 });
    expect(splitContiguous([], 8, 8)).toEqual({ chunkShape: [], chunkBytes: 8, count: 1 });
  });

  it('are cut where the file has bytes behind the last chunk, else where chunks divide them', () => {
    const bytes = 1009 * 5000 * 2;
    const loose = { chunkShape: [104, 5000], chunkBytes: 1_040_000, count: 10 };
    expect(splitContiguous([1009, 5000], 2, bytes + 400_000)).toEqual(loose);
    expect(splitContiguous([1009, 5000], 2, bytes)).toEqual({ chunkShape: [1, 5000], chunkBytes: 10_000, count: 1009 });
  });

  it('lie in chunks one behind the other, every one once', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 });
    const property = fc.property(shapes, fc.constantFrom(1, 2, 8), fc.nat(2 ** 21), (shape, size, behind) => {
      const bytes = shape.reduce((product, length) => product * length, size);
      fc.pre(Number.isSafeInteger(bytes));
      const { chunkShape, chunkBytes, count } = splitContiguous(shape, size, bytes + behind);
      expect(chunkShape.reduce((product, length) => product * length, size)).toBe(chunkBytes);
      expect(chunkBytes).toBeLessThanOrEqual(2 ** 20);
      const grid = shape.map((length, d) => Math.ceil(length / chunkShape[d]!));
      expect(grid.reduce((product, length) => product * length, 1)).toBe(count);
      expect(count * chunkBytes).toBeLessThanOrEqual(bytes + behind);
      // Only the first dimension that is cut may have a chunk that reaches over its end.
      const cut = chunkShape.findIndex((length) => length !== 1);
      const over = shape.findIndex((length, d) => length % chunkShape[d]! !== 0);
      expect(over === -1 || (over === Math.max(cut, 0) && shape.slice(0, over).every((length) => length === 1))).toBe(
        true,
      );
    });
    fc.assert(property, { seed: 20_261_125, numRuns: 500 });
  });
});
