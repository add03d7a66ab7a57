import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lake/temporary.js';
import { writeFixtureLake } from '../models/fixture-lake.js';
import { writeProject } from '../models/write-project.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const cube = (...parameters: string[]) => runCube(['models', ...parameters], { cwd: folder });

describe('cube models', () => {
  it('runs and tests the models that come with it', async () => {
    await writeFixtureLake({ catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') });
    const ran = await cube('run', '--lake', 'lake.ducklake', '--vars', '{h3_resolution: 4}');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^success pv_sites, 8 rows \(\d+\.\d\d s\)$/m);
    expect(ran.stdout).toMatch(/\n29 models: 29 success \(run [0-9a-f-]+\)\n$/);
    const tested = await cube('test', '--lake', 'lake.ducklake', '--json');
    expect(tested).toMatchObject({ code: 0, stderr: '' });
    const { tests } = JSON.parse(tested.stdout) as { tests: { status: string }[] };
    expect(tests).toHaveLength(96);
    const json = await cube('run', '--lake', 'lake.ducklake', '--select', 'raw_sites', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      models: [{ model: 'raw_sites', status: 'success', rows: null, message: null }],
    });
  });

  it('leaves with 7 where models or tests fail', async () => {
    const project = writeProject(folder, {
      'models/a.sql': 'select 1 as n union all select 1',
      'models/b.sql': "select gone from {{ ref('a') }}",
      'models/c.sql': "select * from {{ ref('b') }}",
      'models/p.yml': 'models: [{name: a, columns: [{name: n, tests: [unique]}]}]',
    });
    const ran = await cube('run', '--lake', 'lake.ducklake', '--project', project);
    expect(ran.code).toBe(7);
    expect(ran.stdout).toMatch(
      /^success a, 2 rows .*\nerror {3}b: lake: DuckDB: Binder Error[^]*\nskipped c: b failed/,
    );
    expect(ran.stdout).toContain('\n3 models: 1 success, 1 error, 1 skipped (run ');
    expect(ran.stderr).toBe('cube: incomplete: not all models are well: 1 failed\n');
    const tested = await cube('test', '--lake', 'lake.ducklake', '--project', project);
    expect(tested).toMatchObject({ code: 7, stderr: 'cube: incomplete: not all tests are well: 1 failed\n' });
    expect(tested.stdout).toBe('fail    a.n: unique: 1 rows\n        {"value":1,"occurrences":"2"}\n1 tests: 1 fail\n');
  });

  it('draws without a lake', async () => {
    const docs = await cube('docs', '--out', 'models.html');
    expect(docs).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'models.html'), 'utf8')).toMatch(/^<!doctype html>/);
    const lineage = await cube('lineage', '--select', '+scene_plan', '--format', 'dot');
    expect(lineage).toMatchObject({ code: 0, stderr: '' });
    expect(lineage.stdout).toMatch(/^digraph "models" \{/);
    expect(JSON.parse((await cube('lineage', '--json')).stdout)).toHaveProperty('edges');
  });

  it('says what is wrong', async () => {
    const project = writeProject(folder, { 'models/a.sql': "select\n* from {{ ref('b') }}" });
    const unknown = await cube('lineage', '--project', project);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: 'cube: invalid-spec: models/a.sql:2: there is no model "b" (did you mean "a"?)\n',
    });
    expect(await cube('run')).toMatchObject({ code: 2 });
    expect(await cube('lineage', '--select', 'pv_site')).toMatchObject({ code: 2 });
    expect(await cube('lineage', '--format', 'png')).toMatchObject({ code: 2 });
    expect(await cube('docs', '--vars', '[1]')).toMatchObject({ code: 2 });
    expect(await cube('docs', '--project', 'nowhere')).toMatchObject({ code: 3 });
    const help = await cube('--help');
    expect(help.stdout).toMatch(/\nExamples:\n {2}cube models/);
  });
});
