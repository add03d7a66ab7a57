import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { lockOutput } from '../../src/build/output-lock.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { imagerySpec, SAMPLE_LABELS, SAMPLE_SIZE } from './sample-build.js';

describe('the place of a build', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'place-'));
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: SAMPLE_LABELS });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const build = (options: object) =>
    buildCube({ spec: imagerySpec(join(folder, 'source', 'catalog.json')) as never, workers: 0, ...options });

  it('is held by one build at a time, and free again when that ends', async () => {
    const out = join(folder, 'held');
    const unlock = await lockOutput(join(out, 'cube.zarr'));
    await expect(build({ out })).rejects.toMatchObject({
      problem: { kind: 'exists', what: expect.stringContaining('another build') as string },
    });
    await unlock();
    await expect(build({ out })).resolves.toMatchObject({ status: 'complete' });
    await expect(build({ out, resume: true })).resolves.toMatchObject({ status: 'complete' });
  });

  it('two at once: one builds, the other is told', async () => {
    const out = join(folder, 'two');
    const ends = await Promise.allSettled([build({ out }), build({ out })]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = ends.find((end) => end.status === 'rejected')!;
    expect(refused.reason).toMatchObject({ problem: { kind: 'exists' } });
  });

  it('keeps a file of the user that lies where the STAC item goes', async () => {
    const out = join(folder, 'kept');
    const unlock = await lockOutput(join(out, 'cube.zarr'));
    await unlock();
    await writeFile(join(out, 'cube.json'), '{"name":"a specification"}');
    await expect(build({ out, overwrite: true })).rejects.toMatchObject({
      problem: { kind: 'exists', path: join(out, 'cube.json') },
    });
    expect(await readFile(join(out, 'cube.json'), 'utf8')).toBe('{"name":"a specification"}');
    await rm(join(out, 'cube.json'));
    await build({ out });
    await expect(build({ out, overwrite: true })).resolves.toMatchObject({ status: 'complete' });
  });
});
