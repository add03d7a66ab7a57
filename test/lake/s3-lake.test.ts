import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatProblem, isCubeError } from '../../src/errors.js';
import type { LakeLocation } from '../../src/lake/attach.js';
import { openLake } from '../../src/lake/lake.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { maintainLake } from '../../src/lake/maintain/maintain.js';
import { relocateLake } from '../../src/lake/maintain/relocate.js';
import { queryLake } from '../../src/lake/query.js';
import { parseTargets } from '../../src/lake/targets/target-config.js';
import { resolveTarget } from '../../src/lake/targets/resolve-target.js';
import { ageScheduled } from './maintained-lake.js';
import { sampleRun } from './sample-run.js';
import { s3Server } from './s3-server.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();
const server = s3Server();
const COUNT = 'SELECT count(*)::INTEGER FROM label_stats';

describe.skipIf(server === null)('a lake with data in a bucket', () => {
  const { bucket, accessKey, secretKey } = server ?? { bucket: '', accessKey: '', secretKey: '' };
  const before = { ...process.env };
  let location: LakeLocation = { catalog: '', dataPath: '' };

  beforeAll(() => {
    process.env['AWS_ACCESS_KEY_ID'] = accessKey;
    process.env['AWS_SECRET_ACCESS_KEY'] = secretKey;
    const text = `targets: { bucket: { catalog: 'lake.ducklake', data: 's3://${bucket}/lake', endpoint: '${server!.endpoint}' } }`;
    location = resolveTarget(parseTargets(text), 'bucket', root, process.env);
  });
  afterAll(() => {
    process.env = before;
  });

  it('is written, read, maintained and checked', async () => {
    const lake = await openLake(location);
    for (const run of ['a', 'b', 'c', 'd']) await lake.commit(sampleRun(run));
    await lake.close();
    expect(readdirSync(join(server!.folder, 'lake/cube/label_stats'))).toHaveLength(4);
    expect((await queryLake(location, COUNT)).rows).toEqual([[40]]);
    const report = await maintainLake({ ...location, apply: true, retention: { keepLast: 1 } });
    expect(report.compared).toMatchObject({ tables: 8 });
    expect(await checkLake({ ...location, deep: true })).toMatchObject({ faults: [], orphans: [] });
    await ageScheduled(location, 3);
    const cleaned = await maintainLake({ ...location, apply: true, steps: ['cleanup'] });
    expect(cleaned.steps[0]!.files.length).toBeGreaterThan(25);
    expect(cleaned.steps[0]!.bytes).toBeGreaterThan(10_000);
    expect(readdirSync(join(server!.folder, 'lake/cube/label_stats'))).toHaveLength(1);
    expect((await queryLake(location, COUNT)).rows).toEqual([[40]]);
  });

  it('knows orphans of the bucket, and deletes none that is young or no file of a lake', async () => {
    mkdirSync(join(server!.folder, 'lake/cube.zarr'));
    writeFileSync(join(server!.folder, 'lake/cube.zarr/zarr.json'), '{}');
    const stray = join(server!.folder, 'lake/cube/labels/ducklake-stray.parquet');
    writeFileSync(stray, 'left by a writer that was killed');
    const found = await checkLake(location);
    expect(found.orphans).toEqual([`s3://${bucket}/lake/cube/labels/ducklake-stray.parquet`]);
    const report = await maintainLake({ ...location, apply: true, steps: ['orphans'] });
    expect(report.steps[0]!.files).toEqual([]); // it may belong to a commit that is under way
    const monthAgo = Date.now() / 1000 - 30 * 86_400;
    utimesSync(stray, monthAgo, monthAgo);
    const older = await maintainLake({ ...location, apply: true, steps: ['orphans'] });
    expect(older.steps[0]).toMatchObject({ files: found.orphans, bytes: 32 });
    expect(existsSync(stray)).toBe(false);
    expect(existsSync(join(server!.folder, 'lake/cube.zarr/zarr.json'))).toBe(true);
  });

  it('tells a missing object', async () => {
    const folder = join(server!.folder, 'lake/cube/items');
    const [name] = readdirSync(folder);
    const there = join(folder, name!);
    const text = readFileSync(there);
    rmSync(there);
    const { faults } = await checkLake(location);
    expect(faults.map(({ kind }) => kind)).toEqual(['missing', 'unreadable']);
    expect(faults[0]!.where).toBe(`s3://${bucket}/lake/cube/items/${name}`);
    writeFileSync(there, text);
  });

  it('moves from the bucket to a folder, and from a folder to the bucket', async () => {
    const folder = join(root, 'local');
    await expect(relocateLake({ ...location, to: folder, apply: true, move: true })).rejects.toMatchObject({
      problem: { kind: 'unsupported' },
    });
    const down = await relocateLake({ ...location, to: folder, apply: true });
    expect(down).toMatchObject({ applied: true, present: 0 });
    const local = { ...location, dataPath: folder };
    expect((await queryLake(local, COUNT)).rows).toEqual([[40]]);
    const to = `s3://${bucket}/elsewhere/`;
    await relocateLake({ ...local, to, toStorage: location.storage!, apply: true, move: true });
    expect(
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet')),
    ).toEqual([]);
    expect((await queryLake({ ...location, dataPath: to }, COUNT)).rows).toEqual([[40]]);
    expect((await checkLake({ ...location, dataPath: to, deep: true })).faults).toEqual([]);
  });

  it('never says a key, whatever goes wrong', async () => {
    const sum = 'SELECT sum(count) FROM label_stats'; // the catalog alone would answer how many rows there are
    const failures = [
      () => queryLake({ ...location, dataPath: 's3://no-such-bucket/lake/' }, sum),
      () => queryLake({ ...location, storage: { endpoint: 'http://127.0.0.1:1' } }, sum),
      () => queryLake(location, 'SELECT error(secret_string) FROM duckdb_secrets()'),
      () => queryLake(location, `SELECT error('${secretKey}')`),
    ];
    for (const failure of failures) {
      const error: unknown = await failure().catch((problem: unknown) => problem);
      expect(isCubeError(error)).toBe(true);
      if (!isCubeError(error)) continue;
      for (const text of [
        JSON.stringify(error.problem),
        formatProblem(error.problem),
        error.message,
        String(error.cause),
      ]) {
        expect(text).not.toContain(secretKey);
      }
    }
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await expect(queryLake(location, COUNT)).rejects.toMatchObject({
      problem: { kind: 'invalid-argument', what: expect.stringMatching(/^there are no keys/) },
    });
    process.env['AWS_SECRET_ACCESS_KEY'] = secretKey;
  });
});
