import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';

const CHECK = fileURLToPath(new URL('../oracle_check.py', import.meta.url));

type Checked = {
  readonly planes: number;
  readonly hashes: number;
  readonly outside: number;
  readonly wrong: readonly string[];
  readonly label_rows?: number;
};

describe.skipIf(!hasShared || pythonWithOracles() === null)(
  'real builds against values that GDAL and exactextract computed',
  () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'austria-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    async function check(spec: string, grid: string, method: string, workers: number): Promise<Checked> {
      const out = join(folder, spec);
      await buildCube({ spec: sharedPath('specs', `${spec}.yaml`), out, workers });
      const lake = grid === 'utm33' ? [join(out, 'lake.ducklake'), join(out, 'lake')] : [];
      return (await runPython(CHECK, [
        sharedPath('oracle', 's2-austria.json'),
        grid,
        method,
        join(out, 'cube.zarr'),
        ...lake,
      ])) as Checked;
    }

    it('copies every pixel of the native grid, and its label statistics are within 1e-6', async () => {
      const { planes, hashes, wrong, label_rows: rows } = await check('s2-austria', 'utm33', 'nearest', 2);
      expect(wrong).toEqual([]);
      expect({ planes, hashes, rows }).toEqual({ planes: 24, hashes: 24, rows: 2464 });
    });

    it('warps to lon/lat within the marks', async () => {
      expect((await check('s2-austria-geo', 'geo', 'bilinear', 2)).wrong).toEqual([]);
    });

    it('warps to EPSG:3035 within the marks', async () => {
      expect((await check('s2-austria-laea', 'laea', 'cubic', 0)).wrong).toEqual([]);
    });
  },
);
