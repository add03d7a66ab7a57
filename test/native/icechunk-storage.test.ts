import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIcechunk, icechunkExists, icechunkFork, openIcechunk } from '../../src/native/icechunk.js';
import { bytesOf, Folders, icechunkAbsent, suiteName, textOf, writeArray } from './icechunk-store.js';
import { startS3Server, type S3Server } from './s3-server.js';

const folders = new Folders();
afterAll(() => folders.remove());

describe.skipIf(icechunkAbsent !== null)(suiteName('an Icechunk repository on S3'), () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3Server();
  });
  afterAll(() => s3?.close());

  const access = { kind: 'static', accessKeyId: 'key', secretAccessKey: 'hidden' } as const;
  const at = (prefix: string) =>
    ({ kind: 's3', bucket: 'b', prefix, region: 'us-east-1', endpoint: s3.endpoint, allowHttp: true, access }) as const;

  it('is made, written, raced for and read', async () => {
    const storage = at('some/repo');
    expect(await icechunkExists(storage)).toBe(false);
    const repository = await createIcechunk(storage);
    await expect(createIcechunk(storage)).rejects.toMatchObject({
      problem: { kind: 'exists', path: 's3://b/some/repo' },
    });
    const session = await repository.writable('main');
    await writeArray(session, 'a', [4], [1]);
    await session.set('a/c/0', bytesOf('0'));
    await session.commit({ message: 'first' });
    const writers = await Promise.all([1, 2, 3].map(() => repository.writable('main')));
    await Promise.all(writers.map((writer, i) => writer.set(`a/c/${i + 1}`, bytesOf(`${i + 1}`))));
    await Promise.all(writers.map((writer) => writer.commit({ message: 'raced', rebase: { attempts: 20 } })));
    const reader = await (await openIcechunk(storage)).readonly({ branch: 'main' });
    for (const i of [0, 1, 2, 3]) expect(textOf(await reader.get(`a/c/${i}`))).toBe(`${i}`);
    expect([...s3.objects.keys()].every((key) => key.startsWith('b/some/repo/'))).toBe(true);
    expect(s3.counts.unsigned).toBe(0);
    expect(await repository.collectGarbage({ olderThanMs: Date.now() + 60_000, dryRun: true })).toMatchObject({
      chunks: 0,
    });
  });

  it('has virtual chunks of other objects on S3, checked by ETag', async () => {
    const urlPrefix = 's3://source/data/';
    const container = { kind: 's3', region: 'us-east-1', endpoint: s3.endpoint, allowHttp: true } as const;
    const repository = await createIcechunk(at('virtual'), {
      containers: [{ urlPrefix, store: container }],
      authorize: [{ urlPrefix, access }],
    });
    const url = `${s3.endpoint}/source/data/x.bin`;
    const { headers } = await fetch(url, { method: 'PUT', body: Uint8Array.from({ length: 50 }, (_, i) => i) });
    const session = await repository.writable('main');
    await writeArray(session, 'v', [10], [10]);
    await session.setVirtualRefs('v', {
      indices: Uint32Array.of(0),
      locations: [`${urlPrefix}x.bin`],
      checksums: [{ kind: 'etag', etag: headers.get('etag')! }],
      location: Uint32Array.of(0),
      offsets: Float64Array.of(20),
      lengths: Float64Array.of(10),
    });
    expect([...(await session.get('v/c/0'))!]).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    await fetch(url, { method: 'PUT', body: new Uint8Array(50) });
    await expect(session.get('v/c/0')).rejects.toMatchObject({
      problem: { kind: 'changed', url: `${urlPrefix}x.bin` },
    });
  });

  it('gives its credentials to forks and to nobody else', async () => {
    const repository = await createIcechunk(at('secret'));
    const session = await repository.writable('main');
    await writeArray(session, 'a', [4], [1]);
    const fork = await icechunkFork(await session.fork());
    await fork.set('a/c/2', bytesOf('f'));
    await session.merge(await fork.toBytes());
    await session.commit({ message: 'merged' });
    const bytes = Buffer.concat([...s3.objects.values()].map((object) => object.bytes));
    expect(bytes.includes('hidden')).toBe(false);
    const refused = openIcechunk({ ...at('secret'), endpoint: 'http://127.0.0.1:1', allowHttp: false });
    const failure: Error = await refused.then(
      () => new Error('was opened'),
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ problem: { kind: 'network', url: 's3://b/secret' } });
    expect(failure.message).not.toContain('hidden');
  });
});

describe.skipIf(icechunkAbsent !== null)(suiteName('an Icechunk repository over HTTP'), () => {
  let server: Server;
  let root: string;
  beforeAll(async () => {
    root = await folders.make();
    server = createServer(async (request, response) => {
      const path = join(root, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
      const info = await stat(path).catch(() => null);
      if (info === null || !info.isFile()) return response.writeHead(404).end();
      const bytes = await readFile(path);
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const headers = { 'last-modified': info.mtime.toUTCString(), etag: `"${info.mtimeMs}"` };
      if (from === undefined) return response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
      const part = bytes.subarray(Number(from), Number(to) + 1);
      const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
      return response.writeHead(206, { ...headers, 'content-length': part.length, 'content-range': range }).end(part);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  it('is read, and refuses to be written', async () => {
    const repository = await createIcechunk({ kind: 'local', path: join(root, 'repo') });
    const session = await repository.writable('main');
    await writeArray(session, 'a', [2000], [1000]);
    await session.set('a/c/1', new Uint8Array(1000).fill(8));
    await session.commit({ message: 'here' });
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const far = await openIcechunk({ kind: 'http', url: `${base}/repo` });
    const reader = await far.readonly({ branch: 'main' });
    expect(await reader.list('')).toEqual(['a/c/1', 'a/zarr.json', 'zarr.json']);
    expect((await reader.get('a/c/1'))!.every((value) => value === 8)).toBe(true);
    await expect(far.writable('main')).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
    await expect(far.createTag('t', reader.snapshot)).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
    await expect(openIcechunk({ kind: 'http', url: `${base}/nowhere` })).rejects.toMatchObject({
      problem: { kind: 'not-found', url: `${base}/nowhere` },
    });
  });
});
