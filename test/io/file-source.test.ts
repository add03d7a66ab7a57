import { mkdtemp, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileHandles } from '../../src/io/file-handles.js';
import { FileSource } from '../../src/io/file-source.js';
import { MemorySource, createMemorySources } from '../../src/io/memory-source.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) & 255);

let folder = '';
let handles = new FileHandles();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliocube-io-'));
  handles = new FileHandles(2);
});
afterEach(async () => {
  await handles.close();
  await rm(folder, { recursive: true });
});

async function file(name: string, content: Uint8Array = bytes): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

describe('FileSource', () => {
  it('reads the same slices as memory', async () => {
    const source = new FileSource(await file('a.bin'), handles);
    const memory = new MemorySource(bytes);
    for (const range of [
      { offset: 10, length: 20 },
      { offset: 990, length: 20 },
      { offset: 2000, length: 1 },
      { offset: 3, length: 0 },
      { suffix: 8 },
      { suffix: 0 },
      { suffix: 5000 },
      'all',
    ] as const) {
      const [a, b] = await Promise.all([source.read(range), memory.read(range)]);
      expect(a.bytes).toEqual(b.bytes);
      expect(a.size).toBe(1000);
    }
  });

  it('takes names with spaces, # and %, literal first, decoded when that does not exist', async () => {
    const literal = new FileSource(await file('a b#1%20.tif'), handles);
    expect((await literal.read('all')).size).toBe(1000);
    await file('c d.tif');
    const encoded = new FileSource(join(folder, 'c%20d.tif'), handles);
    expect((await encoded.read('all')).size).toBe(1000);
    await expect(new FileSource(join(folder, 'x%2f..%2fa.tif'), handles).read('all')).rejects.toMatchObject({
      problem: { kind: 'not-found' },
    });
  });

  it('a file is not younger than its time says: no part of a millisecond is cut off', async () => {
    const path = await file('a.bin');
    await utimes(path, 1_700_000_000, 1_700_000_000.0004);
    expect(await new FileSource(path, handles).read('all')).toMatchObject({ modifiedMs: 1_700_000_000_001 });
  });

  it('sees a file that was replaced, with another etag', async () => {
    const path = await file('a.bin');
    const source = new FileSource(path, handles);
    const before = await source.read({ offset: 0, length: 4 });
    await rename(await file('b.bin', new Uint8Array(500)), path);
    const after = await source.read({ offset: 0, length: 4 });
    expect(after).toMatchObject({ size: 500, bytes: new Uint8Array(4) });
    expect(after.etag).not.toBe(before.etag);
  });

  it('reads many files at once with few handles', async () => {
    const paths = await Promise.all(
      Array.from({ length: 20 }, (_, index) => file(`${index}.bin`, bytes.subarray(index))),
    );
    const reads = [...paths, ...paths].map((path) => new FileSource(path, handles).read('all'));
    const sizes = (await Promise.all(reads)).map(({ size }) => size);
    expect(sizes.slice(0, 20)).toEqual(paths.map((_, index) => 1000 - index));
    expect(sizes.slice(20)).toEqual(sizes.slice(0, 20));
  });

  it('tells missing files, folders and fired signals apart', async () => {
    await mkdir(join(folder, 'dir'));
    const open = (name: string) => new FileSource(join(folder, name), handles);
    await expect(open('none').read('all')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    await expect(open('dir').read('all')).rejects.toMatchObject({ problem: { kind: 'io', code: 'EISDIR' } });
    await file('a.bin');
    await expect(open('a.bin/x').read('all')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(open('a.bin').read('all', { signal })).rejects.toMatchObject({
      problem: { kind: 'aborted', what: 'enough' },
    });
    await expect(open('a.bin').read({ offset: -1, length: 4 })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });
});

describe('createMemorySources', () => {
  it('opens its objects and nothing else', async () => {
    const sources = createMemorySources({ 'memory:a': bytes });
    expect((await sources.open('memory:a').read({ suffix: 1 })).bytes).toEqual(bytes.subarray(999));
    await expect(sources.open('memory:b').read('all')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });
});
