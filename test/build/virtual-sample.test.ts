import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import type { BuildInput } from '../../src/build/build-input.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { temporaryFolder } from '../lake/temporary.js';
import { icechunkAbsent, suiteName } from '../native/icechunk-store.js';
import { imagerySpec, lakeRows } from './sample-build.js';
import { pixelsOf, pythonPixels, repositoryContent } from './virtual-content.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** Tiles of the sample are 256 pixels wide, so that an image has nine. */
const SIZE = 768;
const BANDS = ['blue', 'nir', 'scl'];
const folder = temporaryFolder();
const cubeOf = (name: string): string => join(folder, name, 'cube.icechunk');

/** The western images' own box; the eastern ones, of another UTM zone, reach into it. */
let extent: number[] = [];

/** The sample with clouds masked, labels and statistics. */
function specOf(virtual: string): object {
  return imagerySpec(join(folder, 'source/catalog.json'), {
    labels: { path: join(folder, 'source/labels.geojson') },
    grid: { crs: 'EPSG:32632', resolution: 10, extent, chunk: 256 },
    mask: { band: 'scl', values: [3, 9] },
    resampling: { '*': 'nearest' },
    output: { cube: { icechunk: 'any', virtual } },
  });
}

function build(name: string, virtual: string, more: Partial<BuildInput> = {}): Promise<BuildSummary> {
  return buildCube({ spec: specOf(virtual) as never, folder, out: join(folder, name), workers: 0, ...more });
}

describe.skipIf(icechunkAbsent !== null)(suiteName('a cube of the sample with virtual: auto'), () => {
  let serial: BuildSummary;
  beforeAll(async () => {
    await makeSample(join(folder, 'source'), { size: SIZE, labels: 20 });
    const image = await openRaster(join(folder, 'source/T32_20240607/blue.tif'));
    const [size, , west, , , north] = image.info.levels[0]!.transform!;
    extent = [west, north - SIZE * size, west + SIZE * size, north];
    await image.close();
    serial = await build('serial', 'auto');
    await build('plain', 'none');
  }, 120_000);

  it(
    'mixes references and own chunks, with the pixels and statistics of a cube without',
    { timeout: 120_000 },
    async () => {
      const { virtual, reasons } = serial.storage!;
      expect(virtual).toBeGreaterThan(0);
      expect(Object.keys(reasons)).toEqual(expect.arrayContaining(['aligned', 'computed', 'masked']));
      const arrays = [...BANDS, 'reason', 'coverage', 'label'];
      for (const array of arrays) {
        const expected = await pixelsOf(cubeOf('plain'), array);
        const own = await pixelsOf(cubeOf('serial'), array);
        expect(Buffer.compare(own, expected), array).toBe(0);
        const python = await pythonPixels(cubeOf('serial'), array);
        if (python !== null) expect(Buffer.compare(python, expected), array).toBe(0);
      }
      const [rows, plain] = [await lakeRows(join(folder, 'serial')), await lakeRows(join(folder, 'plain'))];
      expect(rows['label_stats']).toEqual(plain['label_stats']);
      expect((rows['label_stats'] as unknown[]).length).toBeGreaterThan(0);
      expect(rows['items']).toEqual(plain['items']);
    },
  );

  it('is the same from threads', { timeout: 120_000 }, async () => {
    const threads = await build('threads', 'auto', { workers: 2 });
    expect({ ...threads.storage }).toEqual({ ...serial.storage });
    expect(await repositoryContent(cubeOf('threads'))).toEqual(await repositoryContent(cubeOf('serial')));
    expect(await lakeRows(join(folder, 'threads'))).toEqual(await lakeRows(join(folder, 'serial')));
  });

  it('rests where all is finished', { timeout: 120_000 }, async () => {
    const first = await build('again', 'auto');
    const again = await build('again', 'auto', { resume: true });
    expect(again).toMatchObject({ snapshot: first.snapshot, storage: first.storage });
    expect(again.counts.resumed).toBe(again.counts.tasks);
  });

  it.skipIf(!existsSync(CLI))('is the same after a kill, and the command counts', { timeout: 180_000 }, async () => {
    const spec = join(folder, 'spec.json');
    writeFileSync(spec, JSON.stringify(specOf('auto')));
    const whole = await cubeBuild([spec, '--out', join(folder, 'whole')]);
    expect(whole.stdout).toMatch(/^chunks {2}\d+ virtual, \d+ native \(.*computed \d+/m);
    for (const part of [0.5, 0.7, 0.85]) {
      const name = `killed-${part}`;
      await cubeBuild([spec, '--out', join(folder, name)], whole.ms * part);
      const { stdout, code } = await cubeBuild([spec, '--out', join(folder, name), '--resume', '--json']);
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as BuildSummary).storage).toEqual(serial.storage);
      expect(await repositoryContent(cubeOf(name))).toEqual(await repositoryContent(cubeOf('serial')));
    }
  });
});

type Ended = { readonly code: number | null; readonly ms: number; readonly stdout: string };

function cubeBuild(parameters: readonly string[], killAfterMs?: number): Promise<Ended> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, [CLI, 'build', ...parameters, '--quiet', '--workers', '2'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    const timer = killAfterMs === undefined ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('close', (code) => {
      if (timer !== null) clearTimeout(timer);
      resolve({ code, stdout, ms: performance.now() - started });
    });
  });
}
