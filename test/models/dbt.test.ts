import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extensionDirectory } from '../../src/duckdb/extensions.js';
import { projectFolder } from '../../src/models/project-files.js';
import { runModels } from '../../src/models/run-models.js';
import { testModels } from '../../src/models/test-models.js';
import { useAllThreads } from '../duckdb-threads.js';
import { temporaryFolder } from '../lake/temporary.js';
import { DBT } from '../python.js';
import { dumpModels } from './dump-models.js';
import { changeFeatures, writeFixtureLake } from './fixture-lake.js';

useAllThreads();

const folder = temporaryFolder();
const lakeAt = (name: string) => ({ catalog: join(folder, `${name}.ducklake`), dataPath: join(folder, name, '/') });

type DbtResult = { readonly unique_id: string; readonly status: string };

/** Run a command of dbt over the package's project; its results. */
function dbt(command: string, lake: ReturnType<typeof lakeAt>): readonly DbtResult[] {
  const [profiles, target] = [join(folder, 'profiles'), join(folder, 'target')];
  mkdirSync(profiles, { recursive: true });
  copyFileSync(join(projectFolder(undefined), 'profiles.example.yml'), join(profiles, 'profiles.yml'));
  const paths = ['--project-dir', projectFolder(undefined), '--profiles-dir', profiles, '--target-path', target];
  const { stdout, status } = spawnSync(
    DBT,
    ['--no-use-colors', command, ...paths, '--log-path', join(folder, 'logs')],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        HELIOCUBE_LAKE: lake.catalog,
        HELIOCUBE_LAKE_DATA: lake.dataPath,
        HELIOCUBE_EXTENSIONS: extensionDirectory(),
      },
    },
  );
  expect(status, stdout).toBe(0);
  expect(stdout).not.toMatch(/Deprecat|WARN=[1-9]/);
  return (JSON.parse(readFileSync(join(target, 'run_results.json'), 'utf8')) as { results: DbtResult[] }).results;
}

describe.skipIf(!existsSync(DBT))(`dbt${existsSync(DBT) ? '' : ` (skipped: ${DBT} is not there)`}`, () => {
  it('leaves the tables that we leave, and its tests pass as ours do', async () => {
    const [ours, theirs] = [lakeAt('ours'), lakeAt('theirs')];
    for (const lake of [ours, theirs]) await writeFixtureLake(lake);
    const { models } = await runModels({ lake: ours });
    const results = await testModels({ lake: ours });
    const built = dbt('build', theirs);
    expect(built.every(({ status }) => status === 'success' || status === 'pass')).toBe(true);
    expect(built.filter(({ status }) => status === 'pass')).toHaveLength(results.length);
    // dbt says nothing of ephemeral models.
    expect(built.filter(({ status }) => status === 'success')).toHaveLength(models.length - 3);
    const dump = await dumpModels(ours);
    expect(Object.keys(dump)).toHaveLength(26);
    expect(await dumpModels(theirs)).toEqual(dump);
  });

  it('agrees on the second run, after features came, changed and went', async () => {
    const [ours, theirs] = [lakeAt('ours'), lakeAt('theirs')];
    for (const lake of [ours, theirs]) await changeFeatures(lake);
    await runModels({ lake: ours });
    dbt('run', theirs);
    const [dump, others] = [await dumpModels(ours), await dumpModels(theirs)];
    // A row says which snapshot wrote it, and dbt has made other snapshots than we have.
    expect(withoutSnapshots(others)).toEqual(withoutSnapshots(dump));
  });
});

function withoutSnapshots(dump: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(dump).replaceAll(/'lake_snapshot': \d+/g, "'lake_snapshot': n"));
}
