import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lake/temporary.js';
import { buildSmall, extentOf, samplesOf, SIDE, writeItems } from './small-items.js';

const folder = temporaryFolder();
/** Twice as wide as an image: its right half lies outside. */
const WIDER = { grid: { crs: 'EPSG:32633', resolution: 10, extent: extentOf(0, 0, 2 * SIDE, SIDE) } };
const value = ({ row, col }: { row: number; col: number }): number => 1 + row * SIDE + col;

/** Values of the first row that differ from those of the image. */
async function outside(name: string): Promise<Set<number>> {
  return new Set((await samplesOf(folder, name)).slice(SIDE, 2 * SIDE));
}

function fillOf(name: string): unknown {
  const document = JSON.parse(readFileSync(join(folder, name, 'cube.zarr', 'v', 'zarr.json'), 'utf8'));
  return document.fill_value;
}

describe('N2 what a pixel without a value holds', () => {
  it('N2 integers: the nodata of the specification, else that of the file', async () => {
    const items = writeItems(folder, 'file', [{ id: 'a', images: { v: { value, nodata: 60_000 } } }]);
    await buildSmall(folder, 'of-file', items, WIDER);
    expect(await outside('of-file')).toEqual(new Set([60_000]));
    expect(fillOf('of-file')).toBe(60_000);
    await buildSmall(folder, 'of-user', items, { ...WIDER, nodata: { v: 7 } });
    expect(await outside('of-user')).toEqual(new Set([7]));
    expect(fillOf('of-user')).toBe(7);
  });

  it('N2 integers without any nodata: an error where a pixel has no value, never silently 0', async () => {
    const items = writeItems(folder, 'none', [{ id: 'a', images: { v: { value } } }]);
    await expect(buildSmall(folder, 'uncovered', items, WIDER)).rejects.toMatchObject({
      problem: {
        kind: 'conflict',
        what: expect.stringMatching(/band "v" has no nodata value/),
        fix: 'set nodata: { v: VALUE } in the specification',
      },
    });
    await buildSmall(folder, 'told', items, { ...WIDER, nodata: { v: 65_535 } });
    expect(await outside('told')).toEqual(new Set([65_535]));
    await buildSmall(folder, 'covered', items, {});
    expect(await samplesOf(folder, 'covered')).toEqual(Array.from({ length: SIDE * SIDE }, (_, i) => i + 1));
  });

  it('N2 floats: NaN, whatever the file calls nodata, unless the specification says a value', async () => {
    const image = { dtype: 'float32' as const, value: ({ col }: { col: number }) => (col === 3 ? -9999 : 0.5) };
    const items = writeItems(folder, 'float', [{ id: 'a', images: { v: { ...image, nodata: -9999 } } }]);
    await buildSmall(folder, 'float', items, WIDER);
    const row = (await samplesOf(folder, 'float')).slice(0, 2 * SIDE);
    expect(row).toEqual(Array.from({ length: 2 * SIDE }, (_, col) => (col === 3 || col >= SIDE ? Number.NaN : 0.5)));
    await buildSmall(folder, 'float-told', items, { ...WIDER, nodata: -9999 });
    const told = (await samplesOf(folder, 'float-told')).slice(0, 2 * SIDE);
    expect(told).toEqual(row.map((sample) => (Number.isNaN(sample) ? -9999 : sample)));
  });
});

describe('N5 scales', () => {
  const assets = { v: { 'raster:bands': [{ scale: 0.0001, offset: -0.1 }] } };
  const items = () => writeItems(folder, 'scaled', [{ id: 'a', images: { v: { value, nodata: 0 } }, assets }]);

  it('N5 reflectances become floats; an integer type for them is an error, not a plane of zeros', async () => {
    await expect(buildSmall(folder, 'zeros', items(), { scale: true, dtype: 'uint16' })).rejects.toMatchObject({
      problem: { kind: 'invalid-spec', path: 'dtype', fix: 'use float32, or scale: false' },
    });
    await buildSmall(folder, 'physical', items(), { scale: true });
    const found = await samplesOf(folder, 'physical');
    for (const [i, sample] of found.entries()) expect(sample).toBeCloseTo((i + 1) * 0.0001 - 0.1, 6);
    await buildSmall(folder, 'numbers', items(), { scale: false, dtype: 'uint16' });
    expect(await samplesOf(folder, 'numbers')).toEqual(Array.from({ length: SIDE * SIDE }, (_, i) => i + 1));
  });
});
