import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queryLakeRows } from '../../src/lake/query.js';
import { readLakeVersions } from '../../src/lake/versions.js';
import { runModels, type ModelRun } from '../../src/models/run-models.js';
import { testModels } from '../../src/models/test-models.js';
import { catalogCases } from '../lake/catalogs.js';
import { temporaryFolder } from '../lake/temporary.js';
import { dumpModels } from './dump-models.js';
import { changeFeatures, changeLake, writeFixtureLake } from './fixture-lake.js';
import { writeProject } from './write-project.js';

const folder = temporaryFolder();
let lakes = 0;
const newLake = () => {
  const place = join(folder, `lake-${lakes++}`);
  return { catalog: `${place}.ducklake`, dataPath: `${place}/` };
};
const statuses = (runs: readonly ModelRun[]) => Object.fromEntries(runs.map(({ model, status }) => [model, status]));

describe.each(catalogCases())('a run on a $name catalog', ({ place }) => {
  const lake = { catalog: place(folder), dataPath: join(folder, 'data/') };

  it('leaves the same tables when it is done again, incremental ones too', async () => {
    await writeFixtureLake(lake);
    const first = await runModels({ lake, runId: 'models-1' });
    expect(first.models.every(({ status }) => status === 'success')).toBe(true);
    const { snapshots } = await readLakeVersions(lake);
    const own = snapshots.filter(({ runId }) => runId === 'models-1');
    expect(own).toHaveLength(first.models.length - 3); // all but the ephemeral ones
    expect(own.at(-1)!.message).toBe('model raw_features of run models-1');
    const before = await dumpModels(lake);
    await runModels({ lake });
    expect(await dumpModels(lake)).toEqual(before);
    await runModels({ lake, fullRefresh: true });
    expect(await dumpModels(lake)).toEqual(before);
  });

  it('takes over what has come, changed and gone', async () => {
    await changeFeatures(lake);
    const { models } = await runModels({ lake, select: ['stg_features'] });
    expect(models).toMatchObject([{ model: 'stg_features', status: 'success', rows: 12 }]);
    const rows = () =>
      queryLakeRows(lake, 'SELECT feature_uid, run_id, area_geod_m2 FROM staging.stg_features ORDER BY 1');
    const found = await rows();
    expect(found.map((row) => row['feature_uid'])).toEqual([
      'd1',
      'd2',
      'd3',
      'd4',
      'o1',
      'o2',
      'o3',
      'o4',
      'o6',
      'u1',
      'u2',
      'u3',
    ]);
    expect(found.at(-1)).toEqual({ feature_uid: 'u3', run_id: 'ingest-2', area_geod_m2: 1000 });
    const before = await dumpModels(lake);
    await runModels({ lake, select: ['stg_features'], fullRefresh: true });
    expect(await dumpModels(lake)).toEqual(before);
  });
});

describe('a lake that was only ingested into', () => {
  it('has all models, those of scenes without rows, and all of their tests pass', async () => {
    const lake = newLake();
    await writeFixtureLake(lake, { isIngestOnly: true });
    const { models } = await runModels({ lake });
    expect(models.filter(({ status }) => status !== 'success')).toEqual([]);
    const rows = new Map(models.map((run) => [run.model, run.rows]));
    expect([rows.get('stg_items'), rows.get('site_scenes'), rows.get('scene_plan')]).toEqual([0, 0, 0]);
    const results = await testModels({ lake });
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['pass']));
  });
});

describe('tests', () => {
  it('find a feature that is there twice, and show it', async () => {
    const lake = newLake();
    await writeFixtureLake(lake, { hasDuplicateUid: true });
    await runModels({ lake });
    const failed = (await testModels({ lake })).filter(({ status }) => status === 'fail');
    const unique = failed.find(({ test }) => test === 'stg_features.feature_uid: unique');
    expect(unique).toMatchObject({ failures: 1, sample: [{ value: 'd1', occurrences: '2' }] });
    expect(failed.map(({ test }) => test)).toContain('cube.features.feature_uid: unique');
    expect(failed.map(({ test }) => test)).toContain('members_add_up');
  });

  it('of chosen models only; warnings are none; a question that cannot be asked is an error', async () => {
    const lake = newLake();
    await changeLake(lake, ['CREATE SCHEMA lake.cube']);
    const project = writeProject(folder, {
      'models/a.sql': "select * from (values (1, 'x'), (2, 'y''z'), (null, null)) as t(n, word)",
      'models/b.sql': "{{ config(materialized='ephemeral') }}select n + 1 as n from {{ ref('a') }}",
      'models/p.yml': `
models:
  - name: a
    columns:
      - name: n
        tests: [unique, {not_null: {severity: warn}}, {not_null: {where: n > 1}}, {accepted_values: {values: [1], quote: false}}]
      - name: word
        tests: [{accepted_values: {values: [x, "y'z"]}}, {relationships: {to: ref('b'), field: m}}]
  - name: b
    columns: [{name: n, tests: [unique, {relationships: {to: ref('a'), field: n}}]}]
`,
    });
    await runModels({ lake, project });
    const results = await testModels({ lake, project });
    expect(results.map(({ test, status, failures }) => [test, status, failures])).toEqual([
      ['a.n: unique', 'pass', 0],
      ['a.n: not_null', 'warn', 1],
      ['a.n: not_null', 'pass', 0],
      ['a.n: accepted_values', 'fail', 1],
      ['a.word: accepted_values', 'pass', 0],
      ['a.word: relationships', 'error', 0],
      ['b.n: unique', 'pass', 0],
      ['b.n: relationships', 'fail', 1],
    ]);
    expect(results[7]!.sample).toEqual([{ value: 3 }]);
    expect(results[5]!.message).toMatch(/^lake: DuckDB: /);
    expect(await testModels({ lake, project, select: ['b'] })).toHaveLength(2);
  });
});

describe('a model that fails', () => {
  it('keeps its old rows and those that read it from running', async () => {
    const lake = newLake();
    await changeLake(lake, ['CREATE SCHEMA lake.cube']);
    const files = (hook: string) => ({
      'models/a.sql': `{{ config(post_hook="${hook}") }}select 1 as n`,
      'models/b.sql': "{{ config(materialized='view') }}select n from {{ ref('a') }}",
      'models/c.sql': "select n from {{ ref('b') }}",
      'models/d.sql': 'select 4 as n',
    });
    const fine = await runModels({ lake, project: writeProject(folder, files('update {{ this }} set n = 7')) });
    expect(fine.models.map(({ model, rows }) => [model, rows])).toEqual([
      ['a', 1],
      ['b', null],
      ['c', 1],
      ['d', 1],
    ]);
    const told: string[] = [];
    const { models } = await runModels({
      lake,
      project: writeProject(folder, files('update {{ this }} set m = 7')),
      onModel: ({ model }) => told.push(model),
    });
    expect(statuses(models)).toEqual({ a: 'error', b: 'skipped', c: 'skipped', d: 'success' });
    expect(models[0]!.message).toMatch(/^lake: DuckDB: Binder Error/);
    expect(models[2]!.message).toBe('a failed');
    expect(told).toEqual(['a', 'b', 'c', 'd']);
    expect(await queryLakeRows(lake, 'SELECT * FROM small.c')).toEqual([{ n: 7 }]);
    expect(await queryLakeRows(lake, 'SELECT * FROM small.a')).toEqual([{ n: 7 }]);
  });

  it('is one whose source is needed and not there', async () => {
    const lake = newLake();
    await changeLake(lake, ['CREATE SCHEMA lake.cube']);
    const project = writeProject(folder, {
      'models/a.sql': "select * from {{ source('cube', 'gone') }}",
      'models/s.yml': 'sources: [{name: cube, tables: [{name: gone}]}]',
    });
    const { models } = await runModels({ lake, project });
    expect(models).toMatchObject([{ status: 'error', message: 'the lake has no cube.gone' }]);
  });
});

describe('what a model is', () => {
  it('may change from table to view and back; changed columns of an incremental one want a full refresh', async () => {
    const lake = newLake();
    await changeLake(lake, ['CREATE SCHEMA lake.cube']);
    const project = (materialized: string, query: string) =>
      writeProject(folder, { 'models/a.sql': `{{ config(materialized='${materialized}') }}${query}` });
    const run = async (materialized: string, query: string, fullRefresh = false) =>
      (await runModels({ lake, project: project(materialized, query), fullRefresh })).models[0]!;
    expect(await run('view', 'select 1 as n')).toMatchObject({ status: 'success', rows: null });
    expect(await run('table', 'select 2 as n')).toMatchObject({ status: 'success', rows: 1 });
    expect(await run('view', 'select 3 as n')).toMatchObject({ status: 'success' });
    expect(await run('incremental', 'select 4 as n')).toMatchObject({ status: 'success', rows: 1 });
    expect(await run('incremental', 'select 5 as n')).toMatchObject({ rows: 2 }); // no key: rows are added
    const refused = await run('incremental', 'select 6 as n, 7 as m');
    expect(refused).toMatchObject({ status: 'error' });
    expect(refused.message).toMatch(
      /columns of a are not those of its table: m INTEGER \(run it with --full-refresh\)/,
    );
    expect(await run('incremental', 'select 6 as n, 7 as m', true)).toMatchObject({ status: 'success', rows: 1 });
  });

  it('no DOUBLE that is a count', async () => {
    const lake = newLake();
    await writeFixtureLake(lake);
    await runModels({ lake });
    const counts = await queryLakeRows(
      lake,
      `SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name IN ('prepared', 'curated') AND data_type IN ('DOUBLE', 'HUGEINT')
         AND regexp_matches(column_name, 'sites|features|datasets|step|count')`,
    );
    expect(counts).toEqual([]);
  });
});

it('a signal ends a run between two models', async () => {
  const lake = newLake();
  await writeFixtureLake(lake);
  const stop = new AbortController();
  await expect(runModels({ lake, signal: stop.signal, onModel: () => stop.abort() })).rejects.toMatchObject({
    problem: { kind: 'aborted' },
  });
});
