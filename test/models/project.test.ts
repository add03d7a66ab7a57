import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { readProject } from '../../src/models/read-project.js';
import { selectModels } from '../../src/models/select-models.js';
import { temporaryFolder } from '../lake/temporary.js';
import { SETTINGS, writeProject } from './write-project.js';

const folder = temporaryFolder();

async function complaint(files: { readonly [path: string]: string }): Promise<string> {
  try {
    await readProject({ project: writeProject(folder, files) });
  } catch (error) {
    if (isCubeError(error)) return error.message;
    throw error;
  }
  return 'nothing';
}

const model = 'select 1 as a';

describe('a project', () => {
  it('has models with what they read, in order, and their configuration', async () => {
    const project = await readProject({
      project: writeProject(folder, {
        'models/one.sql':
          "{{ config(tags=['x'], unique_key='a', materialized='incremental') }}select * from {{ source('g', 't') }}",
        'models/part/two.sql':
          "select * from {{ ref('one') }} {% if is_incremental() %}join {{ ref('three') }}{% endif %}",
        'models/part/three.sql': model,
        'models/off.sql': '{{ config(enabled=false) }}select 1',
        'models/properties.yml': `
sources: [{name: g, schema: real, tables: [{name: t, identifier: u, columns: [{name: a, data_tests: [unique]}]}]}]
models:
  - name: two
    description: The second
    config: {materialized: view, tags: y}
    columns: [{name: a, description: A column, tests: [not_null, {accepted_values: {values: [1, 2], config: {severity: warn}}}]}]
`,
        'tests/none.sql': "select * from {{ ref('two') }}",
        'dbt_project.yml': `${SETTINGS}\n  small:\n    limit: 4\n`.replace(
          '+schema: small',
          '+schema: small\n    +tags: all\n    part: {+schema: other}',
        ),
      }),
      vars: { more: true },
    });
    expect([...project.models.keys()]).toEqual(['one', 'three', 'two']);
    expect(project.vars).toEqual({ limit: 4, more: true });
    const { one, two } = Object.fromEntries(project.models);
    expect(one).toMatchObject({ refs: [], sources: ['g.t'] });
    expect(one!.config).toMatchObject({
      materialized: 'incremental',
      uniqueKey: ['a'],
      tags: ['all', 'x'],
      schema: 'small',
    });
    expect(two).toMatchObject({ refs: ['one', 'three'], description: 'The second', path: 'models/part/two.sql' });
    expect(two!.config).toMatchObject({ materialized: 'view', tags: ['all', 'y'], schema: 'other', alias: 'two' });
    expect(project.sources.get('g.t')).toMatchObject({ schema: 'real', table: 'u', optional: false });
    expect(project.tests.map(({ name, severity }) => [name, severity])).toEqual([
      ['two.a: not_null', 'error'],
      ['two.a: accepted_values', 'warn'],
      ['g.t.a: unique', 'error'],
      ['none', 'error'],
    ]);
  });

  it.each([
    [
      'an unknown model',
      { 'models/a.sql': "select 1\nfrom {{ ref('bee') }}", 'models/bees.sql': model },
      /^invalid-spec: models\/a\.sql:2: there is no model "bee" \(did you mean "bees"\?\)$/,
    ],
    [
      'an unknown source',
      { 'models/a.sql': "\n\nselect * from {{ source('g', 't') }}" },
      /^invalid-spec: models\/a\.sql:3: there is no source "g\.t"/,
    ],
    [
      'a circle',
      {
        'models/a.sql': "select * from\n{{ ref('b') }}",
        'models/b.sql': "select * from {{ ref('c') }}",
        'models/c.sql': "select * from {{ ref('a') }}",
      },
      /^invalid-spec: models\/a\.sql:2: models read each other in a circle: a \(models\/a\.sql\) → b \(models\/b\.sql\) → c \(models\/c\.sql\) → a/,
    ],
    ['a model that reads itself', { 'models/a.sql': "select * from {{ ref('a') }}" }, /circle: a .* → a/],
    [
      'a model that is off',
      { 'models/a.sql': "select * from {{ ref('b') }}", 'models/b.sql': '{{ config(enabled=false) }}select 1' },
      /a\.sql:1: the model "b" is not enabled/,
    ],
    [
      'two models of one name',
      { 'models/a.sql': model, 'models/x/a.sql': model },
      /models\/x\/a\.sql: "a" is in models\/a\.sql already/,
    ],
    [
      'an unknown configuration',
      { 'models/a.sql': "{{ config(materialised='table') }}select 1" },
      /models\/a\.sql: the configuration "materialised" is not supported here \(did you mean "materialized"\?\)/,
    ],
    [
      'an unknown materialization',
      { 'models/a.sql': "{{ config(materialized='tables') }}select 1" },
      /"tables" is no materialization/,
    ],
    [
      'a strategy of others',
      {
        'models/a.sql':
          "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='a') }}select 1",
      },
      /"merge" is not supported here .*delete\+insert/,
    ],
    [
      'two models of one table',
      { 'models/a.sql': model, 'models/b.sql': "{{ config(alias='a') }}select 1" },
      /models\/b\.sql: the table small\.a is that of the model a/,
    ],
    [
      'a model in the place of a source',
      { 'models/a.sql': model, 'models/s.yml': 'sources: [{name: small, tables: [{name: a}]}]' },
      /models\/a\.sql: the table small\.a is that of the source small\.a/,
    ],
    [
      'the schema of our tables',
      { 'models/items.sql': "{{ config(schema='Cube') }}select 1" },
      /models\/items\.sql: the schema cube is that of the tables which models read/,
    ],
    [
      'changes of columns',
      { 'models/a.sql': "{{ config(on_schema_change='append_new_columns') }}select 1" },
      /on_schema_change/,
    ],
    [
      'properties of no model',
      { 'models/a.sql': model, 'models/p.yml': 'models: [{name: aa}]' },
      /models\/p\.yml: there is no model "aa" to describe \(did you mean "a"\?\)/,
    ],
    [
      'an unknown test',
      { 'models/a.sql': model, 'models/p.yml': 'models: [{name: a, data_tests: [uniqe]}]' },
      /there is no test "uniqe" \(did you mean "unique"\?\)/,
    ],
    [
      'a test of what is not there',
      {
        'models/a.sql': model,
        'models/p.yml': "models: [{name: a, data_tests: [{relationships: {to: ref('b'), field: a}}]}]",
      },
      /a: relationships: there is no model "b"/,
    ],
    [
      'an unknown key of properties',
      { 'models/a.sql': model, 'models/p.yml': 'models: [{name: a, data_test: [unique]}]' },
      /models\/p\.yml: models\[0\].*data_test/,
    ],
    [
      'a key without a plus',
      { 'models/a.sql': model, 'dbt_project.yml': SETTINGS.replace('+schema', 'schema') },
      /schema: a key needs a \+ before it/,
    ],
    [
      'hooks of a run',
      { 'dbt_project.yml': `${SETTINGS}\non-run-end: x\n` },
      /on-run-end: this key of dbt is not supported here/,
    ],
    [
      'an unknown key of the project',
      { 'dbt_project.yml': `${SETTINGS}\nmodel-path: [x]\n` },
      /did you mean "model-paths"\?/,
    ],
    ['no YAML', { 'dbt_project.yml': 'a: [' }, /^invalid-spec: dbt_project\.yml: not YAML/],
    ['a model in Python', { 'models/a.py': 'def model(): pass' }, /^unsupported: .*models in Python/],
    [
      'an unknown variable',
      { 'models/a.sql': "select\n{{ var('limits') }}" },
      /models\/a\.sql:2: the variable "limits" has no value \(did you mean "limit"\?\)/,
    ],
  ])('refuses %s', async (_what, files, expected) => {
    expect(await complaint(files as { readonly [path: string]: string })).toMatch(expected);
  });

  it('is not made with a default where a variable is misspelt', async () => {
    const project = writeProject(folder, { 'models/a.sql': "select {{ var('limit') }}, {{ var('limits', 1) }}" });
    await expect(readProject({ project, vars: { limt: 1 } })).rejects.toThrow(
      /invalid-argument: no model reads the variable "limt" \(did you mean "limit"\?\)/,
    );
    expect((await readProject({ project, vars: { limits: 1, other: 2 } })).vars).toMatchObject({ limits: 1, other: 2 });
  });

  it('is not there', async () => {
    await expect(readProject({ project: folder })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });

  it('comes with the package, and is whole', async () => {
    const project = await readProject({});
    expect(project.name).toBe('heliocube');
    expect(project.models.size).toBe(29);
    const undocumented = [...project.models.values()].filter(({ description }) => description === '');
    expect(undocumented).toEqual([]);
  });
});

describe('selection', () => {
  const read = readProject({});
  const chosen = async (select: string[] | undefined, exclude: string[] = []) =>
    [...selectModels((await read).models, { ...(select === undefined ? {} : { select }), exclude })].sort();

  it.each([
    [['pv_sites'], ['pv_sites']],
    [['pv_by_*'], ['pv_by_country', 'pv_by_h3']],
    [['+stg_items'], ['raw_items', 'stg_items']],
    [['prep_duplicate_pairs+'], ['prep_duplicate_pairs', 'pv_duplicates']],
    [
      ['tag:scenes', 'raw_datasets'],
      ['prep_footprints', 'raw_datasets', 'raw_items', 'scene_plan', 'site_scenes', 'stg_items'],
    ],
    [['tag:scenes,path:layers/curated/'], ['scene_plan', 'site_scenes']],
    [['path:layers/staging/stg_items.sql scene_plan'], ['scene_plan', 'stg_items']],
    [['+stg_items+'], ['prep_footprints', 'raw_items', 'scene_plan', 'site_scenes', 'stg_items']],
    [['staging,stg_s*'], ['stg_site_admin', 'stg_site_members', 'stg_sites']],
  ])('%j', async (select, expected) => {
    expect(await chosen(select)).toEqual(expected);
  });

  it('leaves out what is excluded', async () => {
    const all = await chosen(undefined);
    expect(all).toHaveLength(29);
    expect(await chosen(undefined, ['tag:scenes', 'raw', 'staging', 'prepared'])).toEqual([
      'pv_by_country',
      'pv_by_h3',
      'pv_duplicates',
      'pv_sites',
    ]);
  });

  it('refuses what chooses nothing', async () => {
    await expect(chosen(['pv_site'])).rejects.toThrow(
      'the selector "pv_site" chooses no model (did you mean "pv_sites"?)',
    );
    await expect(chosen(['tag:none'])).rejects.toThrow('chooses no model');
  });
});
