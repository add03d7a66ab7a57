import { afterAll, describe, expect, it } from 'vitest';
import { createIcechunk } from '../../src/native/icechunk.js';
import type { IcechunkRepository } from '../../src/native/icechunk/contract.js';
import type { CommitOptions } from '../../src/native/icechunk/types.js';
import { arrayMetadata, bytesOf, Folders, icechunkAbsent, suiteName, textOf, writeArray } from './icechunk-store.js';

const folders = new Folders();
afterAll(() => folders.remove());

async function local(specVersion: 1 | 2 = 2): Promise<IcechunkRepository> {
  return createIcechunk({ kind: 'local', path: await folders.make() }, { specVersion });
}

/** Commits one chunk of one byte of the array `a` (of ten), which is made first. */
async function commitChunk(
  repository: IcechunkRepository,
  index: number,
  value: string,
  options?: Partial<CommitOptions>,
) {
  const session = await repository.writable('main');
  if (!(await session.exists('a/zarr.json'))) await writeArray(session, 'a', [10], [1]);
  await session.set(`a/c/${index}`, bytesOf(value));
  return session.commit({ message: `${index} is ${value}`, ...options });
}

describe.skipIf(icechunkAbsent !== null)(suiteName('versions in Icechunk'), () => {
  it.each([1, 2] as const)('of specification %i: branches, tags, snapshots and times name them', async (spec) => {
    const repository = await local(spec);
    const first = await commitChunk(repository, 0, 'x', { metadata: { run: 'r1', nested: { n: [1, null] } } });
    const second = await commitChunk(repository, 0, 'y');
    await repository.createTag('v1', first);
    await repository.createBranch('side', first);
    expect(await repository.branches()).toEqual([
      { name: 'main', snapshot: second },
      { name: 'side', snapshot: first },
    ]);
    expect(await repository.tags()).toEqual([{ name: 'v1', snapshot: first }]);
    const history = await repository.ancestry({ branch: 'main' });
    expect(history.map(({ id, parentId, message }) => ({ id, parentId, message }))).toEqual([
      { id: second, parentId: first, message: '0 is y' },
      { id: first, parentId: history[2]!.id, message: '0 is x' },
      { id: history[2]!.id, parentId: null, message: 'Repository initialized' },
    ]);
    expect(history[1]!.metadata).toMatchObject({ run: 'r1', nested: { n: [1, null] } });
    expect(Math.abs(history[0]!.timeMs - Date.now())).toBeLessThan(600_000);
    expect(await repository.ancestry({ branch: 'main' }, 1)).toEqual(history.slice(0, 1));
    const versions = [{ tag: 'v1' }, { branch: 'side' }, { snapshot: first }];
    for (const version of [...versions, { branch: 'main', asOfMs: history[1]!.timeMs }]) {
      expect(await repository.resolve(version)).toBe(first);
      expect(textOf(await (await repository.readonly(version)).get('a/c/0'))).toBe('x');
    }
    expect(await repository.resolve({ branch: 'main', asOfMs: history[0]!.timeMs + 1000 })).toBe(second);
    const missing = { problem: { kind: 'not-found' } };
    for (const version of [{ tag: 'v2' }, { branch: 'x' }, { snapshot: '000000000000000000G0' }])
      await expect(repository.resolve(version)).rejects.toMatchObject(missing);
    await expect(repository.resolve({ branch: 'main', asOfMs: 0 })).rejects.toMatchObject(missing);
  });

  it('move and end as they are told', async () => {
    const repository = await local();
    const first = await commitChunk(repository, 0, 'x');
    const second = await commitChunk(repository, 0, 'y');
    await repository.createBranch('side', second);
    await expect(repository.createBranch('side', first)).rejects.toMatchObject({ problem: { kind: 'exists' } });
    await expect(repository.resetBranch('side', first, first)).rejects.toMatchObject({ problem: { kind: 'conflict' } });
    await repository.resetBranch('side', first, second);
    expect(await repository.resolve({ branch: 'side' })).toBe(first);
    await repository.deleteBranch('side');
    await expect(repository.deleteBranch('side')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    await expect(repository.deleteBranch('main')).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
    await repository.createTag('t', first);
    await expect(repository.createTag('t', second)).rejects.toMatchObject({ problem: { kind: 'exists' } });
    await repository.deleteTag('t');
    await expect(repository.createTag('t', second)).rejects.toMatchObject({ problem: { kind: 'exists' } });
    expect(await repository.tags()).toEqual([]);
  });

  it('differ in named nodes and chunks', async () => {
    const repository = await local();
    const first = await commitChunk(repository, 0, 'x');
    const session = await repository.writable('main');
    await session.set('a/zarr.json', arrayMetadata([10], [1], { title: 'changed' }));
    await session.set('a/c/7', bytesOf('p'));
    await session.set('a/c/2', bytesOf('q'));
    await session.set('b/zarr.json', arrayMetadata([2, 2], [1, 1]));
    await session.set('b/c/1/0', bytesOf('r'));
    const expected = {
      newGroups: [],
      newArrays: ['/b'],
      deletedGroups: [],
      deletedArrays: [],
      updatedGroups: [],
      updatedArrays: ['/a'],
      moved: [],
      chunks: [
        { path: '/a', rank: 1, count: 2, indices: Uint32Array.of(2, 7) },
        { path: '/b', rank: 2, count: 1, indices: Uint32Array.of(1, 0) },
      ],
    };
    expect(await session.status()).toEqual(expected);
    const second = await session.commit({ message: 'more' });
    const next = await repository.writable('main');
    await next.deleteDir('b');
    await next.commit({ message: 'less' });
    expect(await repository.diff({ snapshot: first }, { snapshot: second })).toEqual(expected);
    expect(await repository.diff({ snapshot: second }, { branch: 'main' })).toMatchObject({ deletedArrays: ['/b'] });
    await expect(repository.diff({ snapshot: second }, { snapshot: first })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });

  it('amend the newest', async () => {
    const repository = await local();
    await commitChunk(repository, 0, 'x');
    const session = await repository.writable('main');
    await session.set('a/c/1', bytesOf('y'));
    await expect(session.commit({ message: 'z', amend: true, rebase: { attempts: 1 } })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
    await session.commit({ message: 'both', amend: true });
    const history = await repository.ancestry({ branch: 'main' });
    expect(history.map(({ message }) => message)).toEqual(['both', 'Repository initialized']);
    expect(await (await repository.readonly({ branch: 'main' })).list('a/c')).toEqual(['a/c/0', 'a/c/1']);
  });
});

describe.skipIf(icechunkAbsent !== null)(suiteName('two writers of one Icechunk branch'), () => {
  async function race(mine: number, theirs: number) {
    const repository = await local();
    await commitChunk(repository, 9, 'o');
    const session = await repository.writable('main');
    await session.set(`a/c/${mine}`, bytesOf('m'));
    await commitChunk(repository, theirs, 't');
    const read = async (index: number) =>
      textOf(await (await repository.readonly({ branch: 'main' })).get(`a/c/${index}`));
    return { repository, session, read };
  }

  it('who wrote other chunks come after each other by a rebase', async () => {
    const { session, read } = await race(1, 2);
    await expect(session.commit({ message: 'mine' })).rejects.toMatchObject({ problem: { kind: 'conflict' } });
    await session.commit({ message: 'mine', rebase: { attempts: 1 } });
    expect([await read(1), await read(2), await read(9)]).toEqual(['m', 't', 'o']);
  });

  it('who wrote the same chunk are told which, and nothing is lost', async () => {
    const { session, read } = await race(1, 1);
    const failure: unknown = await session.commit({ message: 'mine', rebase: { attempts: 3 } }).catch((error) => error);
    expect(failure).toMatchObject({
      problem: {
        kind: 'conflict',
        changes: [{ path: '/a', change: 'chunks written by both', chunks: [[1]], count: 1 }],
      },
    });
    expect(await read(1)).toBe('t');
    expect(await session.hasChanges()).toBe(true);
    expect(textOf(await session.get('a/c/1'))).toBe('m');
    await session.commit({ message: 'mine', rebase: { attempts: 3, chunks: 'ours' } });
    expect(await read(1)).toBe('m');
  });

  it('may leave a chunk to the other', async () => {
    const { session, read } = await race(1, 1);
    await session.set('a/c/3', bytesOf('m'));
    await session.commit({ message: 'mine', rebase: { attempts: 1, chunks: 'theirs' } });
    expect([await read(1), await read(3)]).toEqual(['t', 'm']);
  });

  it('cannot both change the metadata of an array', async () => {
    const { repository, session } = await race(1, 2);
    const other = await repository.writable('main');
    await other.set('a/zarr.json', arrayMetadata([10], [1], { title: 'theirs' }));
    await other.commit({ message: 'theirs' });
    await session.set('a/zarr.json', arrayMetadata([10], [1], { title: 'mine' }));
    await expect(session.commit({ message: 'mine', rebase: { attempts: 3, chunks: 'ours' } })).rejects.toMatchObject({
      problem: { kind: 'conflict', changes: expect.arrayContaining([expect.objectContaining({ path: '/a' })]) },
    });
  });
});
