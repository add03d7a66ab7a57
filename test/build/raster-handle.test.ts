import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRaster } from '../../src/build/raster-handle.js';
import { problemOf } from '../../src/errors.js';
import { temporaryFolder } from '../lake/temporary.js';
import { writeTiff } from '../raster/cog/tiff-writer.js';

const path = join(temporaryFolder(), 'scene.tif');
const value = ({ band, row, col }: { band: number; row: number; col: number }) => band * 5000 + row * 40 + col;
const tile = { width: 16, height: 16 };
const image = { width: 40, height: 35, bands: 3, dtype: 'int16', value, tile } as const;
writeFileSync(path, writeTiff({ images: [image] }));

describe('openRaster', () => {
  it('reads an ndarray of (band, y, x)', async () => {
    const raster = await openRaster(path);
    const all = await raster.read();
    expect(all.shape).toEqual([3, 35, 40]);
    expect(all.dtype).toBe('int16');
    expect(all.get(2, 34, 39)).toBe(value({ band: 2, row: 34, col: 39 }));
    const part = await raster.read({ window: { col: 15, row: 3, width: 20, height: 30 }, bands: [1, 0, 1] });
    expect(part.shape).toEqual([3, 30, 20]);
    for (const [place, band] of [1, 0, 1].entries()) {
      expect(part.get(place, 0, 0)).toBe(value({ band, row: 3, col: 15 }));
      expect(part.get(place, 29, 19)).toBe(value({ band, row: 32, col: 34 }));
    }
    await raster.close();
  });

  it('reads into memory of the caller', async () => {
    const raster = await openRaster(path);
    const window = { col: 15, row: 3, width: 20, height: 30 };
    const into = new Int16Array(3 * 20 * 30).fill(-1);
    const read = await raster.read({ window, into });
    expect(read.data).toBe(into);
    expect(into).toEqual((await raster.read({ window })).data);
    for (const odd of [new Int16Array(1799), new Int16Array(1801), new Uint16Array(1800)]) {
      const error: unknown = await raster.read({ window, into: odd }).catch((reason: unknown) => reason);
      expect(problemOf(error)).toMatchObject({
        kind: 'invalid-argument',
        what: expect.stringContaining('1800 samples of int16'),
      });
    }
    await raster.close();
  });

  it('reads many windows, which may overlap, in their order', async () => {
    const raster = await openRaster(path);
    const windows = [
      { col: 30, row: 20, width: 10, height: 15 },
      { col: 0, row: 0, width: 1, height: 1 },
      { col: 5, row: 5, width: 30, height: 25 },
      { col: 30, row: 20, width: 10, height: 15 },
      { col: 0, row: 0, width: 40, height: 35 },
    ];
    for (const bands of [[0, 1, 2], [2], [1, 0, 1]]) {
      const size = windows.reduce((sum, { width, height }) => sum + width * height * bands.length, 0);
      const into = new Int16Array(size).fill(-1);
      const given = await raster.readWindows(windows, { bands, into });
      const read = await raster.readWindows(windows, { bands });
      for (const [i, window] of windows.entries()) {
        const single = await raster.read({ window, bands });
        expect(read[i]!.shape).toEqual(single.shape);
        expect(read[i]!.data).toEqual(single.data);
        expect(given[i]!.data).toEqual(single.data);
        expect(given[i]!.data.buffer).toBe(into.buffer);
      }
    }
    expect(await raster.readWindows([])).toEqual([]);
    const odd = [...windows, { col: 0, row: 0, width: 41, height: 1 }];
    const error: unknown = await raster.readWindows(odd).catch((reason: unknown) => reason);
    expect(problemOf(error)).toMatchObject({ kind: 'invalid-argument' });
    await raster.close();
  });

  it.each(['none', 'deflate', 'lzw', 'packbits'] as const)(
    'reads tiles that hold more bytes than samples: %s',
    async (compression) => {
      const long = join(temporaryFolder(), `${compression}.tif`);
      writeFileSync(long, writeTiff({ images: [{ ...image, compression, surplus: 37 }] }));
      const [raster, plain] = [await openRaster(long), await openRaster(path)];
      expect((await raster.read()).data).toEqual((await plain.read()).data);
      const window = { col: 3, row: 2, width: 9, height: 5 };
      expect((await raster.read({ window })).data).toEqual((await plain.read({ window })).data);
      await Promise.all([raster.close(), plain.close()]);
    },
  );

  it('refuses what is not in the raster', async () => {
    const raster = await openRaster(path);
    const window = { col: 0, row: 0, width: 41, height: 1 };
    for (const input of [{ level: 1 }, { bands: [3] }, { bands: [-1] }, { bands: [0.5] }, { bands: [] }, { window }]) {
      const error: unknown = await raster.read(input).catch((reason: unknown) => reason);
      expect(problemOf(error), JSON.stringify(input)).toMatchObject({ kind: 'invalid-argument' });
    }
    const aborted: unknown = await raster.read({ signal: AbortSignal.abort() }).catch((reason: unknown) => reason);
    expect(problemOf(aborted)).toMatchObject({ kind: 'aborted' });
    await raster.close();
    const missing: unknown = await openRaster('nowhere.tif').catch((reason: unknown) => reason);
    expect(problemOf(missing)).toMatchObject({ kind: 'not-found' });
  });
});
