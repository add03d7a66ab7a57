import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample } from '../../src/sample/make-sample.js';
import { seededRandom } from '../../src/sample/random.js';
import { folderHashes, imagerySpec, lakeRows, SAMPLE_LABELS, SAMPLE_SIZE } from './sample-build.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SEED = 20_261_125;
/** Enough for each part of a build; HELIOCUBE_THOROUGH=1 makes them 20. */
const KILLS = process.env['HELIOCUBE_THOROUGH'] === '1' ? 20 : 8;

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string; readonly ms: number };

/** Run `cube build`; killed with SIGKILL after `killAfterMs` where that is given. */
function cubeBuild(parameters: readonly string[], killAfterMs?: number): Promise<Run> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, [CLI, 'build', ...parameters, '--json', '--quiet'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    const timer = killAfterMs === undefined ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('close', (code) => {
      if (timer !== null) clearTimeout(timer);
      resolve({ code, stdout, stderr, ms: performance.now() - started });
    });
  });
}

describe('E10 an interrupted build', () => {
  let folder = '';
  let spec = '';
  let clean: { store: Record<string, string>; lake: Record<string, unknown> };
  let cleanMs = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resume-'));
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: SAMPLE_LABELS });
    spec = join(folder, 'spec.json');
    await writeFile(
      spec,
      JSON.stringify(imagerySpec('./source/catalog.json', { labels: { path: './source/labels.geojson' } })),
    );
    const out = join(folder, 'clean');
    const run = await cubeBuild([spec, '--out', out, '--workers', '2']);
    expect(run).toMatchObject({ code: 0 });
    cleanMs = run.ms;
    clean = { store: await folderHashes(join(out, 'cube.zarr')), lake: await lakeRows(out) };
  });
  afterAll(() => rm(folder, { recursive: true }));

  it(`E10 killed at ${KILLS} seeded random points ends as an undisturbed one (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    // One in each of so many equal parts of the build, so that few of them miss none.
    const moments = Array.from({ length: KILLS }, (_, kill) => cleanMs * (0.15 + (0.9 * (kill + random())) / KILLS));
    let unfinished = 0;
    const killAndResume = async (kill: number): Promise<void> => {
      const out = join(folder, `killed${kill}`);
      const first = await cubeBuild([spec, '--out', out, '--workers', '2'], moments[kill]!);
      if (first.code !== 0) unfinished++;
      const visible = await stat(join(out, 'cube.zarr', 'zarr.json')).catch(() => null);
      if (visible !== null) expect(await folderHashes(join(out, 'cube.zarr'))).toEqual(clean.store);
      const second = await cubeBuild([spec, '--out', out, '--workers', '2', '--resume']);
      expect(second.code, `kill ${kill} after ${Math.round(moments[kill]!)} ms: ${second.stderr}`).toBe(0);
      expect(await folderHashes(join(out, 'cube.zarr')), `store after kill ${kill}`).toEqual(clean.store);
      expect(await lakeRows(out), `lake after kill ${kill}`).toEqual(clean.lake);
      await rm(out, { recursive: true });
    };
    for (let kill = 0; kill < KILLS; kill += 2) await Promise.all([killAndResume(kill), killAndResume(kill + 1)]);
    expect(unfinished).toBeGreaterThan(KILLS / 2);
  });

  it('reads nothing where all is finished, and only what is missing else', async () => {
    const out = join(folder, 'again');
    await cubeBuild([spec, '--out', out, '--workers', '0']);
    const done = JSON.parse((await cubeBuild([spec, '--out', out, '--resume'])).stdout) as Summary;
    expect(done.counts.resumed).toBe(done.counts.tasks);
    await rm(join(out, 'cube.zarr', 'nir', 'c', '1'), { recursive: true });
    const part = JSON.parse((await cubeBuild([spec, '--out', out, '--resume'])).stdout) as Summary;
    expect(part.counts.resumed).toBeLessThan(part.counts.tasks);
    expect(part.counts.resumed).toBeGreaterThan(part.counts.tasks / 3);
    expect(await folderHashes(join(out, 'cube.zarr'))).toEqual(clean.store);
  });

  it('commits alone where only the lake is missing', async () => {
    const out = join(folder, 'lakeless');
    await cubeBuild([spec, '--out', out, '--workers', '0']);
    const journal = await readFile(join(out, 'cube.zarr.journal'), 'utf8');
    const lines = journal.trimEnd().split('\n');
    expect(lines.at(-1)).toContain('"committed"');
    await writeFile(join(out, 'cube.zarr.journal'), `${lines.slice(0, -1).join('\n')}\n`);
    await rm(join(out, 'lake.ducklake'));
    await rm(join(out, 'lake'), { recursive: true });
    const run = await cubeBuild([spec, '--out', out, '--resume']);
    expect(run.code).toBe(0);
    expect((JSON.parse(run.stdout) as Summary).counts.resumed).toBe((JSON.parse(run.stdout) as Summary).counts.tasks);
    expect(await lakeRows(out)).toEqual(clean.lake);
  });

  it('E6 does the tasks of a changed file again, and refuses another layout with the reason', async () => {
    const source = join(folder, 'changed-source');
    await cp(join(folder, 'source'), source, { recursive: true, preserveTimestamps: true });
    const own = join(folder, 'changed.json');
    const text = await readFile(spec, 'utf8');
    await writeFile(own, text.replaceAll('./source/', './changed-source/'));
    const out = join(folder, 'changed');
    expect((await cubeBuild([own, '--out', out, '--workers', '0'])).code).toBe(0);
    const later = new Date(Date.now() + 5000);
    await utimes(join(source, 'T32_20240617', 'nir.tif'), later, later);
    const run = await cubeBuild([own, '--out', out, '--resume']);
    expect(run.code).toBe(0);
    const summary = JSON.parse(run.stdout) as Summary;
    expect(summary.counts.resumed).toBeLessThan(summary.counts.tasks);
    expect(summary.counts.resumed).toBeGreaterThan(0);
    expect(await folderHashes(join(out, 'cube.zarr'))).toEqual(clean.store);
    const refused = await cubeBuild([own, '--out', out, '--resume', '--set', 'grid.resolution=20']);
    expect(refused.code).toBe(8);
    expect(refused.stderr).toMatch(/the finished build is laid out otherwise .*: grid: .* pixels.*; now .*--overwrite/);
    expect(refused.stderr).not.toContain('arrays');
    const median = await cubeBuild([own, '--out', out, '--resume', '--set', 'mosaic=median']);
    expect(median.code).toBe(8);
    expect(median.stderr).toMatch(/finished build .*: arrays: now also count uint16 \(fill 0\) \(restore/);
  });

  it('E6 does the tasks of a changed Zarr chunk again, though nothing of the plan tells of it', async () => {
    const source = join(folder, 'zarr-source');
    await cp(join(folder, 'source'), source, { recursive: true, preserveTimestamps: true });
    const own = join(folder, 'zarr.json');
    const document = {
      name: 'hours',
      source: { stac: './zarr-source/catalog.json', collections: ['sample-irradiance'] },
      bands: ['ghi'],
      grid: { crs: 'EPSG:4326', resolution: 0.05, extent: 'items', chunk: 16 },
      time: { groupby: 'time' },
      clip: { mode: 'none' },
    };
    await writeFile(own, JSON.stringify(document));
    const out = join(folder, 'hours');
    const first = JSON.parse((await cubeBuild([own, '--out', out, '--workers', '1'])).stdout) as Summary;
    const kept = JSON.parse((await cubeBuild([own, '--out', out, '--resume'])).stdout) as Summary;
    expect(kept.counts.resumed).toBe(first.counts.tasks);
    const chunks = (
      await readdir(join(source, 'irradiance.zarr', 'ghi', 'c'), { recursive: true, withFileTypes: true })
    )
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
    // The first chunk becomes a copy of the last one (other hours, other values), and the last is gone.
    await cp(chunks.at(-1)!, chunks[0]!);
    await rm(chunks.at(-1)!);
    const run = await cubeBuild([own, '--out', out, '--resume']);
    expect(run.code).toBe(0);
    expect(run.stderr).toBe('');
    const again = JSON.parse(run.stdout) as Summary;
    expect(again.counts.resumed).toBeLessThan(first.counts.tasks);
    expect(again.counts.resumed).toBeGreaterThan(0);
    const anew = join(folder, 'hours-anew');
    expect((await cubeBuild([own, '--out', anew])).code).toBe(0);
    expect(await folderHashes(join(out, 'cube.zarr'))).toEqual(await folderHashes(join(anew, 'cube.zarr')));
  });

  it('starts anew where there is no journal, and refuses a cube that nothing tells of', async () => {
    const out = join(folder, 'fresh');
    expect((await cubeBuild([spec, '--out', out, '--resume'])).code).toBe(0);
    expect(await folderHashes(join(out, 'cube.zarr'))).toEqual(clean.store);
    await rm(join(out, 'cube.zarr.journal'));
    const refused = await cubeBuild([spec, '--out', out, '--resume']);
    expect(refused.code).toBe(8);
    expect(refused.stderr).toContain('--overwrite');
  });
});

type Summary = { readonly counts: { readonly tasks: number; readonly resumed: number } };
