import { describe, expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { createMemorySources } from '../../src/io/memory-source.js';
import { fetchChunk } from '../../src/raster/fetch-chunk.js';

const URL = 'memory:file.tif';
const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
const sources = createMemorySources({ [URL]: bytes });

async function identity() {
  const { size, etag } = await sources.open(URL).read({ offset: 0, length: 1 });
  return { size, etag };
}

describe('fetchChunk', () => {
  it('gives null for what is missing, without a request (E7)', async () => {
    expect(await fetchChunk({ kind: 'missing' }, sources, { identity: null })).toBeNull();
    expect(await fetchChunk({ kind: 'object', url: 'memory:absent' }, sources, { identity: null })).toBeNull();
  });

  it('gives inline bytes, whole objects and ranges', async () => {
    const inline = Uint8Array.of(1, 2);
    expect(await fetchChunk({ kind: 'inline', bytes: inline }, sources, { identity: null })).toBe(inline);
    expect(await fetchChunk({ kind: 'object', url: URL }, sources, { identity: null })).toEqual(bytes);
    const range = { kind: 'range', url: URL, offset: 10, length: 3 } as const;
    expect(await fetchChunk(range, sources, { identity: await identity() })).toEqual(Uint8Array.of(10, 11, 12));
  });

  it('refuses a range that reaches past the end', async () => {
    const range = { kind: 'range', url: URL, offset: 90, length: 20 } as const;
    const expected = { kind: 'invalid-data', url: URL, offset: 90 };
    await expect(fetchChunk(range, sources, { identity: null })).rejects.toMatchObject({ problem: expected });
  });

  it('E6 refuses bytes of another version of the file', async () => {
    const range = { kind: 'range', url: URL, offset: 0, length: 5 } as const;
    const { size, etag } = await identity();
    for (const other of [
      { size: size + 1, etag },
      { size, etag: '"other"' },
    ]) {
      await expect(fetchChunk(range, sources, { identity: other })).rejects.toMatchObject({
        problem: { kind: 'changed' },
      });
    }
    expect(await fetchChunk(range, sources, { identity: { size, etag: null } })).toHaveLength(5);
  });

  it('does not take a denied object for a missing one', async () => {
    const denied = new CubeError({ kind: 'denied', url: 'memory:secret', status: 403 });
    const factory = {
      open: () => ({ url: 'memory:secret', read: () => Promise.reject(denied) }),
      close: async () => {},
    };
    await expect(fetchChunk({ kind: 'object', url: 'memory:secret' }, factory, { identity: null })).rejects.toBe(
      denied,
    );
  });

  it('stops when the caller aborts', async () => {
    const options = { identity: null, signal: AbortSignal.abort() };
    await expect(fetchChunk({ kind: 'object', url: URL }, sources, options)).rejects.toMatchObject({
      problem: { kind: 'aborted' },
    });
  });
});
