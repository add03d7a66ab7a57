import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import type { BuildInput } from '../../src/build/build-input.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { isCubeError, type Problem } from '../../src/errors.js';
import { queryLake } from '../../src/lake/query.js';
import { openIcechunk } from '../../src/native/icechunk.js';
import type { IcechunkVersion } from '../../src/native/icechunk/types.js';
import { temporaryFolder } from '../lake/temporary.js';
import { icechunkAbsent, suiteName } from '../native/icechunk-store.js';
import { startS3Server, type S3Server } from '../native/s3-server.js';
import { folderHashes } from './sample-build.js';
import { extentOf, SIDE, writeItems } from './small-items.js';
import { ICECHUNK_PYTHON } from '../python.js';

const SCRIPT = fileURLToPath(new URL('../native/icechunk_check.py', import.meta.url));

const folder = temporaryFolder();
const MAIN: IcechunkVersion = { branch: 'main' };

const ITEMS = [1, 2, 3].map((day) => ({
  id: `day${day}`,
  datetime: `2024-06-0${day}T10:00:00Z`,
  images: {
    v: { value: ({ row, col }: Pixel) => (row * SIDE + col) * day + 1, nodata: 0 },
    w: { value: ({ row, col }: Pixel) => (row < 16 && col < 16 ? 0 : row + col + day), nodata: 0 },
  },
}));
type Pixel = { readonly row: number; readonly col: number };

/** Written once: another time of a file's change is another file. */
const stac = writeItems(folder, 'items', ITEMS);

/** The specification of the same cube for either kind of store. */
function specOf(cube: unknown, more: object = {}) {
  return {
    name: 'days',
    source: { stac },
    bands: ['v', 'w'],
    grid: { crs: 'EPSG:32633', resolution: 10, extent: extentOf(0, 0, SIDE, SIDE), chunk: 16 },
    nodata: 0,
    output: { cube, lake: 'none' },
    ...more,
  };
}

function build(name: string, more: Partial<BuildInput> & { readonly spec?: never } = {}, spec: object = {}) {
  const document = specOf({ icechunk: 'any' }, spec);
  return buildCube({ spec: document as never, folder, out: join(folder, name), workers: 0, ...more });
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isCubeError(error)) throw new Error(`no CubeError but ${String(error)}`);
  return error.problem;
}

/** Every object of a version, hex, by key. */
async function objects(path: string, version: IcechunkVersion = MAIN): Promise<Record<string, string>> {
  const repository = await openIcechunk({ kind: 'local', path });
  const session = await repository.readonly(version);
  const found: Record<string, string> = {};
  for (const key of await session.list('')) {
    found[key] = Buffer.from((await session.get(key))!).toString('hex');
  }
  session.close();
  repository.close();
  return found;
}

async function history(path: string) {
  const repository = await openIcechunk({ kind: 'local', path });
  const found = await repository.ancestry(MAIN);
  repository.close();
  return found;
}

/** The chunks of a Zarr store, hex, by key. */
function chunksOf(store: string, keys: readonly string[]): Record<string, string> {
  const chunks = keys.filter((key) => !key.endsWith('zarr.json'));
  return Object.fromEntries(chunks.map((key) => [key, readFileSync(join(store, key)).toString('hex')]));
}

async function samples(store: string, variable: string) {
  const raster = await openRaster(store, { variable });
  try {
    return Array.from((await raster.read({})).data, Number);
  } finally {
    await raster.close();
  }
}

const cubeOf = (name: string): string => join(folder, name, 'cube.icechunk');

const ARRAYS = ['v', 'w', 'reason', 'coverage', 'label', 'time', 'x', 'y', 'solar_day'];

describe.skipIf(icechunkAbsent !== null)(suiteName('a build into an Icechunk repository'), () => {
  let first: BuildSummary;
  const zarr = join(folder, 'zarr', 'cube.zarr');
  const cube = join(folder, 'first', 'cube.icechunk');

  beforeAll(async () => {
    const spec = specOf('any');
    await buildCube({ spec: spec as never, folder, out: join(folder, 'zarr'), workers: 0 });
    first = await build('first', {}, { output: { cube: { icechunk: 'any' } } });
  });

  it('holds the chunks of the same build into Zarr, byte for byte, and nothing else', async () => {
    expect(first).toMatchObject({ cube, status: 'complete' });
    const found = await objects(cube);
    const keys = Object.keys(await folderHashes(zarr));
    expect(Object.keys(found).toSorted()).toEqual(keys.toSorted());
    expect(found).toMatchObject(chunksOf(zarr, keys));
    const root = JSON.parse(Buffer.from(found['zarr.json']!, 'hex').toString()) as object;
    const { consolidated_metadata: _, ...plain } = JSON.parse(readFileSync(join(zarr, 'zarr.json'), 'utf8'));
    expect(root).toEqual(plain);
    for (const array of ARRAYS) {
      const key = `${array}/zarr.json`;
      const { shape, codecs, attributes, fill_value } = JSON.parse(readFileSync(join(zarr, key), 'utf8'));
      expect(JSON.parse(Buffer.from(found[key]!, 'hex').toString())).toMatchObject({ shape, attributes, fill_value });
      expect(JSON.parse(Buffer.from(found[key]!, 'hex').toString()).codecs).toHaveLength(codecs.length);
    }
  });

  it('is read as the Zarr store is', async () => {
    for (const array of ['v', 'w', 'reason', 'coverage', 'label']) {
      expect(await samples(cube, array), array).toEqual(await samples(zarr, array));
    }
  });

  it.skipIf(!existsSync(ICECHUNK_PYTHON))('is read by the Python package as by us', { timeout: 60_000 }, async () => {
    for (const array of ['v', 'w', 'reason', 'label']) {
      const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, 'values', cube, array], { encoding: 'utf8' });
      if (stdout === '') throw new Error(stderr);
      expect((JSON.parse(stdout) as number[]).flat(3), array).toEqual(await samples(zarr, array));
    }
  });

  it('is one commit that tells run, plan and code, and the lake tells the commit', async () => {
    const [head, ...before] = await history(cube);
    expect(before).toHaveLength(1);
    expect(head).toMatchObject({
      id: first.snapshot,
      message: expect.stringContaining(first.runId),
      metadata: { run_id: first.runId, plan_hash: first.planHash, name: 'days', code_version: expect.any(String) },
    });
    const lake = { catalog: join(folder, 'first', 'lake.ducklake'), dataPath: join(folder, 'first', 'lake/') };
    const { rows } = await queryLake(lake, 'SELECT run_id, cube_snapshot, cube_href FROM runs');
    expect(rows).toEqual([[first.runId, first.snapshot, 'cube.icechunk']]);
  });

  it('leaves nothing staged, and an item beside it', () => {
    expect(existsSync(`${cube}.building`)).toBe(false);
    const item = JSON.parse(readFileSync(`${cube}.json`, 'utf8')) as { assets: { cube: object } };
    expect(item.assets.cube).toMatchObject({ href: './cube.icechunk', title: 'Icechunk repository' });
  });

  it('rests where all is finished, and commits to the lake alone where only that is missing', async () => {
    const again = await build('first', { resume: true }, { output: { cube: { icechunk: 'any' } } });
    expect(again).toMatchObject({ runId: first.runId, snapshot: first.snapshot });
    expect(again.counts.resumed).toBe(again.counts.tasks);
    expect(await history(cube)).toHaveLength(2);
  });

  it('refuses a repository that holds something, and anything else', async () => {
    expect(await problemOf(build('first'))).toMatchObject({ kind: 'exists', fix: expect.stringContaining('--resume') });
    await rm(`${cube}.journal`);
    expect(await problemOf(build('first', { resume: true }))).toMatchObject({ kind: 'exists' });
    writeFileSync(join(folder, 'plain'), 'text');
    const input = { spec: specOf({ icechunk: 'plain' }) as never, folder, workers: 0 };
    expect(['exists', 'io']).toContain((await problemOf(buildCube(input))).kind);
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('text');
  });

  it('puts a new version after the old one where it may overwrite', async () => {
    const old = await objects(cube);
    const less = await build('first', { overwrite: true }, { bands: ['w'] });
    expect(less.snapshot).not.toBe(first.snapshot);
    const [head, parent] = await history(cube);
    expect([head!.id, parent!.id]).toEqual([less.snapshot, first.snapshot]);
    const now = Object.keys(await objects(cube));
    expect(now.some((key) => key.startsWith('v/'))).toBe(false);
    expect(now).toContain('w/zarr.json');
    expect(await objects(cube, { snapshot: first.snapshot! })).toEqual(old);
  });

  it('does the tasks of a changed item again, from the version that its journal names', async () => {
    const out = join(folder, 'changing');
    const spec = (value: number) => {
      const changed = { v: { value: () => value, nodata: 0 }, w: ITEMS[0]!.images.w };
      const source = writeItems(folder, 'changing-items', [{ ...ITEMS[0]!, images: changed }, ...ITEMS.slice(1)]);
      return { ...specOf({ icechunk: 'any' }), source: { stac: source } } as never;
    };
    await buildCube({ spec: spec(7), folder, out, workers: 0 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await buildCube({ spec: spec(8), folder, out, workers: 0, resume: true });
    // A chunk of w has no data, so that neither has v.
    const day = (await samples(join(out, 'cube.icechunk'), 'v')).slice(0, SIDE * SIDE);
    expect(day.filter((value) => value === 8)).toHaveLength(SIDE * SIDE - 16 * 16);
    expect((await history(join(out, 'cube.icechunk')))[0]!.id).toBe(second.snapshot);
  });

  it('goes on where it was interrupted behind the commit, without a second one', async () => {
    const place = join(folder, 'behind', 'cube.icechunk');
    const done = await build('behind');
    const journal = readFileSync(`${place}.journal`, 'utf8').trimEnd().split('\n');
    const sealed = journal.findIndex((line) => line.includes('"sealed"'));
    writeFileSync(`${place}.journal`, `${journal.slice(0, sealed).join('\n')}\n`);
    await stageFrom(place);
    const again = await build('behind', { resume: true });
    expect(again).toMatchObject({ runId: done.runId, snapshot: done.snapshot });
    expect(again.counts.resumed).toBe(again.counts.tasks);
    expect(await history(place)).toHaveLength(2);
    expect(existsSync(`${place}.building`)).toBe(false);
    // Behind the journal's line that it is sealed, before the staged objects were removed.
    await stageFrom(place);
    expect(await build('behind', { resume: true })).toMatchObject({ runId: done.runId, snapshot: done.snapshot });
    expect(await history(place)).toHaveLength(2);
    expect(existsSync(`${place}.building`)).toBe(false);
  });

  it('goes on with what is staged where it was interrupted before the commit', async () => {
    const place = join(folder, 'before', 'cube.icechunk');
    const done = await build('before');
    const lines = readFileSync(`${place}.journal`, 'utf8').trimEnd().split('\n');
    const half = lines.filter((line) => !line.includes('"sealed"')).slice(0, 1 + done.counts.tasks / 2);
    await stageFrom(place);
    await rm(place, { recursive: true });
    writeFileSync(`${place}.journal`, `${half.join('\n')}\n`);
    expect(await problemOf(build('before'))).toMatchObject({ kind: 'exists', what: 'an unfinished build is there' });
    const again = await build('before', { resume: true });
    expect(again).toMatchObject({ runId: done.runId, counts: { resumed: done.counts.tasks / 2 } });
    expect(await objects(place)).toEqual(await objects(cubeOf('behind')));
    expect(await history(place)).toHaveLength(2);
  });

  it('does not go on over a version that somebody else has made', async () => {
    const place = join(folder, 'others', 'cube.icechunk');
    await build('others');
    const repository = await openIcechunk({ kind: 'local', path: place });
    const session = await repository.writable('main');
    await session.delete('v/c/0/0/0');
    await session.commit({ message: 'another hand' });
    repository.close();
    const changed = build('others', { resume: true }, { mosaic: 'last' });
    expect(await problemOf(changed)).toMatchObject({ kind: 'conflict', what: expect.stringContaining('another hand') });
  });

  it('has no shards', async () => {
    const grid = { ...specOf('any').grid, shard: 32 };
    const problem = await problemOf(build('shards', {}, { grid }));
    expect(problem).toMatchObject({ kind: 'unsupported', fix: expect.stringContaining('grid.shard') });
    expect(existsSync(join(folder, 'shards'))).toBe(false);
  });
});

describe.skipIf(icechunkAbsent !== null)(suiteName('a build into a bucket'), () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    vi.stubEnv('AWS_ENDPOINT_URL', server.endpoint);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'hunter2');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.close();
  });

  it('keeps journal, item and lake beside the specification', async () => {
    const beside = join(folder, 'bucket');
    const spec = {
      ...specOf({ icechunk: 's3://b/cubes/days.icechunk/' }),
      output: { cube: { icechunk: 's3://b/cubes/days.icechunk/' } },
    };
    const summary = await buildCube({ spec: spec as never, folder: beside, workers: 0 });
    expect(summary).toMatchObject({ cube: 's3://b/cubes/days.icechunk', snapshot: expect.any(String) });
    expect([...server.objects.keys()].every((key) => key.startsWith('b/cubes/days.icechunk/'))).toBe(true);
    const files = readdirSync(beside).toSorted();
    expect(files).toEqual(['days.icechunk.journal', 'days.icechunk.json', 'lake', 'lake.ducklake']);
    const item = readFileSync(join(beside, 'days.icechunk.json'), 'utf8');
    expect(item).toContain('"s3://b/cubes/days.icechunk"');
    for (const file of files.slice(0, 2)) expect(readFileSync(join(beside, file), 'utf8')).not.toContain('hunter2');
    const again = await buildCube({ spec: spec as never, folder: beside, workers: 0, resume: true });
    expect(again).toMatchObject({ runId: summary.runId, snapshot: summary.snapshot });
    const lake = { catalog: join(beside, 'lake.ducklake'), dataPath: join(beside, 'lake/') };
    const { rows } = await queryLake(lake, 'SELECT cube_snapshot, cube_href FROM runs');
    expect(rows).toEqual([[summary.snapshot, 's3://b/cubes/days.icechunk']]);
  });

  it('refers to no file of this machine', async () => {
    const beside = join(folder, 'bucket-virtual');
    const cube = { icechunk: 's3://b/cubes/own.icechunk', virtual: 'auto' };
    const spec = { ...specOf(cube), output: { cube, lake: 'none' } };
    const { storage } = await buildCube({ spec: spec as never, folder: beside, workers: 0 });
    expect(storage).toMatchObject({ virtual: 0, reasons: { 'no stored place': expect.any(Number) } });
  });
});

/** Put the objects of a repository's newest version back where they were staged. */
async function stageFrom(place: string): Promise<void> {
  const { ObjectFolder } = await import('../../src/cube/writer/object-folder.js');
  const staging = new ObjectFolder(`${place}.building`);
  for (const [key, hex] of Object.entries(await objects(place))) {
    await staging.writeObject(key, Buffer.from(hex, 'hex'));
  }
}

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function cubeBuild(parameters: readonly string[], killAfterMs?: number): Promise<{ code: number | null; ms: number }> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, [CLI, 'build', ...parameters, '--quiet'], { stdio: 'ignore' });
    const timer = killAfterMs === undefined ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('close', (code) => {
      if (timer !== null) clearTimeout(timer);
      resolve({ code, ms: performance.now() - started });
    });
  });
}

describe.skipIf(icechunkAbsent !== null)(suiteName('a build into an Icechunk repository that is killed'), () => {
  it('ends as an undisturbed one, in one commit', { timeout: 120_000 }, async () => {
    const spec = join(folder, 'spec.json');
    writeFileSync(spec, JSON.stringify(specOf({ icechunk: 'any' })));
    const clean = join(folder, 'clean');
    const { code, ms } = await cubeBuild([spec, '--out', clean, '--workers', '2']);
    expect(code).toBe(0);
    const expected = await objects(join(clean, 'cube.icechunk'));
    for (const part of [0.5, 0.65, 0.8, 0.9]) {
      const out = join(folder, `killed-${part}`);
      const place = join(out, 'cube.icechunk');
      await cubeBuild([spec, '--out', out, '--workers', '2'], ms * part);
      expect((await cubeBuild([spec, '--out', out, '--workers', '2', '--resume'])).code, `killed at ${part}`).toBe(0);
      expect(await objects(place)).toEqual(expected);
      expect(await history(place)).toHaveLength(2);
      expect(await stat(`${place}.building`).catch(() => null)).toBeNull();
      await rm(out, { recursive: true });
    }
  });
});
