import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { REASON } from '../../src/cube/reason.js';
import { buildTiny, listOf, tinyBand, tinyCandidate, tinyLevel, tinySpec } from './tiny-cube.js';

/** One row of values, repeated down the square. */
function band(values: readonly number[], nodata: readonly number[] = []) {
  const side = values.length;
  const value = (col: number) => values[col]!;
  return tinyBand([tinyLevel({ dtype: 'uint8', width: side, height: side, value })], { nodata });
}

describe('N2 an integer band without a nodata value', () => {
  it('N2 is built where every pixel has a value, and is an error with the fix where one has none', async () => {
    const candidates = [tinyCandidate('i', [band([1, 2, 3, 4])])];
    const { arrays } = await buildTiny(tinySpec(), candidates, { size: 4 });
    expect(listOf(arrays['a']!, 4)).toEqual([1, 2, 3, 4]);
    const error = await buildTiny(tinySpec(), candidates, { size: 5 }).catch((one: unknown) => one);
    expect(isCubeError(error, 'conflict'), String(error)).toBe(true);
    expect(String(error)).toMatch(/band "a" has no nodata value, and chunk 0\/0\/0/);
    const filled = await buildTiny(tinySpec({ nodata: 0 }), candidates, { size: 5 });
    expect(listOf(filled.arrays['a']!, 5)).toEqual([1, 2, 3, 4, 0]);
  });
});

describe('N4 several nodata values', () => {
  it('N4 MODIS fill values 249 to 255 are all nodata, and the first of the list is written', async () => {
    const list = [255, 254, 253, 252, 251, 250, 249];
    const candidates = [tinyCandidate('i', [band([0, 100, 248, 249, 252, 255], list)])];
    const { arrays } = await buildTiny(tinySpec({ nodata: { a: list } }), candidates, { size: 6 });
    expect(listOf(arrays['a']!, 6)).toEqual([0, 100, 248, 255, 255, 255]);
    expect(listOf(arrays['reason']!, 6)).toEqual([0, 0, 0, 2, 2, 2]);
  });

  it('N4 none of them takes part in a mean', async () => {
    const candidates = [tinyCandidate('i', [band([10, 249, 255, 30], [255, 249])])];
    const spec = tinySpec({ resampling: { a: 'average' }, nodata: { a: [255, 249] } });
    const { arrays } = await buildTiny(spec, candidates, { size: 2, pixel: 2 });
    expect(listOf(arrays['a']!, 2)).toEqual([10, 30]);
  });
});

describe('T4 an explicit nodata value', () => {
  it('T4 groups as without it, and equals masking afterwards', async () => {
    const overlapping = (nodata: readonly number[]) => [
      tinyCandidate('a', [band([7, 1, 7, 1], nodata)], 0),
      tinyCandidate('b', [band([2, 2, 7, 2], nodata)], 3_600_000),
    ];
    const plain = await buildTiny(tinySpec({ nodata: 255 }), overlapping([255]), { size: 4 });
    const given = await buildTiny(tinySpec({ nodata: 7 }), overlapping([7]), { size: 4 });
    expect(plain.results.map(({ key }) => key)).toEqual(given.results.map(({ key }) => key));
    expect(listOf(plain.arrays['a']!, 4)).toEqual([7, 1, 7, 1]);
    expect(listOf(given.arrays['a']!, 4)).toEqual([2, 1, 7, 1]);
    expect(listOf(given.arrays['reason']!, 4)).toEqual([REASON.valid, REASON.valid, REASON.nodata, REASON.valid]);
  });
});
