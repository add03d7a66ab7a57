import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../../src/sample/make-sample.js';
import { folderHashes, imagerySpec, SAMPLE_LABELS, SAMPLE_SIZE } from '../build/sample-build.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const labels = { labels: { path: './source/labels.geojson' } };
let specCount = 0;

function writeSpec(changes: object = {}): string {
  const path = join(folder, `spec-${specCount++}.json`);
  writeFileSync(path, JSON.stringify(imagerySpec('./source/catalog.json', { ...labels, ...changes })));
  return path;
}

beforeAll(() => makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: SAMPLE_LABELS }));

describe('cube build', () => {
  it('--dry-run says what would be done and writes nothing', async () => {
    const spec = writeSpec();
    const out = join(folder, 'dry');
    const run = await runCube(['build', spec, '--out', out, '--dry-run', '--quiet']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^plan +small: 3 time steps from \d+ items/);
    const coarse = ['build', spec, '--dry-run', '--json', '--set', 'grid.resolution=20', '--set', 'bands=[red, scl]'];
    const plan = JSON.parse((await runCube(coarse)).stdout) as { grid: { resolution: number[] }; bands: unknown[] };
    expect(plan.grid.resolution).toEqual([20, 20]);
    expect(plan.bands.length).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('prints its result on stdout, progress on stderr, and leaves the same cube with any number of workers', async () => {
    const spec = writeSpec();
    const text = await runCube(['build', spec, '--out', join(folder, 'text'), '--workers', '2']);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^cube +.*cube\.zarr\n/);
    expect(text.stdout).toMatch(/\nlake +.*lake\.ducklake/);
    expect(text.stderr).toContain('building chunks');
    const json = await runCube(['build', spec, '--out', join(folder, 'json'), '--workers', '0', '--json', '--quiet']);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'complete', failures: 0 });
    const [one, other] = [
      await folderHashes(join(folder, 'text/cube.zarr')),
      await folderHashes(join(folder, 'json/cube.zarr')),
    ];
    expect(one).toEqual(other);
  });

  it('stops at Ctrl-C with code 130, and --resume ends as an undisturbed build', async () => {
    const spec = writeSpec({ clip: { mode: 'none' } });
    const out = join(folder, 'stopped');
    let begun = () => {};
    const interruptAt = new Promise<void>((resolve) => (begun = resolve));
    const stopped = await runCube(['build', spec, '--out', out, '--workers', '1', '--json'], {
      interruptAt,
      onStderr: (text) => (text.includes('building chunks') ? begun() : undefined),
    });
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { kind: 'aborted' } });
    expect(stopped.stderr).toContain('go on with --resume');
    expect(existsSync(join(out, 'cube.zarr'))).toBe(false);
    const again = await runCube(['build', spec, '--out', out, '--json', '--quiet']);
    expect(again.code).toBe(8);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { kind: 'exists' } });
    const resumed = await runCube(['build', spec, '--out', out, '--resume', '--json', '--quiet']);
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    expect(await folderHashes(join(out, 'cube.zarr'))).toEqual(await folderHashes(join(folder, 'text/cube.zarr')));
  });

  it.each([
    ['2 for a wrong specification', 2, 'invalid-spec', { grid: { resolution: -1 } }, []],
    ['2 for options that exclude each other', 2, 'invalid-argument', {}, ['--resume', '--overwrite']],
    ['2 for a size that is none', 2, 'invalid-argument', {}, ['--max-memory', 'much']],
    ['2 for a number of workers that is none', 2, 'invalid-argument', {}, ['--workers', '-1']],
    ['2 for a key that is none', 2, 'invalid-spec', {}, ['--set', 'gird.resolution=3']],
    ['3 for a catalogue that is not there', 3, 'not-found', { source: { stac: './nowhere.json' } }, []],
    ['3 for a time without items', 3, 'no-data', {}, ['--set', 'source.datetime=1999-01-01/1999-02-01']],
    ['4 for labels of a kind that is not read', 4, 'unsupported', { labels: { path: './source/labels.dxf' } }, []],
    ['5 for a catalogue that is broken', 5, 'invalid-data', { source: { stac: './broken.json' } }, []],
    ['6 for a server that does not answer', 6, 'network', { source: { stac: 'http://127.0.0.1:1/catalog.json' } }, []],
    ['8 for an output that is there', 8, 'exists', {}, ['--out', 'text']],
    ['8 for a budget that nothing fits', 8, 'budget', {}, ['--max-memory', '1MB', '--workers', '4']],
  ])('leaves with %s', async (_, code, kind, changes, parameters) => {
    writeFileSync(join(folder, 'broken.json'), '{ "type": "Catalog", ');
    writeFileSync(join(folder, 'source/labels.dxf'), '0');
    const out = join(folder, `failed-${specCount}`);
    const run = await runCube(['build', writeSpec(changes), '--out', out, '--json', ...parameters], { cwd: folder });
    expect(JSON.parse(run.stdout), run.stdout).toMatchObject({ error: { kind } });
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(`cube: ${kind}: `);
    expect(existsSync(join(out, 'cube.zarr'))).toBe(false);
  });

  it('7 for reads that failed for good, once that is allowed', async () => {
    const damaged = join(folder, 'damaged');
    await makeSample(damaged, { size: SAMPLE_SIZE, labels: SAMPLE_LABELS });
    const names = readdirSync(damaged, { recursive: true, encoding: 'utf8' });
    const path = join(
      damaged,
      names.find((name) => name.endsWith('nir.tif'))!,
    );
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, bytes.length - 2000));
    const spec = writeSpec({ source: { stac: './damaged/catalog.json', collections: ['sample-imagery'] } });
    const strict = await runCube(['build', spec, '--out', join(folder, 'strict'), '--json', '--quiet']);
    expect(strict.code).toBe(5);
    const build = ['build', spec, '--out', join(folder, 'incomplete'), '--allow-incomplete', '--quiet'];
    const run = await runCube([...build, '--json']);
    expect(run.code).toBe(7);
    const summary = JSON.parse(run.stdout) as { status: string; failures: number };
    expect(summary.status).toBe('incomplete');
    expect(summary.failures).toBeGreaterThan(0);
    expect(run.stderr).toMatch(/^cube: incomplete: reads: \d+ failed/);
  });
});
