import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIcechunk, openIcechunk } from '../../src/native/icechunk.js';
import type { IcechunkRepository } from '../../src/native/icechunk/contract.js';
import { CHUNK_INLINE, CHUNK_NATIVE, CHUNK_VIRTUAL, type VirtualRefs } from '../../src/native/icechunk/refs.js';
import { bytesOf, Folders, icechunkAbsent, suiteName, textOf, writeArray } from './icechunk-store.js';

const folders = new Folders();
afterAll(() => folders.remove());

/** A repository with an array `v` of `count` chunks of ten bytes, and a file of a hundred bytes beside it. */
async function withFile(count = 10) {
  const folder = await folders.make();
  await mkdir(join(folder, 'data'));
  const file = join(folder, 'data', 'a.bin');
  await writeFile(
    file,
    Uint8Array.from({ length: 100 }, (_, i) => i),
  );
  const prefix = `${pathToFileURL(join(folder, 'data')).href}/`;
  const storage = { kind: 'local', path: join(folder, 'repo') } as const;
  const repository = await createIcechunk(storage, {
    containers: [{ urlPrefix: prefix, store: { kind: 'local' } }],
    authorize: [{ urlPrefix: prefix }],
  });
  const session = await repository.writable('main');
  await writeArray(session, 'v', [count * 10], [10]);
  return { repository, session, storage, prefix, file, url: `${prefix}a.bin` };
}

/** Reference i is ten bytes at 10 · i of the first location. */
function tens(
  rows: readonly number[],
  locations: readonly string[],
  checksums?: VirtualRefs['checksums'],
): VirtualRefs {
  return {
    indices: Uint32Array.from(rows),
    locations,
    ...(checksums === undefined ? {} : { checksums }),
    location: new Uint32Array(rows.length),
    offsets: Float64Array.from(rows, (row) => row * 10),
    lengths: new Float64Array(rows.length).fill(10),
  };
}

describe.skipIf(icechunkAbsent !== null)(suiteName('virtual references in Icechunk'), () => {
  it('are read, and come back as they were written, in C order', async () => {
    const { session, repository, url } = await withFile();
    await session.setVirtualRefs('v', tens([7, 2, 3], [url], [{ kind: 'last-modified', timeMs: 1_900_000_000_123 }]));
    const before = await session.chunkRefs('/v');
    await session.commit({ message: 'refs' });
    const reader = await repository.readonly({ branch: 'main' });
    const refs = await reader.chunkRefs('v');
    expect(refs).toEqual(before);
    expect(refs).toEqual({
      rank: 1,
      count: 3,
      gridShape: [10],
      indices: Uint32Array.of(2, 3, 7),
      kinds: new Uint8Array(3).fill(CHUNK_VIRTUAL),
      locations: [url],
      checksums: [{ kind: 'last-modified', timeMs: 1_900_000_001_000 }],
      location: new Uint32Array(3),
      offsets: Float64Array.of(20, 30, 70),
      lengths: Float64Array.of(10, 10, 10),
      inline: new Uint8Array(0),
    });
    expect([...(await reader.get('v/c/7'))!]).toEqual([70, 71, 72, 73, 74, 75, 76, 77, 78, 79]);
    expect([...(await reader.getRange('v/c/2', { offset: 3, length: 2 }))!]).toEqual([23, 24]);
    expect(await reader.get('v/c/0')).toBeNull();
  });

  it('stand beside native and inline chunks, whose bytes are found too', async () => {
    const { session, storage, url } = await withFile(100);
    await writeArray(session, 'v', [100, 2000], [50, 1000]);
    await session.set('v/c/0/1', new Uint8Array(1000).fill(5));
    await session.set('v/c/1/1', bytesOf('inline'));
    await session.setVirtualRefs(
      'v',
      {
        indices: Uint32Array.of(1, 0),
        locations: ['file:///elsewhere/x', url],
        location: Uint32Array.of(1),
        offsets: Float64Array.of(4),
        lengths: Float64Array.of(6),
      },
      { validate: false },
    );
    await session.commit({ message: 'three kinds' });
    const reader = await (await openIcechunk(storage)).readonly({ branch: 'main' });
    const refs = await reader.chunkRefs('v');
    expect([refs.rank, refs.count, refs.gridShape]).toEqual([2, 3, [2, 2]]);
    expect([...refs.indices]).toEqual([0, 1, 1, 0, 1, 1]);
    expect([...refs.kinds]).toEqual([CHUNK_NATIVE, CHUNK_VIRTUAL, CHUNK_INLINE]);
    const path = refs.locations[refs.location[0]!]!;
    expect(path).toMatch(/^chunks\/[0-9A-Z]{20}$/);
    const { readFile } = await import('node:fs/promises');
    expect([...(await readFile(join(storage.path, path)))]).toEqual(new Array(1000).fill(5));
    expect(refs.locations[refs.location[1]!]).toBe(url);
    expect(textOf(refs.inline.subarray(refs.offsets[2], refs.offsets[2]! + refs.lengths[2]!))).toBe('inline');
  });

  it('include what the session has changed over what was committed', async () => {
    const { session, repository, url } = await withFile();
    await session.setVirtualRefs('v', tens([0, 1, 2, 3], [url]));
    await session.commit({ message: 'four' });
    const next = await repository.writable('main');
    await next.delete('v/c/1');
    await next.set('v/c/2', bytesOf('0123456789'));
    await next.setVirtualRefs('v', tens([9], [url]));
    const refs = await next.chunkRefs('v');
    expect([...refs.indices]).toEqual([0, 2, 3, 9]);
    expect([...refs.kinds]).toEqual([CHUNK_VIRTUAL, CHUNK_INLINE, CHUNK_VIRTUAL, CHUNK_VIRTUAL]);
  });

  it('are read only where the reader has said so', async () => {
    const { session, storage, prefix, url } = await withFile();
    await session.setVirtualRefs('v', tens([1], [url]));
    await session.commit({ message: 'refs' });
    const closed = await openIcechunk(storage);
    expect(closed.containers).toEqual([{ urlPrefix: prefix, store: { kind: 'local' } }]);
    const reader = await closed.readonly({ branch: 'main' });
    await expect(reader.get('v/c/1')).rejects.toMatchObject({ problem: { kind: 'forbidden', url: prefix } });
    expect((await reader.chunkRefs('v')).count).toBe(1);
  });

  it('tell a file that changed after it was referenced', async () => {
    const { session, repository, url, file } = await withFile();
    const written = new Date(1_700_000_000_400);
    await utimes(file, written, written);
    const checksum = { kind: 'last-modified', timeMs: written.getTime() } as const;
    await session.setVirtualRefs('v', tens([1], [url], [checksum]));
    await session.commit({ message: 'refs' });
    const reader = await repository.readonly({ branch: 'main' });
    expect((await reader.get('v/c/1'))!.length).toBe(10);
    await utimes(file, new Date(1_700_000_002_000), new Date(1_700_000_002_000));
    await expect(reader.get('v/c/1')).rejects.toMatchObject({ problem: { kind: 'changed' } });
  });

  it('are set all or not at all', async () => {
    const { session, url } = await withFile();
    const wrong: [string, VirtualRefs][] = [
      ['outside the grid', tens([1, 10], [url])],
      ['too few offsets', { ...tens([1, 2], [url]), offsets: Float64Array.of(1) }],
      ['too few indices', { ...tens([1, 2], [url]), indices: Uint32Array.of(1) }],
      ['a location that is not there', { ...tens([1, 2], [url]), location: Uint32Array.of(0, 1) }],
      ['no bytes', { ...tens([1, 2], [url]), lengths: Float64Array.of(10, 0) }],
      ['a fraction', { ...tens([1, 2], [url]), offsets: Float64Array.of(10, 0.5) }],
      ['below zero', { ...tens([1, 2], [url]), offsets: Float64Array.of(10, -1) }],
      ['not a number', { ...tens([1, 2], [url]), offsets: Float64Array.of(10, Number.NaN) }],
      ['beyond 2^53', { ...tens([1, 2], [url]), offsets: Float64Array.of(10, 2 ** 53) }],
      ['no container', { ...tens([1, 2], [url, 'file:///elsewhere/x']), location: Uint32Array.of(0, 1) }],
      ['no URL', tens([1], ['a.bin'])],
      ['a query', tens([1], ['https://example.com/a.bin?sig=secret'])],
      ['user info', tens([1], ['https://me:secret@example.com/a.bin'])],
      ['one checksum of none', { ...tens([1], [url]), checksums: [null, null] }],
      ['a time that the format has not', tens([1], [url], [{ kind: 'last-modified', timeMs: 2 ** 43 }])],
    ];
    for (const [name, refs] of wrong) {
      const failure: Error = await session.setVirtualRefs('v', refs).then(
        () => new Error('was taken'),
        (error: Error) => error,
      );
      expect(failure, name).toMatchObject({ problem: { kind: 'invalid-argument' } });
      expect(failure.message, name).not.toContain('secret');
    }
    await expect(session.setVirtualRefs('w', tens([1], [url]))).rejects.toMatchObject({
      problem: { kind: 'not-found' },
    });
    await expect(session.setVirtualRefs('', tens([1], [url]))).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
    expect((await session.chunkRefs('v')).count).toBe(0);
  });

  it('of a scalar and of many locations with different checksums', async () => {
    const { session, url } = await withFile();
    await writeArray(session, 's', [], []);
    const one = {
      locations: [url],
      location: Uint32Array.of(0),
      offsets: Float64Array.of(0),
      lengths: Float64Array.of(1),
    };
    await session.setVirtualRefs('s', { ...one, indices: new Uint32Array(0) });
    expect(await session.chunkRefs('s')).toMatchObject({ rank: 0, count: 1, gridShape: [], locations: [url] });
    expect([...(await session.get('s/c'))!]).toEqual([0]);
    await session.setVirtualRefs('v', {
      ...tens([0, 1, 2], [url, url, url], [null, { kind: 'etag', etag: '"x"' }, null]),
      location: Uint32Array.of(0, 1, 2),
    });
    const refs = await session.chunkRefs('v');
    expect([...refs.location].map((at) => refs.checksums[at])).toEqual([null, { kind: 'etag', etag: '"x"' }, null]);
    expect(refs.locations).toEqual([url, url]);
  });

  it('may point at more containers later, which are stored', async () => {
    const { session, repository, storage, prefix } = await withFile();
    const urlPrefix = 'https://example.com/x/';
    const refs = tens([1], [`${urlPrefix}a`]);
    await expect(session.setVirtualRefs('v', refs)).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
    const s3 = { kind: 's3', region: 'eu-central-1', allowHttp: false, pathStyle: true, anonymous: true } as const;
    await session.commit({ message: 'array' });
    await repository.setContainers([
      { urlPrefix, store: { kind: 'http' } },
      { urlPrefix: 's3://bucket/a/', store: s3 },
    ]);
    await (await repository.writable('main')).setVirtualRefs('v', refs);
    expect((await openIcechunk(storage)).containers).toEqual([
      { urlPrefix: prefix, store: { kind: 'local' } },
      { urlPrefix, store: { kind: 'http' } },
      { urlPrefix: 's3://bucket/a/', store: s3 },
    ]);
    for (const bad of ['https://example.com/x', 'ftp://example.com/', 'file:///a/', 'https:///'])
      await expect(repository.setContainers([{ urlPrefix: bad, store: { kind: 'http' } }])).rejects.toMatchObject({
        problem: { kind: 'invalid-argument' },
      });
  });

  it('a million of them go in and come back in one call each', async () => {
    const { session, repository, prefix } = await withFile(1);
    const side = 1000;
    await writeArray(session, 'm', [side, side], [1, 1]);
    const count = side * side;
    const refs: VirtualRefs = {
      indices: new Uint32Array(count * 2),
      locations: Array.from({ length: 1000 }, (_, i) => `${prefix}${i}.bin`),
      location: new Uint32Array(count),
      offsets: new Float64Array(count),
      lengths: new Float64Array(count),
    };
    for (let i = 0; i < count; i++) {
      refs.indices[2 * i] = Math.floor(i / side);
      refs.indices[2 * i + 1] = i % side;
      refs.location[i] = (i * 7) % 1000;
      refs.offsets[i] = 2 ** 40 + i * 3;
      refs.lengths[i] = 1 + (i % 5000);
    }
    await session.setVirtualRefs('m', refs);
    await session.commit({ message: 'a million' });
    const back = await (await repository.readonly({ branch: 'main' })).chunkRefs('m');
    expect(back.count).toBe(count);
    expect(Buffer.compare(Buffer.from(back.indices.buffer), Buffer.from(refs.indices.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(back.offsets.buffer), Buffer.from(refs.offsets.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(back.lengths.buffer), Buffer.from(refs.lengths.buffer))).toBe(0);
    const wrong = back.location.findIndex((at, i) => back.locations[at] !== refs.locations[refs.location[i]!]);
    expect(wrong).toBe(-1);
  });
});

describe.skipIf(icechunkAbsent !== null)(suiteName('virtual references over HTTP'), () => {
  let server: Server;
  let base: string;
  let repository: IcechunkRepository;
  const requests: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`);
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (from === undefined || to === undefined) return response.writeHead(404).end();
      const body = Uint8Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
      const headers = {
        'content-length': body.length,
        'content-range': `bytes ${from}-${to}/100`,
        'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT',
      };
      return response.writeHead(206, headers).end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    repository = await createIcechunk(
      { kind: 'memory' },
      { containers: [{ urlPrefix: base, store: { kind: 'http' } }], authorize: [{ urlPrefix: base }] },
    );
  });

  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  it('are read by range', async () => {
    const session = await repository.writable('main');
    await writeArray(session, 'v', [100], [10]);
    await session.setVirtualRefs(
      'v',
      tens([3], [`${base}a/b.tif`], [{ kind: 'last-modified', timeMs: 1_700_000_000_000 }]),
    );
    expect([...(await session.get('v/c/3'))!]).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(requests).toEqual(['GET /a/b.tif bytes=30-39']);
  });
});
