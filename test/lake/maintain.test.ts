import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sqlString } from '../../src/duckdb/connection.js';
import { openSession, withAttached, type LakeLocation } from '../../src/lake/attach.js';
import { openLake } from '../../src/lake/lake.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { maintainLake, type MaintenanceReport } from '../../src/lake/maintain/maintain.js';
import { relocateLake } from '../../src/lake/maintain/relocate.js';
import { backupLake, listSnapshots } from '../../src/lake/maintain/snapshots.js';
import { STEPS } from '../../src/lake/maintain/steps.js';
import { queryLake } from '../../src/lake/query.js';
import { catalogCases } from './catalogs.js';
import { ageScheduled, alterLake, CUBE_RUN, makeMaintainedLake, RUNS, TAGGED_RUN } from './maintained-lake.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();
const HELD_MS = 300;

function dataFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();
}

function workOf(report: MaintenanceReport, step: string) {
  return report.steps.find((work) => work.step === step)!;
}

const CASES = catalogCases();

describe.each(CASES)('a lake with a $name catalog', ({ name, place }) => {
  const folder = join(root, name);
  const location: LakeLocation = { catalog: '', dataPath: join(folder, 'data') };
  let snapshots: ReadonlyMap<string, number> = new Map();
  const runsAt = async (snapshot: number) =>
    (await queryLake({ ...location, snapshot }, 'SELECT count(*)::INTEGER FROM runs')).rows[0]![0];

  beforeAll(async () => {
    mkdirSync(folder);
    Object.assign(location, { catalog: place(folder) });
    snapshots = await makeMaintainedLake(location);
    await ageScheduled(location, 3);
  });

  it('says what keeps each snapshot', async () => {
    const listed = await listSnapshots(location);
    const kept = new Map(listed.map(({ id, keptFor }) => [id, keptFor]));
    expect(kept.get(snapshots.get(TAGGED_RUN)!)).toBe('tag v1');
    expect(kept.get(snapshots.get(CUBE_RUN)!)).toBe(`run ${CUBE_RUN}`);
    expect(kept.get(snapshots.get('run-06')!)).toBeNull();
    expect(listed.filter(({ keptFor }) => keptFor === 'newest')).toHaveLength(10);
    const longer = await listSnapshots({ ...location, retention: { keepDays: 40 } });
    expect(longer.every(({ keptFor }) => keptFor !== null)).toBe(true);
  });

  it('is not changed by a dry run, which tells all that would be done', async () => {
    const files = dataFiles(location.dataPath);
    const report = await maintainLake({ ...location, steps: STEPS });
    expect(report).toMatchObject({ applied: false, backup: null, compared: null });
    expect(report.steps.map(({ step }) => step)).toEqual(STEPS);
    expect(workOf(report, 'expire').snapshots).toContain(snapshots.get('run-06'));
    expect(workOf(report, 'merge').files.length).toBeGreaterThan(RUNS * 5);
    expect(workOf(report, 'merge').bytes).toBeGreaterThan(100_000);
    expect(workOf(report, 'rewrite').files).toHaveLength(2);
    expect(workOf(report, 'cleanup').files).toEqual([expect.stringMatching(/data.cube.scratch.ducklake-.*\.parquet$/)]);
    expect(workOf(report, 'orphans').files).toEqual([expect.stringContaining('ducklake-00000000-')]);
    expect(dataFiles(location.dataPath)).toEqual(files);
    expect((await listSnapshots(location)).some(({ id }) => id === snapshots.get('run-06'))).toBe(true);
    expect(readdirSync(folder).filter((entry) => entry.includes('backups'))).toEqual([]);
  });

  it('waits for writers, and tells when they do not end', async () => {
    const writer = await openSession(location);
    const impatient = { ...location, apply: true, lockTimeoutMs: 100 };
    await withAttached(writer, { readOnly: false }, async () => {
      if (name === 'DuckDB') return; // one user of the file in a process: a second one waits for its turn
      await expect(maintainLake(impatient)).rejects.toMatchObject({
        problem: { kind: 'lake', what: expect.stringMatching(/^another process writes to the lake/) },
      });
    });
    const order: string[] = [];
    const alone = withAttached(writer, { readOnly: false, alone: true }, async () => {
      await setTimeout(HELD_MS); // not a wait for something: how long the lake is held
      order.push('alone');
    });
    const second = await openSession(location);
    await setTimeout(50);
    const other = withAttached(second, { readOnly: false }, async () => order.push('writer'));
    await Promise.all([alone, other]);
    expect(order).toEqual(['alone', 'writer']);
    await Promise.all([writer.database.close(), second.database.close()]);
    expect(readdirSync(folder).filter((entry) => entry.endsWith('.locks'))).toEqual([]);
  });

  it('is maintained: less files, the same rows, every kept snapshot', async () => {
    const tagged = await runsAt(snapshots.get(TAGGED_RUN)!);
    const before = dataFiles(location.dataPath);
    const phases: string[] = [];
    const report = await maintainLake({
      ...location,
      steps: STEPS,
      apply: true,
      onPhase: (phase) => phases.push(phase),
    });
    expect(phases).toEqual('lock backup sums flush expire merge rewrite compare cleanup orphans check'.split(' '));
    expect(report).toMatchObject({ applied: true, compared: { tables: 9 } });
    const left = await listSnapshots(location);
    expect(left.slice(0, 2).map(({ message }) => message)).toEqual(['maintain: rewrite', 'maintain: merge']);
    expect(left.slice(2).map(({ id }) => id)).toEqual(report.kept.map(({ id }) => id));
    expect(tagged).toBe(5);
    expect(await runsAt(snapshots.get(TAGGED_RUN)!)).toBe(tagged);
    expect(await runsAt(snapshots.get(CUBE_RUN)!)).toBe(3);
    const check = await checkLake({ ...location, deep: true });
    expect(check).toMatchObject({ faults: [], orphans: [], snapshots: left.length });
    expect(check.files).toBeLessThan(20);
    // Merged files are given up, not deleted: those that are younger than a day wait.
    expect(check.scheduled).toBeGreaterThan(100);
    const after = dataFiles(location.dataPath);
    expect(before.filter((file) => !after.includes(file))).toHaveLength(2);
    await maintainLake({ ...location, apply: true }); // what was written anew is merged
    expect((await maintainLake({ ...location, apply: true })).backup).toBeNull(); // nothing is left to do
  });

  it('opens from its backup as it was before, and goes on from there', async () => {
    const [backups] = readdirSync(folder).filter((entry) => entry.endsWith('.backups'));
    const [stamp] = readdirSync(join(folder, backups!));
    const copy = join(folder, backups!, stamp!);
    const manifest = JSON.parse(readFileSync(join(copy, 'files.json'), 'utf8')) as { files: { name: string }[] };
    expect(manifest.files.every(({ name: file }) => existsSync(join(location.dataPath, file)))).toBe(true);
    const file = name === 'SQLite' ? 'catalog.sqlite' : 'catalog.ducklake';
    const restored = join(folder, `restored-${file}`);
    copyFileSync(join(copy, file), restored);
    const dataPath = join(folder, 'restored');
    await relocateLake({ ...location, catalog: catalogOf(restored), to: dataPath, apply: true });
    const old = { catalog: catalogOf(restored), dataPath };
    expect((await listSnapshots(old)).some(({ id }) => id === snapshots.get('run-06'))).toBe(true);
    const at = { ...old, snapshot: snapshots.get('run-06')! };
    expect((await queryLake(at, 'SELECT count(*)::INTEGER FROM runs')).rows).toEqual([[7]]);
    const lake = await openLake(old);
    await lake.commit(sampleRun('after-restore'));
    await lake.close();
    expect((await queryLake(old, 'SELECT count(*)::INTEGER FROM runs')).rows).toEqual([[RUNS + 1]]);
    expect((await checkLake({ ...old, deep: true })).faults).toEqual([]);
  });

  it('loses what it gave up a day later, and nothing else', async () => {
    await ageScheduled(location, 2);
    const report = await maintainLake({ ...location, steps: ['cleanup'], apply: true });
    expect(workOf(report, 'cleanup').files.length).toBeGreaterThan(100);
    expect(await checkLake({ ...location, deep: true })).toMatchObject({ faults: [], orphans: [], scheduled: 0 });
    expect(await runsAt(snapshots.get(TAGGED_RUN)!)).toBe(5);
  });

  it('moves to another folder', async () => {
    const to = join(folder, 'moved');
    const planned = await relocateLake({ ...location, to });
    expect(planned).toMatchObject({ applied: false, moved: false, files: (await checkLake(location)).files });
    expect(existsSync(to)).toBe(false);
    await relocateLake({ ...location, to, apply: true });
    const again = await relocateLake({ ...location, to, apply: true, move: true });
    expect(again).toMatchObject({ present: planned.files, moved: true });
    expect(dataFiles(location.dataPath)).toEqual([]);
    Object.assign(location, { dataPath: to });
    expect((await checkLake({ ...location, deep: true })).faults).toEqual([]);
    expect(await runsAt(snapshots.get(TAGGED_RUN)!)).toBe(5);
  });

  it('tells every fault of its files, and is not maintained then', async () => {
    await alterLake(location, 'CREATE TABLE lake.cube.sums AS SELECT sum(range) AS total FROM range(10)');
    const fileOf = (table: string) => join(location.dataPath, table, dataFiles(join(location.dataPath, table))[0]!);
    const [first, missing] = [fileOf('cube/labels'), fileOf('cube/items')];
    const bytes = readFileSync(first);
    truncateSync(first, bytes.length - 1);
    const kept = readFileSync(missing);
    rmSync(missing);
    const { faults } = await checkLake(location);
    expect(faults.map(({ kind, where }) => [kind, where])).toEqual([
      ['missing', missing],
      ['size', first],
      ['huge', 'sums.total'],
      ['unreadable', 'cube.items'],
      ['unreadable', 'cube.labels'],
    ]);
    await expect(
      maintainLake({ ...location, apply: true, retention: { keepLast: 1, keepDays: 1 } }),
    ).rejects.toMatchObject({
      problem: { kind: 'lake', what: expect.stringMatching(/data files are not what the catalog says/) },
    });
    writeFileSync(missing, kept);
    // The right size, and something else in it.
    writeFileSync(first, Buffer.alloc(bytes.length));
    expect((await checkLake(location)).faults.map(({ kind }) => kind)).toEqual(['huge', 'unreadable']);
    const deep = await checkLake({ ...location, deep: true });
    expect(deep.faults.map(({ kind }) => kind)).toEqual(['rows', 'huge', 'unreadable']);
    writeFileSync(first, bytes);
    expect((await checkLake({ ...location, deep: true })).faults.map(({ kind }) => kind)).toEqual(['huge']);
  });

  it('moves rows that another client has left in the catalog to files', async () => {
    const session = await openSession(location);
    const { database } = session;
    const target = sqlString(`ducklake:${location.catalog}`);
    const options = `DATA_PATH ${sqlString(session.dataPath)}, OVERRIDE_DATA_PATH true, DATA_INLINING_ROW_LIMIT 100`;
    await database.run(`ATTACH ${target} AS other (${options})`);
    await database.run('CREATE TABLE other.cube.notes (id INTEGER, note VARCHAR)');
    await database.run(
      `CALL other.set_option('data_inlining_row_limit', 100, schema => 'cube', table_name => 'notes')`,
    );
    await database.run(`INSERT INTO other.cube.notes VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    await database.run('DELETE FROM other.cube.notes WHERE id = 2');
    await database.run('DETACH other');
    await database.close();
    expect(dataFiles(location.dataPath).filter((file) => file.includes('notes'))).toEqual([]);
    const flushed = await maintainLake({ ...location, steps: ['flush'], apply: true });
    expect(workOf(flushed, 'flush').rows).toBe(3);
    expect(dataFiles(location.dataPath).filter((file) => file.includes('notes')).length).toBeGreaterThan(0);
    expect((await queryLake(location, 'SELECT id::INTEGER FROM notes ORDER BY id')).rows).toEqual([[1], [3]]);
    expect((await maintainLake({ ...location, steps: ['flush'] })).steps[0]!.rows).toBe(0);
  });

  it('has a copy of its catalog where it is asked for', async () => {
    const backup = await backupLake({ ...location, folder: join(folder, 'copies') });
    expect(backup.folder.startsWith(join(folder, 'copies'))).toBe(true);
    expect(statSync(backup.manifest).isFile()).toBe(true);
    expect(readdirSync(join(folder, 'copies')).filter((entry) => entry.startsWith('.tmp'))).toEqual([]);
  });

  function catalogOf(path: string): string {
    return name === 'SQLite' ? `sqlite:${path}` : path;
  }
});

it.each([{ minAgeDays: 0 }, { minAgeDays: 0.9 }, { retention: { keepDays: 0.5 } }, { retention: { keepLast: 0 } }])(
  'refuses ages and numbers that are not safe: %j',
  async (options) => {
    const location = { catalog: join(root, 'never.ducklake'), dataPath: join(root, 'never') };
    await expect(maintainLake({ ...location, ...options, apply: true })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
    expect(existsSync(location.catalog)).toBe(false);
  },
);

it.each(CASES.slice(0, 2))('makes no lake where a $name catalog is not there', async ({ place }) => {
  const location = { catalog: place(join(root, 'absent')), dataPath: join(root, 'absent/data') };
  await expect(maintainLake({ ...location, apply: true })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  await expect(relocateLake({ ...location, to: join(root, 'x'), apply: true })).rejects.toMatchObject({
    problem: { kind: 'not-found' },
  });
  expect(existsSync(join(root, 'absent'))).toBe(false);
});
