import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeStaleTemporaries, writeError, writeFileAtomic } from '../../src/io/write-file.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliocube-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writeFileAtomic', () => {
  it('W2: writes, replaces and makes folders, and leaves nothing else', async () => {
    const path = join(folder, 'c/0/0');
    await writeFileAtomic(path, new Uint8Array([1]));
    await writeFileAtomic(path, new Uint8Array([2, 3]), { durable: true });
    expect([...(await readFile(path))]).toEqual([2, 3]);
    expect(await readdir(join(folder, 'c/0'))).toEqual(['0']);
  });

  it('many writers of one file leave one of their contents whole', async () => {
    const path = join(folder, 'x');
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => writeFileAtomic(path, new Uint8Array(5000).fill(index))),
    );
    const found = await readFile(path);
    expect(found).toHaveLength(5000);
    expect(new Set(found).size).toBe(1);
    expect(await readdir(folder)).toEqual(['x']);
  });

  it('cleans up and says what to do when it fails', async () => {
    await mkdir(join(folder, 'x'));
    await expect(writeFileAtomic(join(folder, 'x'), new Uint8Array(1))).rejects.toMatchObject({
      problem: { kind: 'io', code: 'EISDIR', path: join(folder, 'x') },
    });
    await writeFileAtomic(join(folder, 'file'), new Uint8Array(1));
    await expect(writeFileAtomic(join(folder, 'file/x'), new Uint8Array(1))).rejects.toMatchObject({
      problem: { kind: 'io', code: 'ENOTDIR' },
    });
    await expect(
      writeFileAtomic(join(folder, 'y'), new Uint8Array(1), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      problem: { kind: 'aborted' },
    });
    expect((await readdir(folder)).sort()).toEqual(['file', 'x']);
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    expect(writeError('/x', full).message).toMatch(/disk is full; free some space/);
  });
});

describe('removeStaleTemporaries', () => {
  it('removes what dead writers left, at any depth, and nothing of the living', async () => {
    await writeFileAtomic(join(folder, 'c/keep'), new Uint8Array(1));
    const [host] = await temporaryHost();
    const name = (pid: number, tail: string) => `.tmp-${host}-${pid}-${tail.repeat(16)}`;
    const dead = 4_000_000_000; // above any process number
    await writeFile(join(folder, 'c', name(dead, 'a')), '');
    await writeFile(join(folder, name(process.ppid, 'b')), '');
    await writeFile(join(folder, name(process.pid, 'c')), '');
    await writeFile(join(folder, name(process.pid, 'd')), '');
    await utimes(join(folder, name(process.pid, 'd')), 1, 1);
    await writeFile(join(folder, '.tmp-00000000-1-aaaaaaaaaaaaaaaa'), '');
    expect(await removeStaleTemporaries(folder)).toBe(2);
    expect(await readdir(join(folder, 'c'))).toEqual(['keep']);
    expect(await readdir(folder)).toHaveLength(4);
    expect(await removeStaleTemporaries(join(folder, 'none'))).toBe(0);
  });

  /** The host's mark, as a write that is under way shows it. */
  async function temporaryHost(): Promise<string[]> {
    const busy = writeFileAtomic(join(folder, 'probe'), new Uint8Array(50_000_000));
    let found: string | undefined;
    while (found === undefined) found = (await readdir(folder)).find((entry) => entry.startsWith('.tmp-'));
    await busy;
    await rm(join(folder, 'probe'));
    return [found.split('-')[1]!];
  }
});
