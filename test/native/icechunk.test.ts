import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createIcechunk, icechunkExists, openIcechunk, openOrCreateIcechunk } from '../../src/native/icechunk.js';
import { builtFolder } from '../lake/built.js';
import {
  arrayMetadata,
  bytesOf,
  Folders,
  GROUP,
  icechunkAbsent,
  suiteName,
  textOf,
  writeArray,
} from './icechunk-store.js';

const folders = new Folders();
afterAll(() => folders.remove());

describe('without the Icechunk binding', () => {
  it('says what is missing and how to get it', () => {
    const module = pathToFileURL(join(builtFolder('native'), 'native/icechunk.js')).href;
    const script = `import { openIcechunk } from ${JSON.stringify(module)};
      await openIcechunk({ kind: 'memory' }).catch((error) => console.log(JSON.stringify(error.problem)));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, HELIOCUBE_ICECHUNK: 'off' },
    });
    expect(JSON.parse(stdout), stderr).toEqual({
      kind: 'missing-component',
      component: 'Icechunk binding',
      what: 'turned off by HELIOCUBE_ICECHUNK=off',
      fix: 'unset HELIOCUBE_ICECHUNK',
    });
  });
});

describe.skipIf(icechunkAbsent !== null)(suiteName('an Icechunk repository'), () => {
  it.each([1, 2] as const)('of specification %i keeps what is committed', async (specVersion) => {
    const path = join(await folders.make(), 'deep', 'repo');
    const storage = { kind: 'local', path } as const;
    expect(await icechunkExists(storage)).toBe(false);
    const repository = await createIcechunk(storage, { specVersion });
    expect(repository.specVersion).toBe(specVersion);
    const session = await repository.writable('main');
    await writeArray(session, 'a', [4, 4], [2, 2]);
    await session.set('a/c/0/1', bytesOf('wxyz'));
    expect(await session.hasChanges()).toBe(true);
    const id = await session.commit({ message: 'first', metadata: { run: 'r1', n: 3 } });
    expect(session).toMatchObject({ readOnly: true, snapshot: id });
    expect(await session.hasChanges()).toBe(false);

    const again = await openIcechunk(storage);
    expect(again.specVersion).toBe(specVersion);
    const reader = await again.readonly({ branch: 'main' });
    expect(reader).toMatchObject({ readOnly: true, branch: null, snapshot: id });
    expect(textOf(await reader.get('a/c/0/1'))).toBe('wxyz');
    expect(textOf(await reader.getRange('a/c/0/1', { offset: 1, length: 2 }))).toBe('xy');
    expect(textOf(await reader.getRange('a/c/0/1', { offset: 2 }))).toBe('yz');
    expect(textOf(await reader.getRange('a/c/0/1', { offset: -1 }))).toBe('z');
    expect(await reader.get('a/c/0/0')).toBeNull();
    expect(await reader.get('b/zarr.json')).toBeNull();
    expect(await reader.exists('a/zarr.json')).toBe(true);
    expect(await reader.exists('b/c/0')).toBe(false);
    expect(await reader.list('')).toEqual(['a/c/0/1', 'a/zarr.json', 'zarr.json']);
    expect(await reader.listDir('')).toEqual(['a', 'zarr.json']);
  });

  it('may have native and inline chunks; deletes what it is told to', async () => {
    const storage = { kind: 'local', path: await folders.make() } as const;
    const repository = await createIcechunk(storage, { inlineBytes: 8 });
    const session = await repository.writable('main');
    await writeArray(session, 'a', [30], [10]);
    await writeArray(session, 'b', [30], [10]);
    for (const name of ['a', 'b'])
      for (const chunk of [0, 1]) await session.set(`${name}/c/${chunk}`, bytesOf('0123456789'));
    await session.commit({ message: 'write' });
    expect(await readdir(join(storage.path, 'chunks'))).toHaveLength(4);
    const next = await repository.writable('main');
    await next.delete('a/c/0');
    await next.delete('a/c/2');
    await next.deleteDir('b');
    await next.commit({ message: 'delete' });
    expect(await (await repository.readonly({ branch: 'main' })).list('')).toEqual([
      'a/c/1',
      'a/zarr.json',
      'zarr.json',
    ]);
  });

  it('takes a copy of the bytes before `set` returns: the buffer may be used again at once', async () => {
    const repository = await createIcechunk({ kind: 'local', path: await folders.make() });
    const session = await repository.writable('main');
    const count = 64;
    const size = 1 << 18;
    await writeArray(session, 'a', [count * size], [size]);
    const buffer = new Uint8Array(new SharedArrayBuffer(size));
    const pending: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      buffer.fill(i + 1);
      pending.push(session.set(`a/c/${i}`, buffer));
      buffer.fill(255);
    }
    await Promise.all(pending);
    await session.commit({ message: 'reused' });
    const reader = await repository.readonly({ branch: 'main' });
    for (let i = 0; i < count; i++) {
      const bytes = (await reader.get(`a/c/${i}`))!;
      expect(bytes.length).toBe(size);
      expect(bytes.every((value) => value === i + 1)).toBe(true);
    }
  });

  it('in memory lives with its handle', async () => {
    const repository = await createIcechunk({ kind: 'memory' });
    const session = await repository.writable('main');
    await session.set('zarr.json', GROUP);
    await session.commit({ message: 'root' });
    expect(await (await repository.readonly({ branch: 'main' })).list('')).toEqual(['zarr.json']);
    await expect(openIcechunk({ kind: 'memory' })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    const writer = await repository.writable('main');
    await expect(writer.fork()).rejects.toMatchObject({ problem: { kind: 'unsupported' } });
  });

  it('is made once: a second time, and where something else is, it is refused', async () => {
    const path = await folders.make();
    await createIcechunk({ kind: 'local', path });
    await expect(createIcechunk({ kind: 'local', path })).rejects.toMatchObject({ problem: { kind: 'exists', path } });
    expect((await openOrCreateIcechunk({ kind: 'local', path })).specVersion).toBe(2);
    const other = await folders.make();
    await writeFile(join(other, 'mine.txt'), 'mine');
    await expect(createIcechunk({ kind: 'local', path: other })).rejects.toMatchObject({ problem: { kind: 'exists' } });
    const fresh = await folders.make();
    const made = await Promise.all([1, 2, 3, 4].map(() => openOrCreateIcechunk({ kind: 'local', path: fresh })));
    expect(new Set(await Promise.all(made.map((one) => one.resolve({ branch: 'main' })))).size).toBe(1);
  });

  it('names what is wrong with keys, metadata and handles', async () => {
    const path = await folders.make();
    await expect(openIcechunk({ kind: 'local', path })).rejects.toMatchObject({
      problem: { kind: 'not-found', url: path },
    });
    const repository = await createIcechunk({ kind: 'local', path });
    const session = await repository.writable('main');
    const wrong = { problem: { kind: 'invalid-argument' } };
    await expect(session.set('nonsense', GROUP)).rejects.toMatchObject(wrong);
    await expect(session.set('zarr.json', bytesOf('{'))).rejects.toMatchObject(wrong);
    await expect(session.set('a/c/0', bytesOf('x'))).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    await writeArray(session, 'a', [4], [2]);
    await expect(session.set('a/c/2', bytesOf('xx'))).rejects.toMatchObject(wrong);
    await expect(session.set('a/c/0', new Uint8Array(0))).rejects.toMatchObject(wrong);
    await session.set('a/c/0', bytesOf('xx'));
    await expect(session.getRange('a/c/0', { offset: 1, length: 5 })).rejects.toMatchObject(wrong);
    for (const range of [{ offset: -1000 }, { offset: 1000 }, { offset: 3, length: 1000 }])
      await expect(session.getRange('a/zarr.json', range)).rejects.toMatchObject(wrong);
    expect(textOf(await session.getRange('a/zarr.json', { offset: 1, length: 13 }))).toBe('"zarr_format"');
    await expect(session.getRange('a/c/0', { offset: 0.5 })).rejects.toMatchObject(wrong);
    await expect(session.getRange('a/c/0', { offset: -1, length: 1 })).rejects.toMatchObject(wrong);
    await expect(repository.writable('nowhere')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    await expect(repository.readonly({ snapshot: '!' })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    const reader = await repository.readonly({ branch: 'main' });
    await expect(reader.set('zarr.json', GROUP)).rejects.toMatchObject(wrong);
    await expect(reader.commit({ message: 'nothing' })).rejects.toMatchObject(wrong);
    session.close();
    session.close();
    await expect(session.get('a/c/0')).rejects.toMatchObject(wrong);
    repository.close();
    repository.close();
    await expect(repository.branches()).rejects.toMatchObject(wrong);
  });

  it('refuses metadata that neither a group nor an array is, without ending the process', async () => {
    const session = await (await createIcechunk({ kind: 'memory' })).writable('main');
    for (const node_type of ['dataset', '', 'Array'])
      await expect(session.set('zarr.json', bytesOf(JSON.stringify({ zarr_format: 3, node_type })))).rejects.toThrow();
    await session.set('zarr.json', GROUP);
    expect(await session.list('')).toEqual(['zarr.json']);
  });

  it('commits nothing only when it is told to', async () => {
    const repository = await createIcechunk({ kind: 'memory' });
    const session = await repository.writable('main');
    await expect(session.commit({ message: 'empty' })).rejects.toMatchObject({ problem: { kind: 'no-data' } });
    await session.set('a/zarr.json', arrayMetadata([1], [1]));
    await session.discard();
    expect(await session.hasChanges()).toBe(false);
    const id = await session.commit({ message: 'empty', allowEmpty: true });
    expect(await repository.resolve({ branch: 'main' })).toBe(id);
  });
});
