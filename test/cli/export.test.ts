import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSampleLake } from '../ingest/export/sample-lake.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const run = (...parameters: string[]) => runCube(parameters, { cwd: folder });
const LAKE = ['--lake', 'lake.ducklake'];

beforeAll(async () => {
  await makeSampleLake(folder);
});

describe('cube export', () => {
  it('writes a table, and tells what its format has no type for', async () => {
    const first = await run(
      'export',
      'sites',
      ...LAKE,
      '-o',
      'out/sites.fgb',
      '--where',
      "geom_kind = 'polygon'",
      '--stac',
    );
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/sites\.fgb: flatgeobuf, 60 rows, .*\nextent /);
    expect(first.stdout).toContain('written  h3_r5: UBIGINT as hexadecimal text');
    expect(existsSync(join(folder, 'out/sites.fgb.stac.json'))).toBe(true);
    const again = await run('export', 'sites', ...LAKE, '-o', 'out/sites.fgb', '--json');
    expect(again.code).toBe(8);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { kind: 'exists' } });
  });

  it('writes a query, and its report as JSON', async () => {
    const sql = 'SELECT dataset, count(*) AS n FROM features GROUP BY dataset ORDER BY dataset';
    const { code, stdout } = await run(
      'export',
      '--sql',
      sql,
      ...LAKE,
      '-o',
      'counts.csv',
      '--json',
      '--snapshot',
      '1',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'csv', rows: 2, bbox: null, crs: null });
    expect(readFileSync(join(folder, 'counts.csv'), 'utf8')).toBe('dataset,n\nfarms_2024,60\nroofs_2019,30\n');
  });

  it.each([
    [['export', 'sites', '-o', 'x.csv'], 2],
    [['export', 'sites', ...LAKE, '-o', 'x.pdf'], 2],
    [['export', 'sites', ...LAKE, '-o', 'x.csv', '--format', 'xml'], 2],
    [['export', 'sites', ...LAKE, '-o', 'x.csv', '--snapshot', 'new'], 2],
    [['export', 'sites', ...LAKE, '-o', 'x.csv', '--csv-geometry', 'wkb'], 2],
    [['export', 'datasets', ...LAKE, '-o', 'x.parquet'], 4],
    [['export', 'nothing', ...LAKE, '-o', 'x.csv'], 3],
    [['export', 'sites', '--lake', 'missing.ducklake', '-o', 'x.csv'], 3],
    [['export', 'sites', '--lake', 'sqlite:missing.sqlite', '-o', 'x.csv'], 3],
    [['export', 'sites', ...LAKE, '-o', 'x.csv', '--where', '1=('], 2],
    [['export', 'sites', ...LAKE, '-o', 'x.csv', '--where', 'no_column > 1'], 2],
    [['export', '--sql', 'SELEC 1', ...LAKE, '-o', 'x.csv'], 2],
    [['export', '--sql', 'SELECT * FROM nothing', ...LAKE, '-o', 'x.csv', '--where', 'true'], 2],
    [['card', ...LAKE, '--pictures'], 2],
  ])('%j leaves with %i, and nothing is written', async (parameters, code) => {
    expect((await run(...parameters)).code).toBe(code);
    for (const name of ['x.csv', 'x.pdf', 'x.parquet']) expect(existsSync(join(folder, name))).toBe(false);
  });
});

it('an export says what it expected and found, and what to do', async () => {
  const stderrOf = async (...parameters: string[]) => (await run('export', ...parameters, '-o', 'x.csv')).stderr;
  expect(await stderrOf('sites', '--lake', 'missing.ducklake')).toMatch(
    /^cube: not-found: \S*missing\.ducklake does not exist: expected the catalog of a lake, found none \(.*cube ingest/,
  );
  expect(await stderrOf('nothing', ...LAKE)).toMatch(
    /^cube: not-found: table nothing does not exist: expected a table of the lake, found datasets, .*sites.* \(name one of them\)\n$/,
  );
  expect(await stderrOf('sites', ...LAKE, '--where', '1=(')).toMatch(
    /^cube: invalid-argument: the condition "1=\(" is wrong: DuckDB: Parser Error: [^\n]+\n$/,
  );
});

describe('cube card', () => {
  it('prints it, or writes it with its pictures', async () => {
    const printed = await run('card', ...LAKE, '--title', 'Ours');
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toMatch(/^# Ours\n\n- \d+ photovoltaic sites from 90 features of 2 data sets/);
    const written = await run('card', ...LAKE, '-o', 'CARD.md', '--pictures');
    expect(written.stdout.trim().split('\n').length).toBe(3);
    expect(JSON.parse((await run('card', ...LAKE, '--json')).stdout)).toMatchObject({ sites: expect.any(Number) });
  });
});
