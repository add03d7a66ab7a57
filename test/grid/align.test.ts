import { describe, expect, it } from 'vitest';
import type { Affine } from '../../src/grid/affine.js';
import { pasteOffset } from '../../src/grid/align.js';

const at = (x: number, y: number, step = 10): Affine => [step, 0, x, 0, -step, y];

describe('G9 pasteOffset', () => {
  it('whole pixels apart is a copy for every kernel', () => {
    const expected = { scale: 1, col: 3, row: 2, shift: { x: 0, y: 0 } };
    expect(pasteOffset(at(130, 80), at(100, 100), false)).toEqual(expected);
    expect(pasteOffset(at(130, 80), at(100, 100), true)).toEqual(expected);
  });

  it('a shift below 0.05 pixel counts as none, above it only nearest copies and says so', () => {
    expect(pasteOffset(at(100.4, 100), at(100, 100), false)?.shift.x).toBeCloseTo(0.04);
    expect(pasteOffset(at(100.6, 100), at(100, 100), false)).toBeNull();
    expect(pasteOffset(at(104, 100), at(100, 100), true)).toEqual({
      scale: 1,
      col: 0,
      row: 0,
      shift: { x: 0.4, y: 0 },
    });
    expect(pasteOffset(at(106, 100), at(100, 100), true)).toMatchObject({ col: 1, shift: { y: 0 } });
  });

  it('on an exact edge the lower right pixel holds the centre', () => {
    // Tile 33TWL lies 833.5 rows below 33TWM.
    expect(pasteOffset(at(499980, 5200020, 120), at(499980, 5100000, 120), true)).toMatchObject({ col: 0, row: -833 });
    expect(pasteOffset(at(105, 95), at(100, 100), true)).toMatchObject({ col: 1, row: 1 });
    expect(pasteOffset(at(95, 105), at(100, 100), true)).toMatchObject({ col: 0, row: 0 });
    // Arithmetic noise does not move it.
    expect(pasteOffset(at(105 - 1e-9, 95 + 1e-9), at(100, 100), true)).toMatchObject({ col: 1, row: 1 });
  });

  it('whole multiples step through the source for nearest, with the same tie', () => {
    expect(pasteOffset(at(100, 100, 20), at(100, 100), true)).toEqual({
      scale: 2,
      col: 1,
      row: 1,
      shift: { x: -0.5, y: -0.5 },
    });
    expect(pasteOffset(at(100, 100, 30), at(100, 100), true)).toEqual({
      scale: 3,
      col: 1,
      row: 1,
      shift: { x: 0, y: 0 },
    });
    expect(pasteOffset(at(100, 100, 20), at(100, 100), false)).toBeNull();
  });

  it('R1 agrees with GDAL on 4 x 4 to 2 x 2: [[5, 7], [13, 15]]', () => {
    const paste = pasteOffset([20, 0, 0, 0, -20, 40], [10, 0, 0, 0, -10, 40], true)!;
    const picked = [0, 1].map((r) =>
      [0, 1].map((c) => 4 * (paste.row + paste.scale * r) + paste.col + paste.scale * c),
    );
    expect(picked).toEqual([
      [5, 7],
      [13, 15],
    ]);
  });

  it('anything else is warped', () => {
    expect(pasteOffset(at(0, 0, 5), at(0, 0), true)).toBeNull(); // finer than the source
    expect(pasteOffset(at(0, 0, 15), at(0, 0), true)).toBeNull();
    expect(pasteOffset([10, 0.001, 0, 0, -10, 0], at(0, 0), true)).toBeNull();
    expect(pasteOffset(at(0, 0), [10, 0, 0, 0, 10, 0], true)).toBeNull(); // source with y ascending
    expect(pasteOffset([10, 0, 0, 0, -20, 0], at(0, 0), true)).toBeNull(); // not the same multiple both ways
    expect(pasteOffset(at(NaN, 0), at(0, 0), true)).toBeNull();
  });

  it('a scale that is nearly right may not drift over the grid', () => {
    expect(pasteOffset(at(0, 0, 10.005), at(0, 0), false, { width: 50, height: 50 })).toMatchObject({ scale: 1 });
    expect(pasteOffset(at(0, 0, 10.005), at(0, 0), false, { width: 1000, height: 50 })).toBeNull();
    expect(pasteOffset(at(0, 0, 10.02), at(0, 0), true, { width: 1, height: 1 })).toBeNull();
  });
});
