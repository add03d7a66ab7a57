import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import type { BuildInput } from '../../src/build/build-input.js';
import { planCube } from '../../src/build/plan-cube.js';
import { isCubeError } from '../../src/errors.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { temporaryFolder } from '../lake/temporary.js';
import { folderHashes, imagerySpec, SAMPLE_SIZE } from './sample-build.js';

const folder = temporaryFolder();
/** What callers give `abort`: nothing, an error of their own, or anything. */
const REASONS = [undefined, new Error('no longer wanted'), 'a text', { code: 7 }, null];

describe('an abort', () => {
  let clean: Record<string, string> = {};
  const input = (name: string): BuildInput & { spec: object } => ({
    spec: imagerySpec('./source/catalog.json'),
    folder,
    out: join(folder, name),
    workers: 0,
  });

  beforeAll(async () => {
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: 1 });
    await buildCube(input('clean'));
    clean = await folderHashes(join(folder, 'clean', 'cube.zarr'));
  });

  for (const [index, reason] of REASONS.entries()) {
    it(`before anything with the reason ${String(reason)} is "aborted"`, async () => {
      const signal = AbortSignal.abort(reason);
      for (const run of [buildCube, planCube]) {
        const error = await run({ ...input(`early${index}`), signal }).catch((one: unknown) => one);
        expect(isCubeError(error, 'aborted'), String(error)).toBe(true);
      }
    });
  }

  // What comes before the tasks is the same with threads.
  const phases = { 0: ['search', 'items', 'plan', 'chunks', 'tasks', 'store'], 2: ['tasks', 'store'] };
  for (const workers of [0, 2] as const) {
    for (const phase of phases[workers]) {
      it(`in ${phase} with ${workers} workers is "aborted", and the build can go on`, async () => {
        const stop = new AbortController();
        const reason = new Error('no longer wanted');
        const progress: NonNullable<BuildInput['progress']> = (event) => {
          const now = event.kind === 'phase' ? event.name : event.kind;
          if (now === phase && !(event.kind === 'tasks' && event.done === 0)) stop.abort(reason);
        };
        const own = { ...input(`${phase}${workers}`), workers };
        const error = await buildCube({ ...own, signal: stop.signal, progress }).catch((one: unknown) => one);
        expect(isCubeError(error, 'aborted'), String(error)).toBe(true);
        const summary = await buildCube({ ...own, resume: true });
        expect(summary.status).toBe('complete');
        expect(await folderHashes(summary.cube)).toEqual(clean);
      });
    }
  }

  it('an error that is no abort stays what it is', async () => {
    const stop = new AbortController();
    const missing = { ...input('missing'), spec: imagerySpec('./source/nowhere.json'), signal: stop.signal };
    const error = await buildCube(missing).catch((one: unknown) => one);
    expect(isCubeError(error, 'not-found'), String(error)).toBe(true);
  });
});
