import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moveObjects } from '../../../src/cube/writer/move-objects.js';
import { ObjectFolder } from '../../../src/cube/writer/object-folder.js';
import { temporaryFolder } from '../../lake/temporary.js';

const folder = temporaryFolder();

async function staged(name: string, objects: Readonly<Record<string, number>>): Promise<ObjectFolder> {
  const store = new ObjectFolder(join(folder, name));
  for (const [key, length] of Object.entries(objects))
    await store.writeObject(key, new Uint8Array(length).fill(length));
  return store;
}

/** A session that keeps what is set, a while after it is asked to, and the most bytes that were under way. */
class SlowSession {
  readonly keys: string[] = [];
  most = 0;
  ended = 0;
  #bytes = 0;

  async set(key: string, bytes: Uint8Array): Promise<void> {
    this.keys.push(key);
    this.#bytes += bytes.length;
    this.most = Math.max(this.most, this.#bytes);
    await new Promise((resolve) => setImmediate(resolve));
    this.#bytes -= bytes.length;
    this.ended++;
    if (key.endsWith('c/7')) throw new Error('the disk is full');
  }
}

describe('moveObjects', () => {
  it('sets metadata before chunks, the root first, and leaves the folder as it is', async () => {
    const store = await staged('order', { 'a/c/0': 1, 'a/zarr.json': 2, 'zarr.json': 3, 'b/c': 4, 'b/zarr.json': 5 });
    const session = new SlowSession();
    await moveObjects(store, session);
    expect(session.keys).toEqual(['zarr.json', 'a/zarr.json', 'b/zarr.json', 'a/c/0', 'b/c']);
    expect(await store.listObjects()).toHaveLength(5);
  });

  it('has no more than 32 MiB under way, or one object that is larger', async () => {
    const side = 12 * 2 ** 20;
    const store = await staged('large', {
      'a/c/0': side,
      'a/c/1': side,
      'a/c/2': side,
      'a/c/3': 40 * 2 ** 20,
      'a/c/4': 1,
    });
    const session = new SlowSession();
    await moveObjects(store, session);
    expect(session.keys).toHaveLength(5);
    expect(session.most).toBe(40 * 2 ** 20);
    rmSync(store.path, { recursive: true });
  });

  it('throws the first failure when all that began has ended, and begins nothing more', async () => {
    const objects = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`a/c/${i}`, 1 + i]));
    const session = new SlowSession();
    await expect(moveObjects(await staged('failing', objects), session)).rejects.toThrow('the disk is full');
    expect(session.ended).toBe(session.keys.length);
    expect(session.keys.length).toBeLessThan(200);
  });
});
