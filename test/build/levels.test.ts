import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lake/temporary.js';
import { buildSmall, extentOf, samplesOf, SIDE, writeItems } from './small-items.js';

const folder = temporaryFolder();
/** Every level says its own shrink factor, so that the pixels tell where they came from. */
const levels = { value: () => 1, overviews: [() => 2, () => 4], nodata: 0 };
const items = () => writeItems(folder, 'levels', [{ id: 'a', images: { v: levels, scl: levels } }]);

async function levelAt(resolution: number, band: string): Promise<number[]> {
  const name = `${band}-${resolution}`;
  const grid = { crs: 'EPSG:32633', resolution, extent: extentOf(0, 0, SIDE, SIDE), chunk: 64 };
  await buildSmall(folder, name, items(), { bands: [band], grid });
  return [...new Set(await samplesOf(folder, name, band))].filter((sample) => sample !== 0);
}

describe('R7 the level that is read', () => {
  it.each([
    [5, 1],
    [16, 1],
    [20, 2],
    [32, 2],
    [40, 4],
    [160, 4],
  ])(
    'R7 pixels of %f m come from the level of shrink %i: the coarsest not coarser than the target',
    async (resolution, level) => {
      expect(await levelAt(resolution, 'v')).toEqual([level]);
    },
  );

  it('R7 classes come from full resolution, whatever the target', async () => {
    expect(await levelAt(40, 'scl')).toEqual([1]);
  });
});

describe('R6 bands of classes', () => {
  /** Classes of Sen2Cor, no two neighbours alike. */
  const classes = () =>
    writeItems(folder, 'classes', [
      { id: 'a', images: { scl: { dtype: 'uint8', value: ({ row, col }) => (row * 5 + col * 3) % 12 } } },
    ]);
  const grid = { crs: 'EPSG:32633', resolution: 7, extent: extentOf(1, 1, 28, 28) };

  it('R6 "*" leaves them at nearest; naming them with a kernel that interpolates is an error', async () => {
    const spec = { bands: ['scl'], grid, nodata: { scl: 255 } };
    await buildSmall(folder, 'near', classes(), spec);
    await buildSmall(folder, 'star', classes(), { ...spec, resampling: { '*': 'cubic' } });
    const found = await samplesOf(folder, 'star', 'scl');
    expect(found).toEqual(await samplesOf(folder, 'near', 'scl'));
    expect(found.every((one) => one <= 11)).toBe(true);
    await expect(
      buildSmall(folder, 'named', classes(), { ...spec, resampling: { scl: 'cubic' } }),
    ).rejects.toMatchObject({
      problem: {
        kind: 'invalid-spec',
        path: 'resampling.scl',
        what: '"scl" holds classes or bits, which cubic would mix',
        fix: 'use nearest, mode, min, max, med, q1 or q3',
      },
    });
  });

  it.each(['mode', 'min', 'max', 'med', 'q1', 'q3'])('R6 %s may be named and makes no new class', async (kernel) => {
    const coarse = { ...grid, resolution: 20, extent: extentOf(0, 0, SIDE, SIDE) };
    const spec = { bands: ['scl'], grid: coarse, nodata: { scl: 255 }, resampling: { scl: kernel } };
    await buildSmall(folder, `kernel-${kernel}`, classes(), spec);
    const found = await samplesOf(folder, `kernel-${kernel}`, 'scl');
    expect(found).toHaveLength(256);
    for (const [i, one] of found.entries()) {
      const [row, col] = [2 * Math.floor(i / 16), 2 * (i % 16)];
      const four = [0, 3, 5, 8].map((step) => (row * 5 + col * 3 + step) % 12);
      expect(four).toContain(one);
    }
  });

  it('R6 the band of the mask is one of classes, whatever its name', async () => {
    const flags = writeItems(folder, 'flags', [
      { id: 'a', images: { v: { value: () => 9, nodata: 0 }, odd: { dtype: 'uint8', value: ({ col }) => col % 2 } } },
    ]);
    const spec = { mask: { band: 'odd', values: [1] }, resampling: { odd: 'bilinear' } };
    await expect(buildSmall(folder, 'flags', flags, spec)).rejects.toMatchObject({
      problem: { kind: 'invalid-spec', path: 'resampling.odd' },
    });
  });
});
