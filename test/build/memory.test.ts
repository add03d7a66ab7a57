import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEMORY_CONSTANT } from '../../src/build/memory.js';
import { encodeGeoTiff } from '../../src/sample/write-geotiff.js';

const BUILD = pathToFileURL(fileURLToPath(new URL('../../dist/build/build-cube.js', import.meta.url))).href;
const MIB = 1024 ** 2;
const BUDGET = 64 * MIB;
const SIZE = { width: 4096, height: 3072 };
/** Ten times the budget in decoded samples. */
const ITEMS = Math.ceil((10 * BUDGET) / (SIZE.width * SIZE.height * 2));

describe('E8 memory', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'memory-'));
    const data = new Uint16Array(SIZE.width * SIZE.height);
    const transform = [10, 0, 400_000, 0, -10, 5_300_000] as const;
    const features: object[] = [];
    for (let item = 0; item < ITEMS; item++) {
      for (let i = 0; i < data.length; i++) data[i] = 1 + ((i * (item + 7)) % 251);
      const bytes = encodeGeoTiff(
        { data, ...SIZE, transform, epsg: 32_633, nodata: 0 },
        { tile: 512, overviews: 0, classes: false },
      );
      await writeFile(join(folder, `${item}.tif`), bytes);
      const datetime = new Date(Date.UTC(2024, 0, 1 + item)).toISOString();
      features.push({
        type: 'Feature',
        stac_version: '1.0.0',
        id: `i${item}`,
        properties: { datetime },
        geometry: null,
        links: [],
        assets: { red: { href: `./${item}.tif` } },
      });
    }
    await writeFile(join(folder, 'items.json'), JSON.stringify({ type: 'FeatureCollection', features }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Peak resident bytes of a build in a process of its own. */
  async function peak(name: string, workers: number, spec: object): Promise<number> {
    await mkdir(join(folder, name));
    const input = {
      spec: { name, source: { stac: join(folder, 'items.json') }, bands: ['red'], ...spec },
      out: join(folder, name),
      workers,
      maxMemory: BUDGET,
    };
    const script = `const { buildCube } = await import(${JSON.stringify(BUILD)});
      const { status } = await buildCube(${JSON.stringify(input)});
      console.log(JSON.stringify({ status, peak: process.resourceUsage().maxRSS * 1024 }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const result = JSON.parse(stdout) as { status: string; peak: number };
    expect(result.status).toBe('complete');
    await rm(join(folder, name), { recursive: true });
    return result.peak;
  }

  const grid = { crs: 'EPSG:32633', resolution: 10, extent: 'items', chunk: 1024 };
  const cases = [
    ['copied', 0, { grid }],
    ['copied', 2, { grid }],
    ['warped', 2, { grid: { ...grid, crs: 'EPSG:3035' }, resampling: 'cubic' }],
    ['median', 2, { grid, time: { groupby: 'P1Y' }, mosaic: 'median' }],
  ] as const;
  for (const [name, workers, spec] of cases) {
    it(`E8 stays under the budget and the constant with an input of ten budgets: ${name}, ${workers} workers`, async () => {
      const used = await peak(`${name}${workers}`, workers, spec);
      console.error(
        `${name}, ${workers} workers: peak ${Math.round(used / MIB)} MiB of ${(BUDGET + MEMORY_CONSTANT) / MIB} MiB`,
      );
      expect(used).toBeLessThan(BUDGET + MEMORY_CONSTANT);
    });
  }
});
