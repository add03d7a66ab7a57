import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { exportTable } from '../../src/ingest/export/export-table.js';
import { importTable, type ImportOptions } from '../../src/ingest/import/import-table.js';
import { listSnapshots } from '../../src/lake/maintain/snapshots.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { runCube } from '../cli/run-cube.js';
import { temporaryFolder } from '../lake/temporary.js';
import { makeSampleLake } from './export/sample-lake.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const lake = at('other.ducklake');
const location = { catalog: lake, dataPath: at('other/') };
const bring = (source: string, table: string, more: Partial<ImportOptions> = {}) =>
  importTable({ source: at(source), lake, table, ...more });
process.env['TMPDIR'] = folder; // of this process alone, so that others cannot be in it
const imports = () => readdirSync(tmpdir()).filter((name) => name.startsWith('heliocube-import-'));

/** Rows of the sample's sites as the lake that they come from has them, geometries as text. */
let sites: Record<string, unknown>[] = [];

beforeAll(async () => {
  const from = await makeSampleLake(at('sample'));
  for (const out of ['sites.iceberg', 'sites.parquet']) await exportTable({ lake: from, out: at(out), table: 'sites' });
  const sql = `SELECT * REPLACE (ST_AsText(geometry) AS geometry, CAST(provenance AS VARCHAR) AS provenance) FROM sites ORDER BY site_uid`;
  await bring('sites.parquet', 'first');
  sites = await queryLakeRows({ catalog: from, dataPath: at('sample/lake/') }, sql);
});

const cellColumns = ['h3_r15', 'h3_r5', 'h3_r7', 'h3_r9', 'h3_r12'];

describe('an import', () => {
  it('of an Iceberg table has every row and value, wherever the table lies now', async () => {
    renameSync(at('sites.iceberg'), at('moved.iceberg'));
    const report = await bring('moved.iceberg', 'imported.sites', { geometry: ['geometry'] });
    expect(report).toMatchObject({ format: 'iceberg', table: 'imported.sites', rows: sites.length, replaced: false });
    expect(report.columns.find(({ name }) => name === 'geometry')?.type).toBe('GEOMETRY');
    // The format has no unsigned numbers: the export made hexadecimal text of cells.
    const cells = cellColumns.map((name) => `('0x' || ${name})::UBIGINT AS ${name}`).join(', ');
    const sql = `SELECT * REPLACE (ST_AsText(geometry) AS geometry, ${cells}) FROM imported.sites ORDER BY site_uid`;
    expect(await queryLakeRows(location, sql)).toEqual(sites);
  });

  it('of a version of an Iceberg table takes its metadata, and asks for it where none is the newest', async () => {
    cpSync(at('moved.iceberg'), at('unhinted.iceberg'), { recursive: true });
    rmSync(at('unhinted.iceberg/metadata/version-hint.text'));
    await expect(bring('unhinted.iceberg', 'imported.version')).rejects.toThrow(
      /invalid-data.*name a \.metadata\.json/,
    );
    const metadata = readdirSync(at('unhinted.iceberg/metadata')).find((name) => name.endsWith('.metadata.json'))!;
    const report = await bring(`unhinted.iceberg/metadata/${metadata}`, 'imported.version');
    expect(report).toMatchObject({ format: 'iceberg', rows: sites.length });
  });

  it('of GeoParquet has geometries by itself', async () => {
    const report = await bring('sites.parquet', 'plain');
    expect(report).toMatchObject({ format: 'parquet', table: 'main.plain', rows: sites.length });
    const sql = `SELECT * EXCLUDE (bbox) REPLACE (ST_AsText(geometry) AS geometry, CAST(provenance AS VARCHAR) AS provenance) FROM main.plain ORDER BY site_uid`;
    expect(await queryLakeRows(location, sql)).toEqual(sites);
  });

  it('of GeoParquet in another CRS is refused: a lake would take its metres for degrees', async () => {
    const database = await openDuckDb({ extensions: ['spatial'] });
    for (const [name, crs] of [
      ['metres', 'EPSG:3857'],
      ['degrees', 'EPSG:4326'],
    ] as const) {
      await database.run(
        `COPY (SELECT ST_SetCRS(ST_Point(1, 2), '${crs}') AS geometry) TO '${at(`${name}.parquet`)}' (FORMAT parquet)`,
      );
    }
    await database.close();
    await expect(bring('metres.parquet', 'metres')).rejects.toThrow(
      /unsupported: .*column geometry of type GEOMETRY\('EPSG:3857'\)/,
    );
    expect(await bring('degrees.parquet', 'degrees')).toMatchObject({ rows: 1 });
  });

  it('of a file takes its name as it is: no pattern, no folder that becomes a column', async () => {
    const database = await openDuckDb();
    mkdirSync(at('country=IND'));
    for (const [name, value] of [
      ['data[1].parquet', 1],
      ['data1.parquet', 2],
      ['country=IND/x.parquet', 3],
    ] as const)
      await database.run(`COPY (SELECT ${value} AS a) TO '${at(name)}' (FORMAT parquet)`);
    await database.close();
    await bring('data[1].parquet', 'bracket');
    expect(await queryLakeRows(location, 'SELECT * FROM main.bracket')).toEqual([{ a: 1 }]);
    await bring('country=IND/x.parquet', 'folder');
    expect(await queryLakeRows(location, 'SELECT * FROM main.folder')).toEqual([{ a: 3 }]);
  });

  it('replaces a table only where it is told to, and other snapshots stay', async () => {
    await bring('sites.parquet', 'again');
    await expect(bring('sites.parquet', 'AGAIN')).rejects.toMatchObject({ problem: { kind: 'exists' } });
    const database = await openDuckDb();
    await database.run(`COPY (SELECT 42 AS answer) TO '${at('one.parquet')}' (FORMAT parquet)`);
    await database.close();
    const before = (await listSnapshots(location)).length;
    expect(await bring('one.parquet', 'again', { overwrite: true })).toMatchObject({ rows: 1, replaced: true });
    expect(await queryLakeRows(location, 'SELECT * FROM main.again')).toEqual([{ answer: 42 }]);
    expect((await listSnapshots(location)).length).toBe(before + 1);
  });

  it('leaves nothing in the temporary folder', () => {
    expect(imports()).toEqual([]);
  });
});

describe('what is wrong', () => {
  it.each([
    ['an absent source', 'absent.iceberg', 't', {}, /not-found/],
    ['another file', 'note.txt', 't', {}, /unsupported.*"\.txt"/],
    ['a folder that is no table', 'empty', 't', {}, /invalid-data.*no Iceberg table/],
    ['a file that is no Parquet', 'text.parquet', 't', {}, /invalid-data/],
    ['our own schema', 'sites.parquet', 'Cube.sites', {}, /invalid-argument.*schema cube/],
    ['a name of three parts', 'sites.parquet', 'a.b.c', {}, /neither TABLE nor SCHEMA\.TABLE/],
    ['an absent geometry column', 'sites.parquet', 't', { geometry: ['geom'] }, /no column geom/],
    ['a geometry column that holds text', 'sites.parquet', 't', { geometry: ['site_uid'] }, /site_uid is VARCHAR/],
    [
      'bytes that are no WKB',
      'bytes.parquet',
      't',
      { geometry: ['b'] },
      /invalid-data.*1 values of the column b are no WKB/,
    ],
  ])('is told: %s', async (_what, source, table, more, words) => {
    writeFileSync(at('note.txt'), 'nothing');
    writeFileSync(at('text.parquet'), 'nothing, and no Parquet either');
    mkdirSync(at('empty'), { recursive: true });
    const database = await openDuckDb();
    await database.run(`COPY (SELECT 'abc'::BLOB AS b) TO '${at('bytes.parquet')}' (FORMAT parquet)`);
    await database.close();
    await expect(bring(source, table, more)).rejects.toThrow(words);
    expect(
      await queryLakeRows(location, "SELECT count(*)::INTEGER AS n FROM duckdb_tables() WHERE table_name = 't'"),
    ).toEqual([{ n: 0 }]);
    expect(imports()).toEqual([]);
  });

  it.each([
    ['elsewhere', () => '/etc/hostname'],
    ['in the folder above', (snapshot: string) => `metadata/../../moved.iceberg/metadata/${snapshot}`],
    ['on a server', (snapshot: string) => `http://127.0.0.1:9/metadata/${snapshot}`],
  ])('is refused: metadata that names files %s', async (_where, placeOf) => {
    rmSync(at('hostile.iceberg'), { recursive: true, force: true });
    cpSync(at('moved.iceberg'), at('hostile.iceberg'), { recursive: true });
    const metadata = join(at('hostile.iceberg'), 'metadata');
    const snapshot = readdirSync(metadata).find((name) => name.startsWith('snap-'))!;
    const name = readdirSync(metadata).find((one) => one.endsWith('.metadata.json'))!;
    const text = readFileSync(join(metadata, name), 'utf8');
    const changed = text.replaceAll(
      /("manifest-list"\s*:\s*)"[^"]*"/g,
      (_all, key: string) => `${key}"${placeOf(snapshot)}"`,
    );
    expect(changed).not.toBe(text);
    writeFileSync(join(metadata, name), changed);
    rmSync(join(metadata, snapshot)); // what a path is bent to must not be there by chance
    await expect(bring('hostile.iceberg', 't', { geometry: ['geometry'] })).rejects.toThrow(/invalid-data/);
  });

  it('the command says the same', async () => {
    const good = await runCube(['import', at('sites.parquet'), '--lake', lake, '--table', 'by_command', '--json']);
    expect(good.code, good.stderr).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ table: 'main.by_command', rows: sites.length });
    const again = await runCube(['import', at('sites.parquet'), '--lake', lake, '--table', 'by_command']);
    expect(again).toMatchObject({ code: 8, stderr: expect.stringMatching(/exists: .*--overwrite/) });
  });
});
