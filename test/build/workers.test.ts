import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { isCubeError } from '../../src/errors.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { folderHashes, imagerySpec, lakeRows, SAMPLE_LABELS, SAMPLE_SIZE } from './sample-build.js';

describe('a build', () => {
  let folder = '';
  const spec = (changes: object = {}) =>
    imagerySpec(join(folder, 'source/catalog.json'), {
      labels: { path: join(folder, 'source/labels.geojson') },
      ...changes,
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'workers-'));
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: SAMPLE_LABELS });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('W1 leaves the same store and the same rows for 0, 1, 2 and 4 workers', async () => {
    const stores: unknown[] = [];
    for (const workers of [0, 1, 2, 4]) {
      const out = join(folder, `out${workers}`);
      const summary = await buildCube({ spec: spec(), out, workers });
      expect(summary.status).toBe('complete');
      stores.push({ store: await folderHashes(join(out, 'cube.zarr')), lake: await lakeRows(out) });
    }
    expect(Object.keys((stores[0] as { store: object }).store).length).toBeGreaterThan(30);
    for (const store of stores.slice(1)) expect(store).toEqual(stores[0]);
  });

  it('Z8 gives the same pixels and statistics however it is cut into chunks, shards and strips', async () => {
    const base = spec({ mosaic: 'median', resampling: { '*': 'cubic' } });
    const results: { blue: unknown; stats: unknown }[] = [];
    for (const [name, grid, maxMemory] of [
      ['whole', { chunk: 512 }, 2 ** 31],
      ['chunks', { chunk: 64 }, 2 ** 31],
      ['shards', { chunk: 64, shard: 128 }, 2 ** 31],
      ['strips', { chunk: 512 }, 2 ** 25],
    ] as const) {
      const out = join(folder, `cut-${name}`);
      const merged = { ...base, grid: { crs: 'EPSG:32632', resolution: 10, extent: 'items', ...grid } };
      await buildCube({ spec: merged, out, workers: 0, maxMemory });
      const { label_stats: stats } = await lakeRows(out);
      results.push({ blue: await wholeBand(join(out, 'cube.zarr'), 'blue'), stats: roundedRows(stats) });
    }
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });

  it('refuses an output that is there, and replaces it when told to', async () => {
    const out = join(folder, 'twice');
    await buildCube({ spec: spec(), out, workers: 0 });
    const first = await folderHashes(join(out, 'cube.zarr'));
    const again = await buildCube({ spec: spec(), out, workers: 0 }).catch((error: unknown) => error);
    expect(isCubeError(again, 'exists')).toBe(true);
    await buildCube({ spec: spec({ bands: ['nir'] }), out, workers: 0, overwrite: true });
    expect(Object.keys(await folderHashes(join(out, 'cube.zarr')))).not.toEqual(Object.keys(first));
  });

  it('stops at an abort and says so', async () => {
    const stop = new AbortController();
    const progress = ({ kind }: { kind: string }) => {
      if (kind === 'tasks') stop.abort();
    };
    for (const workers of [0, 2]) {
      const input = { spec: spec(), out: join(folder, `abort${workers}`), workers, signal: stop.signal, progress };
      const error = await buildCube(input).catch((one: unknown) => one);
      expect(error).toSatisfy((one: unknown) => isCubeError(one, 'aborted') || (one as Error).name === 'AbortError');
    }
  });
});

async function wholeBand(store: string, variable: string): Promise<number[]> {
  const { createSources } = await import('../../src/io/sources.js');
  const { openRaster } = await import('../../src/raster/open.js');
  const { readPlane } = await import('../../src/raster/read-plane.js');
  const sources = createSources();
  const level = (await openRaster(sources, store, { variable })).levels[0]!;
  const [, height, width] = level.shape as [number, number, number];
  const plane = await readPlane(level, { at: [1, 0, 0], window: { col: 0, row: 0, width, height } }, sources);
  await sources.close();
  return Array.from(plane, Number);
}

/** Z8 asks for sums within 1e-9; they are compared at eleven digits. */
function roundedRows(rows: unknown): unknown {
  return (rows as unknown[][]).map((row) =>
    row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(11)) : value)),
  );
}
