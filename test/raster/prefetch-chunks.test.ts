import { afterEach, describe, expect, it } from 'vitest';
import { createSources, type SourceOptions } from '../../src/io/sources.js';
import type { ChunkRef } from '../../src/raster/chunk-ref.js';
import { fetchChunk } from '../../src/raster/fetch-chunk.js';
import { prefetchChunks } from '../../src/raster/prefetch-chunks.js';
import { startFaultServer, type FaultServerOptions } from '../fault-server.js';

const CHUNK = 100_000;
const bytes = Uint8Array.from({ length: 10 * CHUNK }, (_, i) => (i * 31 + (i >> 9)) & 255);

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function start(server: FaultServerOptions = {}, options: SourceOptions = {}) {
  const { url, requests, ...rest } = await startFaultServer({ files: { 'a.tif': bytes }, ...server });
  const sources = createSources({ mergedBytes: 0, retries: { attempts: 2, baseMs: 1 }, ...options });
  opened.push(rest, sources);
  const ref = (index: number) =>
    ({ kind: 'range', url: `${url}a.tif`, offset: index * CHUNK, length: CHUNK }) satisfies ChunkRef;
  return { sources, requests, ref };
}

const chunk = (index: number) => bytes.subarray(index * CHUNK, (index + 1) * CHUNK);

describe('prefetchChunks', () => {
  it('has chunks on their way when they are needed, and asks for none twice', async () => {
    const { sources, requests, ref } = await start({ faults: { delayMs: 20 } });
    const ahead = prefetchChunks([ref(0), ref(1), ref(2)], sources, { limitBytes: 1e6 });
    expect(await fetchChunk(ref(1), sources, { identity: null })).toEqual(chunk(1)); // while it is under way
    expect(await ahead).toBe(3 * CHUNK);
    expect(await fetchChunk(ref(2), sources, { identity: null })).toEqual(chunk(2)); // when it has come
    expect(requests).toHaveLength(3);
  });

  it('keeps to its limit, in order', async () => {
    const { sources, requests, ref } = await start();
    const refs = Array.from({ length: 8 }, (_, i) => ref(i));
    expect(await prefetchChunks(refs, sources, { limitBytes: 3.5 * CHUNK })).toBe(3 * CHUNK);
    expect(requests.map(({ range }) => range).sort()).toEqual(
      [0, 1, 2].map((i) => `bytes=${i * CHUNK}-${(i + 1) * CHUNK - 1}`),
    );
  });

  it('leaves out what is local, missing, inline, of unknown length or too long to be held', async () => {
    const { sources, requests, ref } = await start();
    const refs: ChunkRef[] = [
      { kind: 'missing' },
      { kind: 'inline', bytes },
      { kind: 'object', url: ref(0).url },
      { ...ref(0), url: 'file:///nowhere.tif' },
      { ...ref(0), length: 9 * CHUNK },
      ref(4),
    ];
    expect(await prefetchChunks(refs, sources, { limitBytes: 4 * CHUNK })).toBe(CHUNK);
    expect(requests).toHaveLength(1);
  });

  it('tells of no failure; the reader meets it', async () => {
    const { sources, ref } = await start({ intercept: (_seen, response) => (response.writeHead(404).end(), true) });
    expect(await prefetchChunks([ref(0)], sources, { limitBytes: 1e6 })).toBe(CHUNK);
    await expect(fetchChunk(ref(0), sources, { identity: null })).rejects.toMatchObject({
      problem: { kind: 'not-found' },
    });
    const forbidden = createSources({ declaredBy: ['https://example.com/catalog.json'] });
    opened.push(forbidden);
    await prefetchChunks([ref(0)], forbidden, { limitBytes: 1e6 });
  });

  it('stops with its signal, but not the reads that others wait for', async () => {
    const { sources, requests, ref } = await start({ faults: { delayMs: 30 } });
    const control = new AbortController();
    const ahead = prefetchChunks([ref(0), ref(1)], sources, { limitBytes: 1e6, signal: control.signal });
    const wanted = fetchChunk(ref(0), sources, { identity: null });
    control.abort();
    await ahead;
    expect(await wanted).toEqual(chunk(0));
    expect(requests.filter(({ range }) => range === `bytes=0-${CHUNK - 1}`)).toHaveLength(1);
    expect(await prefetchChunks([ref(2)], sources, { limitBytes: 1e6, signal: control.signal })).toBe(0);
  });
});
