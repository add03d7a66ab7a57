import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ByteRange, SourceFactory } from '../../src/io/byte-source.js';
import { createSources, type SourceOptions } from '../../src/io/sources.js';
import { startFaultServer, type FaultServer, type FaultServerOptions, type SeenRequest } from '../fault-server.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) & 255);

const FAST = { retries: { attempts: 4, baseMs: 1 } } satisfies SourceOptions;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function serve(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await startFaultServer({ files: { 'a.bin': bytes, empty: new Uint8Array(0) }, ...options });
  opened.push(server);
  return server;
}

/** A server that answers everything by itself. */
function answering(answer: (response: ServerResponse, seen: SeenRequest, count: number) => void): Promise<FaultServer> {
  return serve({ intercept: (seen, response, count) => (answer(response, seen, count), true) });
}

function sourcesWith(options: SourceOptions = FAST): SourceFactory {
  const sources = createSources(options);
  opened.push(sources);
  return sources;
}

const partial = (response: ServerResponse, contentRange: string, body: Uint8Array) =>
  void response.writeHead(206, { 'content-range': contentRange, 'content-length': body.length }).end(body);

describe('HttpSource', () => {
  it('reads ranges, tails and whole objects as the slices they are', async () => {
    const { url, requests } = await serve();
    const source = sourcesWith({ cacheBytes: 0, mergedBytes: 0 }).open(`${url}a.bin`);
    const slices: readonly (readonly [ByteRange, Uint8Array])[] = [
      [{ offset: 10, length: 20 }, bytes.subarray(10, 30)],
      [{ offset: 990, length: 20 }, bytes.subarray(990)],
      [{ offset: 5000, length: 20 }, bytes.subarray(1000)],
      [{ offset: 5, length: 0 }, bytes.subarray(5, 5)],
      [{ suffix: 8 }, bytes.subarray(992)],
      [{ suffix: 0 }, bytes.subarray(1000)],
      [{ suffix: 5000 }, bytes],
      ['all', bytes],
    ];
    for (const [range, slice] of slices) expect(await source.read(range)).toMatchObject({ bytes: slice, size: 1000 });
    expect(requests.map(({ range }) => range).slice(0, 2)).toEqual(['bytes=10-29', 'bytes=990-1009']);
    expect(requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('reads objects without bytes', async () => {
    const { url } = await serve();
    const source = sourcesWith().open(`${url}empty`);
    for (const range of ['all', { suffix: 8 }, { offset: 0, length: 8 }] as const) {
      expect(await source.read(range)).toMatchObject({ size: 0, bytes: new Uint8Array(0) });
    }
  });

  it.each([
    [404, 'not-found', 1],
    [410, 'not-found', 1],
    [401, 'denied', 1],
    [403, 'denied', 1],
    [400, 'bad-response', 1],
    [408, 'network', 4],
    [500, 'network', 4],
    [503, 'network', 4],
  ])('E1: %i is %s after %i attempt(s)', async (status, kind, attempts) => {
    const { url, requests } = await answering((response) => void response.writeHead(status).end());
    const read = sourcesWith().open(`${url}a.bin`).read({ offset: 0, length: 4 });
    await expect(read).rejects.toMatchObject({ problem: { kind } });
    expect(requests).toHaveLength(attempts);
  });

  it('E1: a 429 and its Retry-After are honoured', async () => {
    const { url, requests } = await serve({
      intercept: (_seen, response, count) => count === 1 && !!response.writeHead(429, { 'retry-after': '0' }).end(),
    });
    expect((await sourcesWith().open(`${url}a.bin`).read('all')).bytes).toEqual(bytes);
    expect(requests).toHaveLength(2);
  });

  it.each(['truncateRate', 'resetRate', 'wrongRangeRate'] as const)(
    'E1: %s 1 fails after all attempts',
    async (fault) => {
      const { url, requests } = await serve({ faults: { [fault]: 1 } });
      const read = sourcesWith().open(`${url}a.bin`).read({ offset: 0, length: 100 });
      const kind = fault === 'wrongRangeRate' ? 'bad-response' : 'network';
      await expect(read).rejects.toMatchObject({ problem: { kind, what: expect.any(String) } });
      expect(requests).toHaveLength(4);
    },
  );

  it('takes the slice from a server that ignores Range, and asks it only once', async () => {
    const { url, requests } = await serve({ faults: { ignoreRange: true } });
    const source = sourcesWith().open(`${url}a.bin`);
    expect((await source.read({ offset: 10, length: 20 })).bytes).toEqual(bytes.subarray(10, 30));
    expect((await source.read({ suffix: 20 })).bytes).toEqual(bytes.subarray(980));
    expect(requests).toHaveLength(1);
  });

  it('refuses a long object from a server that ignores Range, and names the fix', async () => {
    const long = new Uint8Array(9 * 1024 * 1024);
    const { url } = await serve({ files: { 'a.bin': long }, faults: { ignoreRange: true } });
    const source = sourcesWith().open(`${url}a.bin`);
    await expect(source.read({ offset: 0, length: 4 })).rejects.toMatchObject({
      problem: { kind: 'bad-response', what: expect.stringMatching(/ignores Range.*local copy/) },
    });
    await expect(source.read({ suffix: 4 })).rejects.toMatchObject({ problem: { kind: 'bad-response' } });
  });

  it.each([
    ['no Content-Range', {}, /no valid Content-Range/],
    ['a hidden size', { 'content-range': 'bytes 0-3/*' }, /hides the size/],
    ['a multipart body', { 'content-type': 'multipart/byteranges; boundary=x' }, /multipart/],
    ['a compressed body', { 'content-encoding': 'gzip', 'content-range': 'bytes 0-3/10' }, /compressed/],
    ['other bytes', { 'content-range': 'bytes 1-4/10' }, /Content-Range is 1-4\/10/],
    ['fewer bytes', { 'content-range': 'bytes 0-2/10' }, /Content-Range is 0-2\/10/],
    ['a short body', { 'content-range': 'bytes 0-3/10' }, /3 of 4 bytes/],
  ])('refuses a 206 with %s', async (_name, headers, what) => {
    const { url } = await answering((response) => void response.writeHead(206, headers).end(bytes.subarray(0, 3)));
    const source = sourcesWith({ ...FAST, cacheBytes: 0 }).open(`${url}a.bin`);
    await expect(source.read({ offset: 0, length: 4 })).rejects.toMatchObject({
      problem: { kind: 'bad-response', what: expect.stringMatching(what) },
    });
  });

  it('reads tails and ranges behind the end where the server knows neither (Azure, S3)', async () => {
    const { url, requests } = await serve({
      intercept: (seen, response) => {
        const refuses = seen.range?.startsWith('bytes=-') === true;
        const behind = /^bytes=[1-9]\d{3}/.test(seen.range ?? '');
        if (refuses) response.writeHead(400).end();
        if (behind) response.writeHead(416).end();
        return refuses || behind;
      },
    });
    const source = sourcesWith({ ...FAST, cacheBytes: 0 }).open(`${url}a.bin`);
    expect((await source.read({ suffix: 8 })).bytes).toEqual(bytes.subarray(992));
    expect(requests).toHaveLength(3);
    expect((await source.read({ suffix: 2000 })).bytes).toEqual(bytes);
    expect(requests).toHaveLength(5);
    expect(await source.read({ offset: 5000, length: 8 })).toMatchObject({ size: 1000, bytes: new Uint8Array(0) });
  });

  it('believes no Content-Length: a lie costs no memory, a long object is over budget', async () => {
    const { url } = await answering((response) => {
      response.writeHead(200, { 'content-length': 2 ** 31 });
      response.end(bytes);
    });
    const limited = sourcesWith({ ...FAST, maxObjectBytes: 2 ** 20 }).open(`${url}a.bin`);
    await expect(limited.read('all')).rejects.toMatchObject({
      problem: { kind: 'budget', needed: 2 ** 31, limit: 2 ** 20 },
    });
    const chunked = await answering((response) => void response.writeHead(200).end(new Uint8Array(2 ** 21)));
    await expect(
      sourcesWith({ ...FAST, maxObjectBytes: 2 ** 20 })
        .open(`${chunked.url}a`)
        .read('all'),
    ).rejects.toMatchObject({
      problem: { kind: 'budget' },
    });
  });

  it('gives up on silence, before the answer and within it', async () => {
    const silent = await answering(() => {});
    const options = { retries: { attempts: 1 }, headersTimeoutMs: 50, bodyTimeoutMs: 50 };
    await expect(sourcesWith(options).open(`${silent.url}a`).read('all')).rejects.toMatchObject({
      problem: { kind: 'network', what: expect.stringContaining('no answer in time') },
    });
    const stalled = await answering((response) => void response.writeHead(200, { 'content-length': 10 }).write('abc'));
    await expect(sourcesWith(options).open(`${stalled.url}a`).read('all')).rejects.toMatchObject({
      problem: { kind: 'network', what: expect.stringContaining('stopped coming') },
    });
  });

  it('names what is wrong with a host', async () => {
    const server = await startFaultServer({ files: {} });
    await server.close();
    await expect(sourcesWith().open(`${server.url}a`).read('all')).rejects.toMatchObject({
      problem: { kind: 'network', what: expect.stringContaining('nothing listens there'), attempts: 1 },
    });
  });

  it('E6: a changed ETag shows in the result', async () => {
    const { url } = await serve({ faults: { changeEtagAfter: 1 } });
    const source = sourcesWith({ ...FAST, cacheBytes: 0 }).open(`${url}a.bin`);
    const first = await source.read({ offset: 0, length: 4 });
    const second = await source.read({ offset: 4, length: 4 });
    expect(second.etag).not.toBe(first.etag);
  });

  it('takes the time of the last change where there is no ETag', async () => {
    const modified = 'Tue, 01 Aug 2023 00:00:00 GMT';
    const { url } = await answering(
      (response) => void response.writeHead(200, { 'last-modified': modified }).end(bytes),
    );
    expect((await sourcesWith().open(`${url}a`).read('all')).etag).toBe(`last-modified:${modified}`);
  });
});

describe('AbortSignal', () => {
  it('ends reads under way and in the queue, and releases their sockets', async () => {
    const server = await answering((response) => void response.writeHead(200, { 'content-length': 10 }).write('abc'));
    const sources = sourcesWith({ ...FAST, maxRequests: 2 });
    const control = new AbortController();
    const reads = Array.from({ length: 6 }, (_, index) =>
      sources.open(`${server.url}${index}`).read('all', { signal: control.signal }),
    );
    const settled = Promise.allSettled(reads);
    while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    control.abort(new Error('enough'));
    for (const result of await settled) {
      expect(result).toMatchObject({ reason: { problem: { kind: 'aborted', what: 'enough' } } });
    }
    while ((await server.connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.requests).toHaveLength(2);
  });

  it('closing the sources ends what runs', async () => {
    const server = await answering(() => {});
    const sources = createSources();
    const read = sources.open(`${server.url}a`).read('all');
    const settled = read.catch((error: unknown) => error);
    while (server.requests.length < 1) await new Promise((resolve) => setImmediate(resolve));
    await sources.close();
    expect(await settled).toMatchObject({ problem: { kind: 'aborted', what: 'the sources were closed' } });
    expect(() => sources.open(server.url)).toThrow(/closed already/);
  });
});

describe('a server that answers in an odd order', () => {
  it('gives every reader its own bytes', async () => {
    const { url } = await serve({
      intercept: (seen, response) => {
        const start = Number(/\d+/.exec(seen.range ?? '')?.[0]);
        const end = Math.min(start + 10, 1000);
        setTimeout(
          () => partial(response, `bytes ${start}-${end - 1}/1000`, bytes.subarray(start, end)),
          (1000 - start) / 50,
        );
        return true;
      },
    });
    const source = sourcesWith({ ...FAST, cacheBytes: 0, mergedBytes: 0 }).open(`${url}a.bin`);
    const offsets = Array.from({ length: 100 }, (_, index) => index * 10);
    const results = await Promise.all(offsets.map((offset) => source.read({ offset, length: 10 })));
    results.forEach((result, index) => expect(result.bytes).toEqual(bytes.subarray(index * 10, index * 10 + 10)));
  });
});
