import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forgetDatasets } from '../../src/ingest/forget-datasets.js';
import { ingest } from '../../src/ingest/ingest.js';
import type { LakeLocation } from '../../src/lake/attach.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { listSnapshots } from '../../src/lake/maintain/snapshots.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { temporaryFolder } from '../lake/temporary.js';
import { allTables, writeSets } from './three-sets.js';

const root = temporaryFolder();

function place(name: string): { readonly folder: string; readonly lake: LakeLocation } {
  const folder = join(root, name);
  mkdirSync(folder);
  return { folder, lake: { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'data') } };
}

describe('forgetDatasets', () => {
  it('takes all rows of data sets out in one snapshot, and leaves what a lake without them has', async () => {
    const { folder, lake } = place('whole');
    const manifest = writeSets(folder);
    const { sites: whole } = await ingest({ manifest, lake });
    const full = await allTables(lake);
    const report = await forgetDatasets({ lake, datasets: ['b'], apply: true });
    expect(report).toMatchObject({
      applied: true,
      datasets: [{ dataset: 'b', rows: { datasets: 1, features: 40, quarantine: 2 } }],
      sites: { before: whole!.sites, after: 70 },
    });
    expect(whole!.sites).toBe(90); // 20 of b are of a too, 20 are its own
    expect(report.models.every(({ status }) => status !== 'error')).toBe(true);

    const other = place('without');
    await ingest({ manifest: writeSets(other.folder), lake: other.lake, only: ['a', 'b2'] });
    const without = await allTables(other.lake);
    expect(without.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cube.features', 'staging.stg_features', 'curated.pv_sites']),
    );
    expect(await allTables(lake)).toEqual(without);

    const newer = (await listSnapshots(lake)).filter(({ id }) => id >= report.snapshotId!);
    expect(newer.filter(({ message }) => message?.startsWith('model ') !== true)).toMatchObject([
      { id: report.snapshotId, message: 'forget b', runId: report.runId },
    ]);
    const before = { ...lake, snapshot: report.snapshotId! - 1 };
    const [past] = await queryLakeRows(before, `SELECT count(*) AS n FROM features WHERE dataset = 'b'`);
    expect(past).toEqual({ n: 40n });
    expect((await checkLake({ ...lake, deep: true })).faults).toEqual([]);

    const again = await ingest({ manifest, lake });
    expect(again.datasets.map(({ dataset, status }) => [dataset, status])).toEqual([
      ['a', 'unchanged'],
      ['b', 'added'],
      ['b2', 'unchanged'],
    ]);
    expect(await allTables(lake)).toEqual(full);
  });

  it('tells what it would do, and changes nothing', async () => {
    const { folder, lake } = place('dry');
    await ingest({ manifest: writeSets(folder), lake, models: false });
    const [tables, snapshots] = [await allTables(lake), await listSnapshots(lake)];
    const planned = await forgetDatasets({ lake, datasets: ['b', 'b2', 'b'] });
    expect(planned).toMatchObject({
      applied: false,
      runId: null,
      snapshotId: null,
      datasets: [
        { dataset: 'b', rows: { datasets: 1, features: 40, quarantine: 2 } },
        { dataset: 'b2', rows: { datasets: 1, features: 10, quarantine: 0 } },
      ],
      sites: { before: 90, after: 60 },
      models: [],
    });
    expect(await allTables(lake)).toEqual(tables);
    expect(await listSnapshots(lake)).toEqual(snapshots);
    const { datasets, sites } = await forgetDatasets({ lake, datasets: ['b', 'b2'], apply: true, models: false });
    expect({ datasets, sites }).toEqual({ datasets: planned.datasets, sites: planned.sites });
  });

  it('keeps the rules by which the sites were made', async () => {
    const { folder, lake } = place('rules');
    const manifest = writeSets(folder);
    const rules = { candidates: 'h3', h3Resolution: 10, sameIou: 0.99, exactIou: 0.99, partIoMin: 0.99 } as const;
    await ingest({ manifest, lake, rules, models: false });
    const report = await forgetDatasets({ lake, datasets: ['b2'], apply: true, models: false });
    expect(report.rules).toMatchObject(rules);
    const same = await ingest({ manifest, lake, rules, models: false, only: ['a'] });
    expect(same.runId).toBeNull();
  });

  it('names the data sets that there are where one is not, the second time too, and takes out the last one', async () => {
    const { folder, lake } = place('names');
    const missing = forgetDatasets({ lake, datasets: ['a'], apply: true });
    await expect(missing).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    expect(existsSync(lake.catalog)).toBe(false);
    await ingest({ manifest: writeSets(folder), lake, models: false });
    const refused = forgetDatasets({ lake, datasets: ['a', 'c'], apply: true });
    await expect(refused).rejects.toMatchObject({
      problem: { kind: 'not-found', url: 'data set c', what: expect.stringMatching(/found a, b, b2$/) },
    });
    await expect(forgetDatasets({ lake, datasets: [] })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
    const all = await forgetDatasets({ lake, datasets: ['a', 'b', 'b2'], apply: true });
    expect(all.sites.after).toBe(0);
    expect(all.models.filter(({ status }) => status === 'error')).toEqual([]);
    await expect(forgetDatasets({ lake, datasets: ['a'], apply: true })).rejects.toThrow(/found none/);
  });
});
