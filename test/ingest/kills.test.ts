import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LakeLocation } from '../../src/lake/attach.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { runCube } from '../cli/run-cube.js';
import { catalogCases } from '../lake/catalogs.js';
import { temporaryFolder } from '../lake/temporary.js';
import { killIngests } from './kill-ingests.js';
import { curatedSums, expectedCurated, stateOf, WHOLE, writeVersion } from './two-versions.js';

const root = temporaryFolder();
/** More are asked for by HELIOCUBE_KILLS. */
const KILLS = Number(process.env['HELIOCUBE_KILLS'] ?? 6);
const SEED = 20_261_126;

describe.each(catalogCases())('an ingest into a lake in $name', ({ name, place, placeNew }) => {
  it(`killed at ${KILLS} seeded random points leaves the old state or the new one, whole (seed ${SEED})`, async () => {
    const folder = join(root, name);
    mkdirSync(folder);
    const lake = { catalog: place(folder), dataPath: join(folder, 'data') };
    const { killed, inModels, old } = await killIngests({ lake, folder, root, kills: KILLS, seed: SEED });
    console.info(`${name}: ${killed} of ${KILLS} were killed, ${inModels} in the models, ${old} left the old state`);
    expect(killed).toBe(KILLS);
  }, 1_800_000);

  it('at once with another process, into a lake that is new and one that is there: both are in, and nothing is half', async () => {
    const folder = join(root, `${name}-at-once`);
    mkdirSync(folder);
    const lake = { catalog: await placeNew(folder), dataPath: join(folder, 'data') };
    for (const version of [0, 1] as const) {
      await ingestAtOnce(writeVersion(folder, version), lake);
      expect(await stateOf(lake)).toEqual({ ...WHOLE, version });
      expect(await curatedSums(lake)).toEqual(await expectedCurated(root, version));
      expect((await checkLake(lake)).faults).toEqual([]);
    }
  }, 1_800_000);
});

/** Each of two processes ingests one data set of the manifest. One of them may give up, with a clear error, and come in later. */
async function ingestAtOnce(manifest: string, { catalog, dataPath }: LakeLocation): Promise<void> {
  const only = (dataset: string) =>
    runCube(['ingest', manifest, '--lake', catalog, '--lake-data', dataPath, '--only', dataset, '--quiet']);
  const datasets = ['a', 'b'];
  const runs = await Promise.all(datasets.map(only));
  const failed = datasets.filter((_, i) => runs[i]!.code !== 0);
  expect(failed.length, runs.map(({ stderr }) => stderr).join()).toBeLessThan(2);
  for (const dataset of failed) {
    expect(runs[datasets.indexOf(dataset)]!.stderr).toMatch(/^cube: [^\n]+\n$/);
    expect(await only(dataset)).toMatchObject({ code: 0 });
  }
}
