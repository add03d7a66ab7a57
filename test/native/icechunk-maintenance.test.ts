import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createIcechunk, openIcechunk } from '../../src/native/icechunk.js';
import { Folders, icechunkAbsent, suiteName, writeArray } from './icechunk-store.js';

const folders = new Folders();
afterAll(() => folders.remove());

/** A repository with four commits, each of which replaces the one native chunk. */
async function fourVersions(specVersion: 1 | 2) {
  const storage = { kind: 'local', path: await folders.make() } as const;
  const repository = await createIcechunk(storage, { specVersion });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const session = await repository.writable('main');
    if (i === 0) await writeArray(session, 'a', [1000], [1000]);
    await session.set('a/c/0', new Uint8Array(1000).fill(i));
    ids.push(await session.commit({ message: `version ${i}` }));
  }
  const count = async (folder: string) => (await readdir(join(storage.path, folder))).length;
  const later = Date.now() + 60_000;
  return { storage, repository, ids, count, later };
}

describe.skipIf(icechunkAbsent !== null)(suiteName('expiry and garbage collection in Icechunk'), () => {
  it.each([1, 2] as const)('of specification %i: a dry run says what would go and changes nothing', async (spec) => {
    const { repository, ids, count, later } = await fourVersions(spec);
    const history = await repository.ancestry({ branch: 'main' });
    const dry = await repository.expire({ olderThanMs: later, dryRun: true });
    expect([...dry.released].sort()).toEqual(ids.slice(0, 3).sort());
    expect(await repository.ancestry({ branch: 'main' })).toEqual(history);
    const nothing = await repository.collectGarbage({ olderThanMs: later, dryRun: true });
    expect(nothing).toMatchObject({ snapshots: 0, chunks: 0, bytes: 0, snapshotIds: [] });

    const done = await repository.expire({ olderThanMs: later });
    expect([...done.released].sort()).toEqual([...dry.released].sort());
    expect((await repository.ancestry({ branch: 'main' })).map(({ id }) => id)).toEqual([ids[3], history[4]!.id]);
    const would = await repository.collectGarbage({ olderThanMs: later, dryRun: true });
    expect(would).toMatchObject({ snapshots: 3, chunks: 3, failed: 0, errors: [] });
    expect([...would.snapshotIds].sort()).toEqual(ids.slice(0, 3).sort());
    expect(await count('chunks')).toBe(4);
    expect(await repository.collectGarbage({ olderThanMs: 0 })).toMatchObject({ snapshots: 0, chunks: 0 });
    const collected = await repository.collectGarbage({ olderThanMs: later });
    expect(collected).toEqual(would);
    expect(collected.bytes).toBeGreaterThan(3000);
    expect(await count('chunks')).toBe(1);
    const reader = await repository.readonly({ branch: 'main' });
    expect((await reader.get('a/c/0'))![0]).toBe(3);
  });

  it('refuse to drop a snapshot that must be kept', async () => {
    const { repository, ids, later } = await fourVersions(2);
    const history = await repository.ancestry({ branch: 'main' });
    const kept = { olderThanMs: later, keep: [ids[1]!] };
    for (const dryRun of [true, false])
      await expect(repository.expire({ ...kept, dryRun })).rejects.toMatchObject({ problem: { kind: 'conflict' } });
    expect(await repository.ancestry({ branch: 'main' })).toEqual(history);
    await repository.expire({ olderThanMs: later, keep: [ids[3]!] });
    await expect(repository.expire({ olderThanMs: later, keep: ['?'] })).rejects.toMatchObject({
      problem: { kind: 'not-found' },
    });
  });

  it('keep a snapshot that no branch holds, with its chunks', async () => {
    const { repository, ids, later, storage } = await fourVersions(2);
    await repository.resetBranch('main', ids[0]!);
    const all = await repository.collectGarbage({ olderThanMs: later, dryRun: true });
    expect([...all.snapshotIds].sort()).toEqual(ids.slice(1).sort());
    const some = await repository.collectGarbage({ olderThanMs: later, keep: [ids[2]!] });
    expect(some.snapshotIds).toEqual([ids[3]]);
    const again = await openIcechunk(storage);
    const reader = await again.readonly({ snapshot: ids[2]! });
    expect((await reader.get('a/c/0'))![0]).toBe(2);
    await expect(again.readonly({ snapshot: ids[3]! })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });

  it('delete branches and tags of expired snapshots only when they are told to', async () => {
    const { repository, ids, later } = await fourVersions(2);
    await repository.createBranch('old', ids[0]!);
    await repository.createTag('old-tag', ids[1]!);
    const careful = await repository.expire({ olderThanMs: later, dryRun: true });
    expect(careful).toMatchObject({ released: [ids[2]], deletedBranches: [], deletedTags: [] });
    const done = await repository.expire({ olderThanMs: later, deleteBranches: true, deleteTags: true });
    expect(done).toMatchObject({ deletedBranches: ['old'], deletedTags: ['old-tag'] });
    expect((await repository.branches()).map(({ name }) => name)).toEqual(['main']);
    expect(await repository.tags()).toEqual([]);
  });
});
