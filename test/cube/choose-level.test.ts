import { describe, expect, it } from 'vitest';
import { chooseLevel } from '../../src/cube/choose-level.js';
import { buildTiny, listOf, tinyBand, tinyCandidate, tinyLevel, tinySpec } from './tiny-cube.js';

/** Levels of 64, 32, 16 and 8 pixels; every pixel holds 10, 20, 30 and 40. */
function pyramid() {
  return [64, 32, 16, 8].map((width, i) =>
    tinyLevel({ dtype: 'uint8', width, height: width, pixel: 64 / width, value: () => 10 * (i + 1) }),
  );
}

/** A validity mask of a level: 0 in the left half. */
function maskOf(width: number) {
  return tinyLevel({
    dtype: 'uint8',
    width,
    height: width,
    pixel: 64 / width,
    value: (col) => (col < width / 2 ? 0 : 255),
  });
}

describe('R7 the level that is read', () => {
  it('R7 is the coarsest whose pixels are no larger than those of the target', () => {
    const { raster } = tinyBand(pyramid());
    const levelAt = (scale: number) => chooseLevel(raster, { x: scale, y: scale }, false);
    expect([0.5, 1, 1.9, 2, 3, 4, 7.99, 8, 100].map(levelAt)).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3]);
    expect(chooseLevel(raster, { x: 8, y: 2 }, false)).toBe(1);
  });

  it('R7 is full resolution for classes', () => {
    expect(chooseLevel(tinyBand(pyramid()).raster, { x: 8, y: 8 }, true)).toBe(0);
  });

  it('R7 never is an overview that is coarser than the target, by whatever odd size', () => {
    const odd = [100, 33].map((width) => tinyLevel({ dtype: 'uint8', width, height: width, value: () => 1 }));
    expect(chooseLevel(tinyBand(odd).raster, { x: 3, y: 3 }, false)).toBe(0);
    expect(chooseLevel(tinyBand(odd).raster, { x: 100 / 33, y: 100 / 33 }, false)).toBe(1);
  });

  it('is none without the mask that the full image has', () => {
    const levels = pyramid();
    const { raster } = tinyBand(levels, { masks: [maskOf(64), null, maskOf(16), null] });
    expect([1, 2, 4, 8].map((x) => chooseLevel(raster, { x, y: x }, false))).toEqual([0, 0, 2, 2]);
  });
});

describe('masks of overviews', () => {
  const build = async (masks: readonly (number | null)[]) => {
    const levels = pyramid();
    const band = tinyBand(levels, { masks: masks.map((width) => (width === null ? null : maskOf(width))) });
    const { arrays } = await buildTiny(tinySpec({ nodata: 0 }), [tinyCandidate('a', [band])], { size: 16, pixel: 4 });
    return { value: arrays['a']!, reason: arrays['reason']! };
  };

  it('hide the same pixels at every level', async () => {
    const { value, reason } = await build([64, 32, 16, 8]);
    expect(listOf(reason, 16)).toEqual([...Array(8).fill(2), ...Array(8).fill(0)]);
    expect(listOf(value, 16)).toEqual([...Array(8).fill(0), ...Array(8).fill(30)]);
  });

  it('a level whose mask is missing shows nothing that is masked out', async () => {
    const { value, reason } = await build([64, 32, null, null]);
    expect(listOf(reason, 16)).toEqual([...Array(8).fill(2), ...Array(8).fill(0)]);
    expect(listOf(value, 8, 8)).toEqual(Array(8).fill(20));
  });

  it('two files of one geometry, with masks and without, are each placed as they are', async () => {
    const masked = tinyBand(pyramid(), { masks: [maskOf(64), null, null, null] });
    const plain = tinyBand(pyramid());
    for (const [first, second, expected] of [
      [masked, plain, 10],
      [plain, masked, 30],
    ] as const) {
      const candidates = [tinyCandidate('a', [first], 0), tinyCandidate('b', [second], 1)];
      const { arrays } = await buildTiny(tinySpec({ nodata: 0 }), candidates, { size: 16, pixel: 4 });
      expect(arrays['a']![15]).toBe(expected);
      expect(arrays['a']![0]).toBe(30);
    }
  });
});
