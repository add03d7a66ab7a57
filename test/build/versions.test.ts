import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { collectVersions, expireVersions } from '../../src/build/expire-versions.js';
import { diffVersions, listVersions, nameVersion } from '../../src/build/list-versions.js';
import { openCube } from '../../src/build/open-cube.js';
import { problemOf, type Problem } from '../../src/errors.js';
import { openLake } from '../../src/lake/lake.js';
import { queryLake } from '../../src/lake/query.js';
import { createIcechunk, openIcechunk } from '../../src/native/icechunk.js';
import { sampleRun } from '../lake/sample-run.js';
import { temporaryFolder } from '../lake/temporary.js';
import { icechunkAbsent, suiteName, writeArray } from '../native/icechunk-store.js';
import { writeItems } from './small-items.js';

const folder = temporaryFolder();
const FOREIGN = 'ZZZZZZZZZZZZZZZZZZZG';

/** A repository with four commits, each of which replaces the one chunk, and a lake with runs of some of them. */
async function repositoryWithLake(name: string, runs: Readonly<Record<string, number | string | null>> = {}) {
  const place = join(folder, `${name}.icechunk`);
  const repository = await createIcechunk({ kind: 'local', path: place });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const session = await repository.writable('main');
    if (i === 0) await writeArray(session, 'a', [1000], [1000]);
    await session.set('a/c/0', new Uint8Array(1000).fill(i));
    ids.push(await session.commit({ message: `version ${i}`, metadata: { run_id: `r${i}` } }));
  }
  repository.close();
  const catalog = join(folder, `${name}.ducklake`);
  const lake = await openLake({ catalog, dataPath: join(folder, `${name}/`) });
  for (const [runId, snapshot] of Object.entries(runs)) {
    const records = sampleRun(runId, 1);
    const cubeSnapshot = typeof snapshot === 'number' ? ids[snapshot]! : snapshot;
    await lake.commit({ ...records, run: { ...records.run, cubeSnapshot } });
  }
  await lake.close();
  await setTimeout(5);
  return { place, ids, catalog, chunks: () => readdirSync(join(place, 'chunks')).length };
}

async function problem(promise: Promise<unknown>): Promise<Problem> {
  return promise.then(
    () => expect.fail('nothing failed'),
    (error: unknown) => problemOf(error),
  );
}

describe.skipIf(icechunkAbsent !== null)(suiteName('versions of a cube and its lake'), () => {
  it('are listed side by side, newest first', async () => {
    const { place, ids, catalog } = await repositoryWithLake('list', { one: 1, three: 3, other: FOREIGN, none: null });
    await nameVersion({ place, kind: 'tag', name: 'v1', version: ids[1]! });
    await nameVersion({ place, kind: 'branch', name: 'trial', version: 'v1' });
    const { branches, tags, history, lake } = await listVersions({ place, lake: catalog });
    expect(branches.map(({ name, snapshot }) => [name, snapshot]).sort()).toEqual([
      ['main', ids[3]],
      ['trial', ids[1]],
    ]);
    expect(tags).toEqual([{ name: 'v1', snapshot: ids[1], lakeSnapshot: null }]);
    expect(history.slice(0, 4).map(({ id }) => id)).toEqual(ids.toReversed());
    expect(history).toHaveLength(5);
    expect(history.map(({ message }) => message).slice(0, 4)).toEqual([3, 2, 1, 0].map((i) => `version ${i}`));
    expect(history[2]).toMatchObject({ tags: ['v1'], branches: ['trial'], metadata: { run_id: 'r1' } });
    expect(history.map(({ runs }) => runs.map(({ runId }) => runId))).toEqual([['three'], [], ['one'], [], []]);
    const times = lake!.map(({ id }) => id);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(lake!.filter(({ runId }) => runId !== null).map(({ runId }) => runId)).toEqual([
      'none',
      'other',
      'three',
      'one',
    ]);
    const [run] = history[0]!.runs;
    expect(run).toMatchObject({ name: 'sample', status: 'complete', cubeHref: '/out/cube.zarr' });
    expect(run!.lakeSnapshot).toBe(lake!.find(({ runId }) => runId === 'three')!.id);
  });

  it('are listed of one version, and as many as one wants', async () => {
    const { place, ids } = await repositoryWithLake('some');
    const of = async (input: object) => (await listVersions({ place, ...input })).history.map(({ id }) => id);
    expect(await of({ limit: 2 })).toEqual([ids[3], ids[2]]);
    expect((await of({ version: { snapshot: ids[1]! } })).slice(0, 2)).toEqual([ids[1], ids[0]]);
    // What a branch has left behind is in no history.
    const repository = await openIcechunk({ kind: 'local', path: place });
    await repository.createTag('end', ids[3]!);
    await repository.resetBranch('main', ids[0]!);
    repository.close();
    expect((await of({})).slice(0, 4)).toEqual(ids.toReversed());
    expect((await of({ version: 'main' }))[0]).toBe(ids[0]);
    expect((await listVersions({ place })).lake).toBeNull();
    expect(await problem(listVersions({ place, lake: join(folder, 'no.ducklake') }))).toMatchObject({
      kind: 'not-found',
    });
    expect(await problem(listVersions({ place: join(folder, 'no.icechunk') }))).toMatchObject({ kind: 'not-found' });
  });

  it('are compared', async () => {
    const { place, ids } = await repositoryWithLake('diff');
    const diff = await diffVersions({ place, from: ids[0]!, to: 'main' });
    expect(diff).toMatchObject({ newArrays: [], chunks: [{ path: '/a', count: 1 }] });
    expect(await problem(diffVersions({ place, from: 'nothing', to: 'main' }))).toMatchObject({
      kind: expect.stringMatching(/not-found|invalid-argument/),
    });
  });

  it('get names, each once', async () => {
    const { place, ids } = await repositoryWithLake('names');
    expect(await nameVersion({ place, kind: 'tag', name: 'v1' })).toEqual({
      name: 'v1',
      snapshot: ids[3],
      lakeSnapshot: null,
    });
    expect(await problem(nameVersion({ place, kind: 'tag', name: 'v1' }))).toMatchObject({ kind: 'exists' });
    await nameVersion({ place, kind: 'branch', name: 'v1', version: ids[0]! });
    expect(await problem(nameVersion({ place, kind: 'tag', name: 'v2', version: 'v1' }))).toMatchObject({
      kind: 'invalid-argument',
    });
  });

  it('are tied by tags to the snapshot of the lake that has their run, and both are read as they were', async () => {
    const { place, ids, catalog } = await repositoryWithLake('tied', { one: 1, three: 3 });
    const { history, lake: before } = await listVersions({ place, lake: catalog });
    const [of3, of1] = [history[0]!.runs[0]!.lakeSnapshot, history[2]!.runs[0]!.lakeSnapshot];
    const tag = (name: string, version: string) => nameVersion({ place, kind: 'tag', name, version, lake: catalog });
    expect(await tag('v1', ids[1]!)).toEqual({ name: 'v1', snapshot: ids[1], lakeSnapshot: of1 });
    expect(await tag('v3', ids[3]!)).toMatchObject({ lakeSnapshot: of3 });
    const newest = (await listVersions({ place, lake: catalog })).lake![0]!.id;
    expect(newest).toBe(before![0]!.id + 2);
    expect(await tag('v0', ids[0]!)).toMatchObject({ lakeSnapshot: newest }); // no run of the lake made it
    const again = await listVersions({ place, lake: catalog });
    expect(await tag('v1', ids[1]!)).toEqual({ name: 'v1', snapshot: ids[1], lakeSnapshot: of1 });
    expect((await listVersions({ place, lake: catalog })).lake).toEqual(again.lake);
    expect(again.tags.map(({ name, lakeSnapshot }) => [name, lakeSnapshot]).sort()).toEqual([
      ['v0', newest],
      ['v1', of1],
      ['v3', of3],
    ]);
    const location = { catalog, dataPath: join(folder, 'tied/') };
    const runs = async (at?: number) =>
      (
        await queryLake({ ...location, ...(at === undefined ? {} : { snapshot: at }) }, 'SELECT run_id FROM runs')
      ).rows.flat();
    expect(await runs(of1!)).toEqual(['one']);
    expect((await runs()).sort()).toEqual(['one', 'three']);
    const stored = `SELECT run_id, name, cube_href, cube_snapshot FROM tags ORDER BY name`;
    expect((await queryLake(location, stored)).rows).toEqual([
      [null, 'v0', 'tied.icechunk', ids[0]],
      ['one', 'v1', 'tied.icechunk', ids[1]],
      ['three', 'v3', 'tied.icechunk', ids[3]],
    ]);
    expect(await problem(tag('v1', ids[2]!))).toMatchObject({ kind: 'exists' });
    expect(await problem(runs(-1))).toMatchObject({ kind: 'invalid-argument' });
    expect(await problem(runs(1e6))).toMatchObject({ kind: 'lake' });
    const branch = { place, kind: 'branch' as const, name: 'b', lake: catalog };
    expect(await problem(nameVersion(branch))).toMatchObject({ kind: 'invalid-argument' });
  });

  it('ties a tag that is there already, and gives none where the lake is not there', async () => {
    const { place, ids, catalog } = await repositoryWithLake('later', { one: 1 });
    const tag = { place, kind: 'tag' as const, name: 'v1', version: ids[1]! };
    const absent = join(folder, 'absent.ducklake');
    expect(await problem(nameVersion({ ...tag, lake: 'postgres:host=/nowhere' }))).toMatchObject({
      kind: 'invalid-argument',
    });
    expect(await problem(nameVersion({ ...tag, lake: absent }))).toMatchObject({ kind: 'not-found' });
    expect(existsSync(absent)).toBe(false);
    expect((await listVersions({ place })).tags).toEqual([]);
    expect(await nameVersion(tag)).toMatchObject({ lakeSnapshot: null });
    expect(await nameVersion({ ...tag, lake: catalog })).toMatchObject({ lakeSnapshot: expect.any(Number) });
  });

  it('expire only when that is meant, and never those of a run, a branch or a tag', async () => {
    const { place, ids, catalog } = await repositoryWithLake('expire', { one: 1, other: FOREIGN, odd: '?' });
    const input = { place, olderThanMs: Date.now() };
    const without = await expireVersions(input);
    expect(without).toMatchObject({ dryRun: true, kept: [ids[3]] });
    expect(without.released.toSorted()).toEqual(ids.slice(0, 3).sort());
    for (const isMeant of [false, true]) {
      expect(await problem(expireVersions({ ...input, lake: catalog, delete: isMeant }))).toMatchObject({
        kind: 'conflict',
        what: expect.stringContaining(`one (${ids[1]})`),
        fix: expect.stringContaining(`cube versions tag ${place} NAME ${ids[1]}`),
      });
    }
    await nameVersion({ place, kind: 'tag', name: 'of-run-one', version: ids[1]! });
    const done = await expireVersions({ ...input, lake: catalog, delete: true });
    expect(done.dryRun).toBe(false);
    expect(done.released.toSorted()).toEqual([ids[0], ids[2]].sort());
    expect(done.kept).toEqual([ids[1], ids[3]].sort());
    const left = (await listVersions({ place })).history.map(({ id }) => id);
    expect(left.slice(0, 2)).toEqual([ids[3], ids[1]]);
    expect(left).toHaveLength(3);
  });

  it('are collected only when that is meant, and never what a run needs', async () => {
    const { place, ids, catalog, chunks } = await repositoryWithLake('gc', { two: 2, other: FOREIGN, odd: '?' });
    const repository = await openIcechunk({ kind: 'local', path: place });
    await repository.resetBranch('main', ids[0]!);
    repository.close();
    const input = { place, olderThanMs: Date.now(), lake: catalog };
    const all = await collectVersions({ place, olderThanMs: Date.now() });
    expect(all.snapshotIds.toSorted()).toEqual(ids.slice(1).sort());
    const would = await collectVersions(input);
    expect(would).toMatchObject({ dryRun: true, kept: [ids[0], ids[2]].sort(), snapshotIds: [ids[3]], chunks: 1 });
    expect(chunks()).toBe(4);
    const done = await collectVersions({ ...input, delete: true });
    expect(done).toEqual({ ...would, dryRun: false });
    expect(chunks()).toBe(3);
    const after = await openIcechunk({ kind: 'local', path: place });
    const reader = await after.readonly({ snapshot: ids[2]! });
    expect((await reader.get('a/c/0'))![0]).toBe(2);
    reader.close();
    after.close();
  });

  it('cannot be cleaned up to a time that has not come', async () => {
    const { place } = await repositoryWithLake('future');
    for (const clean of [expireVersions, collectVersions]) {
      for (const olderThanMs of [Date.now() + 60_000, Number.NaN])
        expect(await problem(clean({ place, olderThanMs }))).toMatchObject({ kind: 'invalid-argument' });
    }
  });
});

describe.skipIf(icechunkAbsent !== null)(suiteName('versions that builds made'), () => {
  it('stand beside the runs of their lake, which keep them', async () => {
    const out = join(folder, 'built');
    const build = (value: number) => {
      const stac = writeItems(folder, `v${value}`, [{ id: 'a', images: { v: { value: () => value } } }]);
      const grid = { extent: 'items', chunk: 16 };
      const spec = { name: 'built', source: { stac }, bands: ['v'], grid, output: { cube: { icechunk: 'any' } } };
      return buildCube({ spec: spec as never, out, workers: 0, overwrite: true });
    };
    const [first, second] = [await build(7), await build(8)];
    const [place, lake] = [first.cube, first.lake!.catalog];
    const { history, lake: snapshots } = await listVersions({ place, lake, limit: 2 });
    expect(history.map(({ id, runs }) => [id, runs.map(({ runId }) => runId)])).toEqual([
      [second.snapshot, [second.runId]],
      [first.snapshot, [first.runId]],
    ]);
    expect(history.map(({ runs }) => runs[0]!.lakeSnapshot)).toEqual(snapshots!.map(({ id }) => id));
    expect(snapshots![0]!.id).toBe(Number(second.lake!.snapshotId));
    await setTimeout(5);
    const old = { place, lake, olderThanMs: Date.now(), delete: true };
    expect(await problem(expireVersions(old))).toMatchObject({ kind: 'conflict' });
    await nameVersion({ place, kind: 'tag', name: 'first', version: first.snapshot! });
    await expireVersions(old);
    await collectVersions(old);
    for (const [snapshot, value] of [
      [first.snapshot!, 7],
      [second.snapshot!, 8],
    ] as const) {
      const cube = await openCube(place, { version: { snapshot } });
      expect((await cube.read({ band: 'v' })).data.get(0, 3, 4)).toBe(value);
      await cube.close();
    }
  });
});

describe('versions', () => {
  it('need a repository, or the binding', async () => {
    mkdirSync(join(folder, 'empty'));
    const expected = icechunkAbsent === null ? 'not-found' : 'missing-component';
    expect(await problem(listVersions({ place: join(folder, 'empty') }))).toMatchObject({ kind: expected });
  });
});
