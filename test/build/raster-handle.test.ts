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
