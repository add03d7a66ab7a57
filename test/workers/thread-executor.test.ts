import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { openBuildFolder } from '../../src/build/build-folder.js';
import { lostTask } from '../../src/build/lost-task.js';
import { outputPaths } from '../../src/build/output-paths.js';
import { prepareFor } from '../../src/build/prepare-for.js';
import { readSpec } from '../../src/build/read-spec.js';
import { storeLayout } from '../../src/build/store-layout.js';
import { isCubeError } from '../../src/errors.js';
import { createSources } from '../../src/io/sources.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { ThreadExecutor } from '../../src/workers/thread-executor.js';
import { startFaultServer } from '../fault-server.js';
import { folderHashes, imagerySpec, SAMPLE_SIZE } from '../build/sample-build.js';

const DYING = fileURLToPath(new URL('dying.worker.mjs', import.meta.url));

describe('threads', () => {
  let folder = '';
  let clean: Record<string, string>;
  const spec = () => imagerySpec(join(folder, 'source/catalog.json'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'threads-'));
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: 5 });
    await buildCube({ spec: spec(), out: join(folder, 'clean'), workers: 0 });
    clean = await folderHashes(join(folder, 'clean', 'cube.zarr'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A build whose workers die; `deadKey` names a task that no worker survives. */
  async function buildDying(
    name: string,
    deadKey: string,
    allowIncomplete: boolean,
  ): Promise<{ failures: number; store: string }> {
    const deaths = join(folder, `${name}-deaths`);
    await mkdir(deaths);
    process.env['HELIOCUBE_TEST_DEATHS'] = deaths;
    process.env['HELIOCUBE_TEST_DEAD_KEY'] = deadKey;
    const sources = createSources();
    const input = { spec: spec(), out: join(folder, name), allowIncomplete };
    const read = await readSpec(input);
    const prepared = await prepareFor(input, sources, read);
    const paths = outputPaths(read.spec, read.folder, input.out);
    await mkdir(input.out);
    const layout = storeLayout(prepared);
    const build = await openBuildFolder({
      paths,
      layout,
      plan: prepared.plan,
      sources,
      mode: 'new',
      newRunId: 'r',
      startedAt: 0,
    });
    const budget = { tileCacheBytes: 2 ** 24, workBytes: 2 ** 24 };
    const setup = { context: prepared.context, storePath: build.storePath, arrays: layout.arrays, sources: {}, budget };
    const lost = allowIncomplete ? { onLost: lostTask(setup) } : {};
    const executor = new ThreadExecutor({ workers: 2, setup, workerFile: DYING, ...lost });
    try {
      await executor.run([prepared.plan.groups()], { onResult: (result) => build.record(result) });
      await build.seal(prepared);
    } finally {
      await executor.close();
      await build.close();
      await sources.close();
    }
    expect((await readdir(deaths)).length).toBe(prepared.plan.taskCount);
    const failures = [...build.results.values()].reduce((sum, result) => sum + result.failures.length, 0);
    return { failures, store: paths.cube };
  }

  it('a worker that dies loses nothing: its tasks run again', async () => {
    const { failures, store } = await buildDying('reborn', '', false);
    expect(failures).toBe(0);
    expect(await folderHashes(store)).toEqual(clean);
  });

  it('a task that kills every worker is an error', async () => {
    const error = await buildDying('dead', '1/0/1', false).catch((one: unknown) => one);
    expect(isCubeError(error, 'worker'), String(error)).toBe(true);
    expect(String(error)).toContain('1/0/1');
  });

  it('or counts as failed where the cube may be incomplete, and touches no other chunk', async () => {
    const { failures, store } = await buildDying('failed', '1/0/1', true);
    expect(failures).toBeGreaterThan(0);
    const hashes = await folderHashes(store);
    const changed = Object.keys({ ...clean, ...hashes }).filter((key) => hashes[key] !== clean[key]);
    expect(changed.length).toBeGreaterThan(0);
    for (const key of changed) expect(key).toMatch(/^(blue|nir|scl|reason)\/c\/1\/0\/1$/);
  });

  it('E4 workers read URLs that the main thread signs, once for a container', async () => {
    const server = await startFaultServer({
      root: join(folder, 'source'),
      intercept: (request, response) => {
        if (!/\.tif/.test(request.path) || request.path.includes('?token=good')) return false;
        response.statusCode = 403;
        response.end();
        return true;
      },
    });
    let calls = 0;
    const sign = (url: string) => {
      calls++;
      return {
        url: url.includes('.tif') ? `${url}?token=good` : url,
        expiresAt: Date.now() + 3_600_000,
        scope: 'container' as const,
      };
    };
    try {
      const sources = { sign, allowedOrigins: [new URL(server.url).origin] };
      const signed = { ...imagerySpec(`${server.url}catalog.json`) };
      await buildCube({ spec: signed, out: join(folder, 'signed'), workers: 2, sources });
      expect(await folderHashes(join(folder, 'signed', 'cube.zarr'))).toEqual(clean);
      expect(calls).toBeLessThan(100);
    } finally {
      await server.close();
    }
  });
});
