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
});
