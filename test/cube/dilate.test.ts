import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dilate } from '../../src/cube/dilate.js';

function slowDilate(mask: Uint8Array, width: number, height: number, radius: { x: number; y: number }): Uint8Array {
  const near = (dx: number, dy: number): boolean => {
    const along = radius.x === 0 ? (dx === 0 ? 0 : Infinity) : dx / radius.x;
    const across = radius.y === 0 ? (dy === 0 ? 0 : Infinity) : dy / radius.y;
    return along ** 2 + across ** 2 <= 1 + 1e-12;
  };
  return mask.map((_, i) => {
    const [col, row] = [i % width, Math.floor(i / width)];
    for (let j = 0; j < width * height; j++) {
      if (mask[j] === 1 && near((j % width) - col, Math.floor(j / width) - row)) return 1;
    }
    return 0;
  });
}

describe('T7 dilation by a metric distance', () => {
  it('T7 equals the distance test on every pixel', () => {
    const radii = fc.constantFrom(0, 1, 1.5, 2, 2.9, 4, 5);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 99, maxLength: 99 }),
        radii,
        radii,
        (cells, x, y) => {
          const mask = Uint8Array.from(cells);
          expect(dilate(mask, { width: 11, height: 9 }, { x, y })).toEqual(slowDilate(mask, 11, 9, { x, y }));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('T7 a distance that is whole but for rounding is whole', () => {
    const around = (radius: { x: number; y: number }, side: number) => {
      const mask = new Uint8Array(side * side);
      mask[(side * side - 1) / 2] = 1;
      return { dilated: dilate(mask, { width: side, height: side }, radius), mask, side };
    };
    // 3-4-5 and 6-8-10: the half width of the row 4 (8) pixels away is 2.999999999999999 (5.999999999999998).
    for (const radius of [5, 10]) {
      const { dilated, mask, side } = around({ x: radius, y: radius }, 2 * radius + 3);
      expect(dilated).toEqual(slowDilate(mask, side, side, { x: radius, y: radius }));
      const [middle, dx, dy] = [radius + 1, (3 * radius) / 5, (4 * radius) / 5];
      expect(dilated[(middle + dy) * side + middle + dx]).toBe(1);
    }
    // 0.3 metres of pixels of 0.1 metres are 2.9999999999999996 pixels.
    const { dilated } = around({ x: 0.3 / 0.1, y: 0.3 / 0.1 }, 9);
    expect(dilated).toEqual(around({ x: 3, y: 3 }, 9).dilated);
    expect([dilated[4 * 9 + 1], dilated[9 + 4], dilated[4]]).toEqual([1, 1, 0]);
  });
});
