import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObjectFolder } from '../../../src/cube/writer/object-folder.js';

describe('objects of a store under construction', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'objects-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('replace an older one, and leave a finished store that it was linked to alone', async () => {
    const finished = join(folder, 'finished');
    await writeFile(finished, 'old');
    await mkdir(join(folder, 'a', 'c'), { recursive: true });
    await link(finished, join(folder, 'a', 'c', '0'));
    const objects = new ObjectFolder(folder);
    await objects.stageObject('a/c/0', Buffer.from('new'));
    expect(await readFile(join(folder, 'a', 'c', '0'), 'utf8')).toBe('new');
    expect(await readFile(finished, 'utf8')).toBe('old');
  });

  it('say where they cannot be written', async () => {
    await writeFile(join(folder, 'a'), 'a file where a folder goes');
    const objects = new ObjectFolder(folder);
    await expect(objects.stageObject('a/c/0', Buffer.from('new'))).rejects.toMatchObject({ problem: { kind: 'io' } });
    await expect(objects.stageObject('../x', Buffer.from('new'))).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });
});
