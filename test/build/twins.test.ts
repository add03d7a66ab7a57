import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import { openRaster } from '../../src/raster/open.js';
import { readPlane } from '../../src/raster/read-plane.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { imagerySpec, SAMPLE_SIZE } from './sample-build.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const BANDS = ['blue', 'nir', 'scl', 'reason'];

describe('a build without the addon', () => {
  it('gives the same pixels, in threads too, and says once that twins run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'twins-'));
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: 5 });
    const spec = join(folder, 'spec.json');
    await writeFile(spec, JSON.stringify(imagerySpec('./source/catalog.json', { resampling: { '*': 'cubic' } })));
    const build = (out: string, native: string) =>
      promisify(execFile)(process.execPath, [CLI, 'build', spec, '--out', join(folder, out), '--workers', '2'], {
        env: { ...process.env, HELIOCUBE_NATIVE: native },
      });
    const twins = await build('twins', 'off');
    expect(twins.stderr.match(/twins run instead/g)).toHaveLength(1);
    await build('native', 'on');
    const [a, b] = [await pixels(join(folder, 'twins')), await pixels(join(folder, 'native'))];
    for (const band of BANDS) expect(a[band], band).toEqual(b[band]);
    await rm(folder, { recursive: true });
  });
});

async function pixels(out: string): Promise<Record<string, unknown>> {
  const sources = createSources();
  const planes: Record<string, unknown> = {};
  for (const variable of BANDS) {
    const level = (await openRaster(sources, join(out, 'cube.zarr'), { variable })).levels[0]!;
    const [, height, width] = level.shape as [number, number, number];
    planes[variable] = await readPlane(level, { at: [0, 0, 0], window: { col: 0, row: 0, width, height } }, sources);
  }
  await sources.close();
  return planes;
}
