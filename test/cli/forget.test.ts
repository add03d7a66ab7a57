import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.js';
import { countsOf, SETS, SETS_WITHOUT_B, writeSets } from '../ingest/three-sets.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake') };
const forget = (...parameters: string[]) =>
  runCube(['lake', 'forget', ...parameters, '--lake', 'lake.ducklake'], { cwd: folder });

beforeAll(async () => {
  await ingest({ manifest: writeSets(folder), lake, models: false });
});

describe('cube lake forget', () => {
  it('tells what it would do, does it, and then knows the data set no more', async () => {
    const planned = await forget('b');
    expect(planned).toMatchObject({ code: 0, stderr: 'look …\n' });
    expect(planned.stdout).toMatch(
      /^lake .*\ndataset {2}b: would take out 40 features, 2 records in quarantine\nsites {4}90 before, 70 after\nnothing was changed; pass --apply to do it\n$/,
    );
    expect(await countsOf(lake)).toEqual(SETS);

    const done = await forget('b', '--apply', '--json', '--no-models');
    expect(done).toMatchObject({ code: 0, stderr: 'look …\ncommit …\n' });
    expect(JSON.parse(done.stdout)).toMatchObject({
      applied: true,
      runId: expect.any(String),
      datasets: [{ dataset: 'b', rows: { datasets: 1, features: 40, quarantine: 2 } }],
      sites: { before: 90, after: 70 },
      models: [],
    });
    expect(await countsOf(lake)).toEqual(SETS_WITHOUT_B);

    const again = await forget('b', '--apply', '--quiet');
    expect(again).toMatchObject({ code: 3, stdout: '' });
    expect(again.stderr).toBe(
      'cube: not-found: data set b does not exist: expected a data set of the lake, found a, b2 (name one of them)\n',
    );
    const with2 = await forget('b2', '--apply', '--quiet');
    expect(with2).toMatchObject({ code: 0, stderr: '' });
    expect(with2.stdout).toMatch(/\nsites {4}70 before, 60 after\nmodels {3}\d+ are current, \d+ skipped, 0 failed\n$/);
  });
});
