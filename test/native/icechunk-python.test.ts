import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createIcechunk, openIcechunk } from '../../src/native/icechunk.js';
import type { IcechunkRepository } from '../../src/native/icechunk/contract.js';
import { CHUNK_VIRTUAL } from '../../src/native/icechunk/refs.js';
import { ICECHUNK_PYTHON } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';
import { bytesOf, Folders, icechunkAbsent, suiteName, writeArray } from './icechunk-store.js';

const SCRIPT = fileURLToPath(new URL('icechunk_check.py', import.meta.url));

const folders = new Folders();
afterAll(() => folders.remove());

type Version = { readonly snapshot: string; readonly keys: Readonly<Record<string, string | null>> };
type Answer = {
  readonly branches: Readonly<Record<string, Version>>;
  readonly tags: Readonly<Record<string, Version>>;
  readonly history: readonly unknown[];
};

function python(...parameters: string[]): unknown {
  const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, ...parameters], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** What our binding finds, in the words of `icechunk_check.py`. */
async function ours(repository: IcechunkRepository): Promise<Answer> {
  const version = async (snapshot: string): Promise<Version> => {
    const session = await repository.readonly({ snapshot });
    const keys: Record<string, string | null> = {};
    for (const key of await session.list('')) {
      const bytes = await session.get(key).catch(() => 'unreadable' as const);
      keys[key] = bytes === null || bytes === 'unreadable' ? bytes : createHash('sha256').update(bytes).digest('hex');
    }
    return { snapshot, keys };
  };
  const all = async (refs: readonly { readonly name: string; readonly snapshot: string }[]) =>
    Object.fromEntries(
      await Promise.all(refs.map(async ({ name, snapshot }) => [name, await version(snapshot)] as const)),
    );
  return {
    branches: await all(await repository.branches()),
    tags: await all(await repository.tags()),
    history: await repository.ancestry({ branch: 'main' }),
  };
}

async function dataFile() {
  const folder = await folders.make();
  await mkdir(join(folder, 'data'));
  await writeFile(
    join(folder, 'data', 'x.bin'),
    Uint8Array.from({ length: 100 }, (_, i) => 100 + i),
  );
  const prefix = `${pathToFileURL(join(folder, 'data')).href}/`;
  return { prefix, url: `${prefix}x.bin`, path: join(folder, 'repo') };
}

const skip = icechunkAbsent !== null || !existsSync(ICECHUNK_PYTHON);
const name = (text: string) =>
  icechunkAbsent === null && skip ? `${text} (skipped: no Python with icechunk)` : suiteName(text);

describe.skipIf(skip)(name('Icechunk repositories and Python'), () => {
  it('what Python writes we read: every key, every version, the commit metadata', async () => {
    const { prefix, url, path } = await dataFile();
    const theirs = python('write', path, prefix, url) as Answer;
    const repository = await openIcechunk({ kind: 'local', path }, { authorize: [{ urlPrefix: prefix }] });
    expect(await ours(repository)).toEqual(theirs);
    expect(Object.keys(theirs.branches['main']!.keys)).toHaveLength(12);
    const refs = await (await repository.readonly({ tag: 'first' })).chunkRefs('virtual');
    expect(refs).toMatchObject({
      indices: Uint32Array.of(1, 3),
      kinds: new Uint8Array(2).fill(CHUNK_VIRTUAL),
      locations: [url],
      checksums: [{ kind: 'last-modified', timeMs: 2_000_000_000_000 }],
      offsets: Float64Array.of(10, 30),
    });
  });

  it.each([1, 2] as const)(
    'what we write with specification %i Python reads: native, inline, virtual',
    async (specVersion) => {
      const { prefix, url, path } = await dataFile();
      const repository = await createIcechunk(
        { kind: 'local', path },
        {
          specVersion,
          containers: [{ urlPrefix: prefix, store: { kind: 'local' } }],
          authorize: [{ urlPrefix: prefix }],
          manifestChunks: 2,
        },
      );
      const session = await repository.writable('main');
      await writeArray(session, 'a', [5000], [1000]);
      await session.set('a/c/0', new Uint8Array(1000).fill(7));
      await session.set('a/c/4', new Uint8Array(1000).fill(9));
      await writeArray(session, 'v', [50], [10]);
      await session.set('v/c/0', bytesOf('0123456789'));
      await session.setVirtualRefs('v', {
        indices: Uint32Array.of(4, 2),
        locations: [url],
        checksums: [{ kind: 'last-modified', timeMs: 2_000_000_000_000 }],
        location: Uint32Array.of(0, 0),
        offsets: Float64Array.of(40, 20),
        lengths: Float64Array.of(10, 10),
      });
      const id = await session.commit({ message: 'from Node', metadata: { run: 'r1', list: [1, { deep: null }] } });
      await repository.createTag('ours', id);
      const theirs = python('read', path, prefix) as Answer;
      expect(await ours(repository)).toEqual(theirs);
      expect(theirs.tags['ours']!.snapshot).toBe(id);
      expect(theirs.history[0]).toMatchObject({
        id,
        message: 'from Node',
        metadata: { run: 'r1', list: [1, { deep: null }] },
      });
      const expected = Array.from({ length: 50 }, (_, i) =>
        i < 10 ? 48 + i : [2, 4].includes(Math.floor(i / 10)) ? 100 + i : 0,
      );
      expect(python('values', path, 'v', prefix)).toEqual(expected);
      expect(new Set(python('values', path, 'a', prefix) as number[])).toEqual(new Set([7, 0, 9]));
    },
  );

  it.skipIf(!hasShared)('read the repositories of other programs alike', async () => {
    const root = sharedPath('data', 'conformance', 'icechunk');
    const repositories = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(repositories.length).toBeGreaterThanOrEqual(3);
    for (const { name: folder } of repositories) {
      const path = join(root, folder);
      const theirs = python('read', path) as Answer;
      expect(await ours(await openIcechunk({ kind: 'local', path })), folder).toEqual(theirs);
    }
  });
});
