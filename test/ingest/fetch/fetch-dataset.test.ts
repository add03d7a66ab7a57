import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchDataset } from '../../../src/ingest/fetch/fetch-dataset.js';
import type { FetchOptions } from '../../../src/ingest/fetch/fetch-options.js';
import type { FetchRequest } from '../../../src/ingest/fetch/remote-file.js';
import type { FaultServer } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { makeTarGz, makeZip } from './make-archives.js';
import {
  hashOf,
  startRepository,
  zenodoFiles,
  zenodoRecord,
  type RepositoryServerOptions,
} from './repository-server.js';

const folder = temporaryFolder();
const servers: FaultServer[] = [];
let caches = 0;

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(options: RepositoryServerOptions): Promise<FaultServer> {
  const server = await startRepository(options);
  servers.push(server);
  return server;
}

/** A Zenodo record with these files, its server and a cache of its own. */
async function zenodo(files: Readonly<Record<string, Uint8Array>>, options: RepositoryServerOptions = {}) {
  const server = await serve({
    json: { '/api/records/5005868': (url) => zenodoRecord(url, files) },
    files: zenodoFiles(files),
    ...options,
  });
  const cacheDir = join(folder, `cache-${caches++}`);
  const request: FetchRequest = { repo: 'zenodo', id: '5005868', api: server.url };
  const fetch = (more: Partial<FetchRequest> = {}, how: FetchOptions = {}) =>
    fetchDataset({ ...request, ...more }, { cacheDir, retries: { baseMs: 1 }, ...how });
  return { server, cacheDir, request, fetch };
}

const shapefile = {
  'PV_1.shp': Buffer.from('shp'),
  'PV_1.dbf': Buffer.from('dbf'),
  'PV_1.shx': Buffer.from('shx'),
  'pv_1.PRJ': Buffer.from('prj'),
  'NPV_1.shp': Buffer.from('other'),
  'image.tif': Buffer.from('tif'),
};

describe('files of a record', () => {
  it('come under their names side by side, without what no pattern matches', async () => {
    const { server, fetch } = await zenodo(shapefile);
    const filters = { include: ['^PV_.*\\.shp$'], useRegex: true };
    const { files, leftOut, version, license } = await fetch({ filters });
    expect([version, license]).toEqual(['1.0', 'cc-by-4.0']);
    expect(files.map(({ name }) => name)).toEqual(['PV_1.dbf', 'PV_1.shp', 'PV_1.shx', 'pv_1.PRJ']);
    expect(new Set(files.map(({ path }) => dirname(path))).size).toBe(1);
    for (const file of files) {
      expect(basename(file.path)).toBe(file.name);
      const bytes = await readFile(file.path);
      expect(bytes).toEqual(shapefile[file.name as keyof typeof shapefile]);
      expect(file).toMatchObject({ size: bytes.length, sha256: hashOf('sha256', bytes) });
      expect(file.url).toBe(`${server.url}api/records/5005868/files/${file.name}/content`);
    }
    expect(leftOut.map(({ name }) => name)).toEqual(['NPV_1.shp', 'image.tif']);
    // Nothing that was left out was asked for.
    expect(server.requests.filter(({ path }) => /NPV|tif/.test(path))).toEqual([]);
  });

  it('are not asked for again where the published checksum is known, and come without a network', async () => {
    const { server, fetch } = await zenodo(shapefile);
    const first = await fetch();
    const asked = server.requests.length;
    expect(await fetch()).toEqual(first);
    expect(server.requests.length).toBe(asked + 1); // the record alone
    await server.close();
    expect(await fetch({}, { offline: true })).toEqual(first);
    await expect(fetch({ version: '2' }, { offline: true })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });

  it('are asked for again with force', async () => {
    const { server, fetch } = await zenodo({ 'a.csv': Buffer.from('a') });
    await fetch();
    await fetch({}, { force: true });
    expect(server.requests.filter(({ path }) => path.endsWith('content')).length).toBe(2);
  });

  it('that are longer than max_mb are left out, before they are asked for', async () => {
    const { server, fetch } = await zenodo({ 'a.csv': Buffer.alloc(2_000_001), 'b.csv': Buffer.alloc(10) });
    const { files, leftOut } = await fetch({ maxMb: 2 });
    expect(files.map(({ name }) => name)).toEqual(['b.csv']);
    expect(leftOut).toEqual([
      { name: 'a.csv', reason: 'it has 2000001 bytes, more than the 2000000 that max_mb allows' },
    ]);
    expect(server.requests.some(({ path }) => path.includes('a.csv'))).toBe(false);
  });

  it('are said to be none where no pattern matches, with the reasons', async () => {
    const { fetch } = await zenodo({ 'a.csv': Buffer.from('a') });
    await expect(fetch({ filters: { include: ['*.shp'] } })).rejects.toThrow('a.csv: no include pattern matches');
  });

  it('whose checksum is wrong are not kept', async () => {
    const files = { 'a.csv': Buffer.from('abc') };
    const checksums = { 'a.csv': `md5:${'0'.repeat(32)}` };
    const { cacheDir, fetch } = await zenodo(files, {
      json: { '/api/records/5005868': (url) => zenodoRecord(url, files, { checksums }) },
    });
    await expect(fetch()).rejects.toMatchObject({
      problem: { kind: 'changed', expected: `md5 ${'0'.repeat(32)}`, found: `md5 ${hashOf('md5', 'abc')}` },
    });
    expect(filesBelow(join(cacheDir, 'sha256'))).toEqual([]);
    expect(filesBelow(join(cacheDir, 'partial'))).toEqual([]);
  });

  it('whose size is wrong are not kept', async () => {
    const { cacheDir, fetch } = await zenodo(
      { 'a.csv': Buffer.from('abc') },
      { files: zenodoFiles({ 'a.csv': Buffer.from('abcd') }) },
    );
    await expect(fetch()).rejects.toMatchObject({ problem: { kind: 'changed', expected: '3 bytes' } });
    const short = await zenodo({ 'a.csv': Buffer.from('abc') }, { files: zenodoFiles({ 'a.csv': Buffer.from('ab') }) });
    await expect(short.fetch()).rejects.toMatchObject({ problem: { kind: 'changed', found: '2 bytes' } });
    expect(filesBelow(join(cacheDir, 'sha256'))).toEqual([]);
  });

  it('are held against the checksum of the manifest, members of archives too', async () => {
    const { fetch } = await zenodo({ 'a.zip': makeZip([{ name: 'x/b.csv', bytes: 'abc' }]) });
    const good = { 'a.zip/x/b.csv': `sha256:${hashOf('sha256', 'abc')}` };
    expect((await fetch({ checksums: good })).files.length).toBe(1);
    await expect(fetch({ checksums: { 'a.zip/x/b.csv': `sha256:${'0'.repeat(64)}` } })).rejects.toMatchObject({
      problem: { kind: 'changed' },
    });
    await expect(fetch({ checksums: { 'no.csv': `sha256:${'0'.repeat(64)}` } })).rejects.toThrow(
      'is no file of the dataset',
    );
  });

  it('report progress, which ends with all bytes', async () => {
    const { fetch } = await zenodo({ 'a.csv': Buffer.alloc(100_000), 'b.csv': Buffer.alloc(50_000) });
    const seen: number[] = [];
    await fetch({}, { onProgress: ({ doneBytes, totalBytes }) => seen.push(doneBytes / (totalBytes ?? NaN)) });
    expect(seen.at(-1)).toBe(1);
    seen.length = 0;
    await fetch({}, { onProgress: ({ doneBytes, totalBytes }) => seen.push(doneBytes / (totalBytes ?? NaN)) });
    expect(seen.at(-1)).toBe(1);
  });
});

describe('a server at fault', () => {
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));

  it('is asked again after 503, resets and cut bodies, from where the body was cut', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}.bin`, body.subarray(i)]));
    const json = { '/api/records/5005868': (url: string) => zenodoRecord(url, files) };
    const faults = { rate503: 0.2, resetRate: 0.1, truncateRate: 0.3, seed: 5 };
    const { server, fetch } = await zenodo(files, { json, faults });
    const result = await fetch({}, { retries: { baseMs: 1, attempts: 40 } });
    expect(result.files.length).toBe(12);
    for (const { name, path } of result.files) expect(readFileSync(path).equals(files[name]!)).toBe(true);
    const resumed = server.requests.filter(({ range, status }) => range !== null && status === 206);
    expect(resumed.length).toBeGreaterThan(2);
    for (const { headers } of resumed) expect(headers['if-range']).toMatch(/^"a-/);
  });

  it('that says Retry-After is waited for', async () => {
    const times: number[] = [];
    const { fetch } = await zenodo(
      { 'a.csv': body },
      {
        intercept: ({ path }, response) => {
          if (!path.endsWith('content')) return false;
          times.push(performance.now());
          if (times.length > 1) return false;
          response.writeHead(429, { 'retry-after': '1' }).end('slow down');
          return true;
        },
      },
    );
    await fetch();
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(995);
  });

  it('that stays away fails after its attempts, keeps what has come, and goes on with it the next time', async () => {
    let cut = true;
    const { server, cacheDir, fetch } = await zenodo(
      { 'a.bin': body },
      {
        intercept: ({ path }, response) => {
          if (!path.endsWith('content') || !cut) return false;
          if (server.requests.filter((one) => one.path === path).length > 1) response.socket?.resetAndDestroy();
          else {
            response.writeHead(200, { 'content-length': body.length, etag: etagOf(body) });
            response.write(body.subarray(0, 100_000), () => response.socket?.end());
          }
          return true;
        },
      },
    );
    await expect(fetch({}, { retries: { attempts: 2, baseMs: 1 } })).rejects.toMatchObject({
      problem: { kind: 'network', attempts: 2 },
    });
    expect(filesBelow(join(cacheDir, 'partial')).filter((path) => path.endsWith('body')).length).toBe(1);
    cut = false;
    const { files } = await fetch();
    expect(readFileSync(files[0]!.path).equals(body)).toBe(true);
    const last = server.requests.at(-1)!;
    expect([last.range, last.headers['if-range'], last.status]).toEqual(['bytes=100000-', etagOf(body), 206]);
    expect(filesBelow(join(cacheDir, 'partial'))).toEqual([]);
  });

  it('whose file has changed since it was interrupted sends all of it', async () => {
    let version = 0;
    const { server, fetch } = await direct((_, response) => {
      const bytes = version === 0 ? body : body.subarray(1);
      response.writeHead(200, { 'content-length': bytes.length, etag: `"v${version}"` });
      if (version === 0) response.write(bytes.subarray(0, 1000), () => response.socket?.end());
      else response.end(bytes);
    });
    await expect(fetch({}, { retries: { attempts: 1 } })).rejects.toMatchObject({ problem: { kind: 'network' } });
    version = 1;
    const { files } = await fetch();
    expect(readFileSync(files[0]!.path).equals(body.subarray(1))).toBe(true);
    expect(server.requests.at(-1)!).toMatchObject({ range: 'bytes=1000-', headers: { 'if-range': '"v0"' } });
  });

  it('that goes on with another version is not believed', async () => {
    let count = 0;
    const { cacheDir, fetch } = await direct((_, response) => {
      if (count++ === 0) {
        response.writeHead(200, { 'content-length': 10, etag: '"a"' });
        return void response.write('01234', () => response.socket?.end());
      }
      const headers = { 'content-range': 'bytes 5-9/10', 'content-length': 5, etag: '"b"' };
      response.writeHead(206, headers).end('56789');
    });
    await expect(fetch({}, { retries: { attempts: 2, baseMs: 1 } })).rejects.toThrow('another version');
    // The next fetch would only meet the same.
    expect(filesBelow(join(cacheDir, 'partial'))).toEqual([]);
  });

  it('that sends the wrong range is not believed', async () => {
    let count = 0;
    const { fetch } = await direct((_, response) => {
      if (count++ === 0) {
        response.writeHead(200, { 'content-length': 10, etag: '"a"' });
        return void response.write('01234', () => response.socket?.end());
      }
      response.writeHead(206, { 'content-range': 'bytes 4-9/10', 'content-length': 6, etag: '"a"' }).end('456789');
    });
    await expect(fetch({}, { retries: { attempts: 2, baseMs: 1 } })).rejects.toThrow('asked for the bytes from 5 on');
  });

  it('is not waited for after an abort, and what has come stays', async () => {
    const stop = new AbortController();
    const { cacheDir, fetch } = await direct((_, response) => {
      response.writeHead(200, { 'content-length': 10, etag: '"a"' });
      response.write('01234');
      setTimeout(() => stop.abort(), 100);
    });
    await expect(fetch({}, { signal: stop.signal })).rejects.toMatchObject({ problem: { kind: 'aborted' } });
    expect(filesBelow(join(cacheDir, 'partial')).map((path) => statSync(path).size)).toContain(5);
  });

  it.each([
    [404, 'not-found'],
    [403, 'denied'],
    [400, 'bad-response'],
  ])('that answers %i is a problem of its own', async (status, kind) => {
    const { fetch } = await direct((_, response) => void response.writeHead(status).end('no'));
    await expect(fetch({}, { retries: { attempts: 2, baseMs: 1 } })).rejects.toMatchObject({ problem: { kind } });
  });

  it('whose body has an encoding is refused', async () => {
    const { fetch } = await direct(
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    await expect(fetch()).rejects.toThrow('compressed');
  });
});

/** A direct download that `answer` serves, with a cache of its own. */
async function direct(answer: (path: string, response: ServerResponse) => void, name = 'a.bin') {
  const server = await serve({
    intercept: ({ path }, response) => {
      answer(path, response);
      return true;
    },
  });
  const cacheDir = join(folder, `cache-${caches++}`);
  const request: FetchRequest = { repo: 'direct_download', id: `${server.url}${name}` };
  const fetch = (more: Partial<FetchRequest> = {}, how: FetchOptions = {}) =>
    fetchDataset({ ...request, ...more }, { cacheDir, ...how });
  return { server, cacheDir, fetch };
}

function etagOf(bytes: Uint8Array): string {
  return `"a-${hashOf('sha1', bytes).slice(0, 12)}"`;
}

/** All files below a folder. */
function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('files without a checksum', () => {
  it('are only asked whether they have changed', async () => {
    let version = 1;
    const { server, fetch } = await direct((_, response) => {
      const { headers } = server.requests.at(-1)!;
      const etag = `"v${version}"`;
      if (headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
      else
        response.writeHead(200, { etag, 'last-modified': 'Tue, 01 Aug 2023 00:00:00 GMT' }).end(`version ${version}`);
    });
    const first = await fetch();
    expect(await fetch()).toEqual(first);
    expect(server.requests[1]!.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': 'Tue, 01 Aug 2023 00:00:00 GMT',
    });
    expect(server.requests[1]!.status).toBe(304);
    version = 2;
    const { files } = await fetch();
    expect(await readFile(files[0]!.path, 'utf8')).toBe('version 2');
  });

  it('that turn out longer than max_mb are left out, where the server says so and where it does not', async () => {
    for (const declared of [true, false]) {
      const { fetch } = await direct((_, response) => {
        response.writeHead(200, declared ? { 'content-length': 3_000_000 } : {}).end(Buffer.alloc(3_000_000));
      });
      await expect(fetch({ maxMb: 1 })).rejects.toThrow(/a\.bin: it has \d+ bytes, more than the 1000000/);
    }
  });
});

describe('secrets', () => {
  it('go to the origin of the API alone, and are stored and told nowhere', async () => {
    const bytes = Buffer.from('abc');
    const other = await serve({ files: { 'store/a.csv': bytes } });
    const { server, cacheDir, fetch } = await zenodo(
      { 'a.csv': bytes },
      {
        redirects: { '/api/records/5005868/files/a.csv/content': `${other.url}store/a.csv?X-Amz-Signature=verysecret` },
      },
    );
    const headers = { authorization: 'Bearer verysecret' };
    // The other host is private too, so it must be allowed.
    await expect(fetch({}, { headers })).rejects.toMatchObject({ problem: { kind: 'forbidden' } });
    const { files } = await fetch({}, { headers, allowedOrigins: [new URL(other.url).origin] });
    expect(server.requests.map((one) => one.headers.authorization)).toEqual(
      server.requests.map(() => headers.authorization),
    );
    expect(other.requests.length).toBe(1);
    expect(other.requests[0]!.headers.authorization).toBeUndefined();
    for (const path of filesBelow(cacheDir)) expect(readFileSync(path, 'latin1')).not.toContain('verysecret');
    expect(JSON.stringify(files)).not.toContain('verysecret');
  });

  it('of a URL are in no error and no file', async () => {
    const { cacheDir, server } = await direct((_, response) => void response.writeHead(500).end());
    const id = `${server.url.replace('//', '//user:verysecret@')}a.csv?token=verysecret`;
    const failed = fetchDataset({ repo: 'direct_download', id }, { cacheDir, retries: { attempts: 1 } });
    const error = await failed.then(
      () => null,
      (reason: unknown) => reason as Error & { problem: object },
    );
    expect(error?.message).toContain('answered 500');
    expect(error?.message + JSON.stringify(error?.problem)).not.toContain('verysecret');
    expect(server.requests[0]!.headers.authorization).toMatch(/^Basic /);
    for (const path of filesBelow(cacheDir)) expect(readFileSync(path, 'latin1')).not.toContain('verysecret');
  });
});

describe('archives of a record', () => {
  const inner = makeZip([
    { name: 'deep/PV_2.shp', bytes: 'two' },
    { name: 'deep/PV_2.dbf', bytes: 'table' },
    { name: 'deep/readme.txt', bytes: 'text' },
  ]);
  const zip = makeZip([
    { name: '__MACOSX/._PV_1.shp', bytes: 'junk' },
    { name: 'd/', bytes: '', stored: true },
    { name: 'd/PV_1.shp', bytes: 'one' },
    { name: 'd/PV_1.prj', bytes: 'crs', stored: true },
    { name: 'd/image.tif', bytes: 'image' },
    { name: 'inner.zip', bytes: inner },
  ]);

  it('are opened, archives in them too, for the wanted members alone', async () => {
    const { cacheDir, fetch, server } = await zenodo({ 'data.zip': zip });
    const { files, leftOut } = await fetch({ filters: { include: ['PV_*.shp'] } });
    expect(files.map(({ name }) => name)).toEqual([
      'data.zip/d/PV_1.prj',
      'data.zip/d/PV_1.shp',
      'data.zip/inner.zip/deep/PV_2.dbf',
      'data.zip/inner.zip/deep/PV_2.shp',
    ]);
    for (const { path, sha256, url } of files) {
      expect(hashOf('sha256', readFileSync(path))).toBe(sha256);
      expect(url).toBe(`${server.url}api/records/5005868/files/data.zip/content`);
    }
    expect(leftOut.map(({ name }) => name)).toEqual([
      'data.zip/__MACOSX/._PV_1.shp',
      'data.zip/d/image.tif',
      'data.zip/inner.zip/deep/readme.txt',
    ]);
    expect(filesBelow(join(cacheDir, 'unpacked')).some((path) => path.endsWith('.tif'))).toBe(false);
    expect((await fetch({ filters: { include: ['PV_*.shp'] } }, { offline: true })).files).toEqual(files);
  });

  it('are told from each other by patterns that match them; members by the other patterns', async () => {
    const { server, fetch } = await zenodo({ 'a.zip': zip, 'b.zip': zip, 'c.csv': Buffer.from('c') });
    const named = await fetch({ filters: { include: ['a.zip'] } });
    expect(named.files.map(({ name }) => name)).toContain('a.zip/d/image.tif');
    const both = await fetch({ filters: { include: ['a.zip', '*.tif'] } });
    expect(both.files.map(({ name }) => name)).toEqual(['a.zip/d/image.tif']);
    expect(both.leftOut.map(({ name }) => name)).toContain('b.zip');
    const plain = await fetch({ filters: { include: ['*.csv'], exclude: ['nothing'] } });
    expect(plain.files.map(({ name }) => name)).toEqual(['c.csv']);
    expect(server.requests.some(({ path }) => path.includes('b.zip'))).toBe(false);
  });

  it('of GitHub are the repository: only the folder that is named', async () => {
    const tar = makeTarGz([
      { name: 'r-abc/', type: '5' },
      { name: 'r-abc/README.md', bytes: 'read' },
      { name: 'r-abc/data/a.geojson', bytes: '{}' },
      { name: 'r-abc/data/link', type: '2', target: '/etc/passwd' },
      { name: 'r-abc/data/b.zip', bytes: makeZip([{ name: 'c.geojson', bytes: '{"a":1}' }]) },
      { name: 'r-abc/database/d.geojson', bytes: 'no' },
    ]);
    const server = await serve({ files: { 'o/r/tar.gz/main': tar } });
    const cacheDir = join(folder, `cache-${caches++}`);
    const request: FetchRequest = { repo: 'github', id: 'https://github.com/o/r/tree/main/data', api: server.url };
    const fetch = (more: Partial<FetchRequest>) => fetchDataset({ ...request, ...more }, { cacheDir });
    const { files, version } = await fetch({ filters: { include: ['*.geojson'] } });
    expect(version).toBe('main');
    expect(files.map(({ name }) => name)).toEqual(['data/a.geojson', 'data/b.zip/c.geojson']);
    const both = await fetch({ filters: { include: ['*.geojson', '*.zip'] } });
    expect(both.files.map(({ name }) => name)).toEqual(['data/a.geojson', 'data/b.zip/c.geojson']);
    const file = await fetch({ id: 'https://github.com/o/r/blob/main/data/a.geojson' });
    expect(file.files.map(({ name }) => name)).toEqual(['data/a.geojson']);
    await expect(fetch({})).rejects.toThrow('its member "data/link" is a symbolic link');
    await expect(fetch({ id: 'https://github.com/o/r/tree/main/none' })).rejects.toThrow('no files in "none"');
  });

  it('are known by their bytes where the URL has no name for them', async () => {
    const { fetch } = await direct((_, response) => void response.end(zip), 'ndownloader/123');
    const { files } = await fetch({ filters: { include: ['*.tif'] } });
    expect(files.map(({ name }) => name)).toEqual(['123/d/image.tif']);
  });

  it('and files are called what the server calls them, where the URL has no name for them', async () => {
    const disposition = `attachment; filename="x.zip"; filename*=UTF-8''a%20b.zip`;
    const { fetch } = await direct(
      (_, response) => void response.writeHead(200, { 'content-disposition': disposition }).end(zip),
      'ndownloader/123',
    );
    const filters = { include: ['a b.zip', '*.tif'] };
    const { files } = await fetch({ filters });
    expect(files.map(({ name }) => name)).toEqual(['a b.zip/d/image.tif']);
    expect((await fetch({ filters }, { offline: true })).files).toEqual(files);
    const plain = await direct(
      (_, response) => void response.writeHead(200, { 'content-disposition': 'inline; filename=../b.csv' }).end('text'),
      'download',
    );
    expect((await plain.fetch()).files.map(({ name, path }) => [name, basename(path)])).toEqual([['b.csv', 'b.csv']]);
    await expect(plain.fetch({ filters: { include: ['*.shp'] } })).rejects.toThrow('b.csv: no include pattern matches');
  });

  it('that are something else are refused by name', async () => {
    const { fetch } = await zenodo({ 'a.zip': Buffer.from('<html>not found</html>') });
    await expect(fetch()).rejects.toThrow('a.zip: it is no zip, tar or gzip file');
  });
});

describe('a damaged cache', () => {
  it('is mended: a content that is gone or cut, an entry that is broken', async () => {
    const { cacheDir, fetch } = await zenodo({ 'a.csv': Buffer.from('abc') });
    const first = await fetch();
    const [object] = filesBelow(join(cacheDir, 'sha256'));
    await chmod(object!, 0o644);
    await rm(object!);
    expect(await fetch()).toEqual(first);
    const [entry] = filesBelow(join(cacheDir, 'index'));
    await writeFile(entry!, '{"key": 7}');
    expect(await fetch()).toEqual(first);
    expect(JSON.parse(await readFile(entry!, 'utf8'))).toMatchObject({ name: 'a.csv', size: 3 });
    await rm(join(cacheDir, 'files'), { recursive: true });
    expect(await fetch({}, { offline: true })).toEqual(first);
    expect(readFileSync(first.files[0]!.path, 'utf8')).toBe('abc');
  });

  it('is mended: members and links that are gone or cut', async () => {
    const { fetch } = await zenodo({ 'a.zip': makeZip([{ name: 'm', bytes: 'member' }]), 'b.csv': Buffer.from('abc') });
    const first = await fetch();
    const [member, plain] = first.files.map(({ path }) => path);
    await writeFile(member!, 'cut');
    await rm(plain!);
    expect(await fetch({}, { offline: true })).toEqual(first);
    expect([readFileSync(member!, 'utf8'), readFileSync(plain!, 'utf8')]).toEqual(['member', 'abc']);
  });

  it('with a part that was damaged since begins anew', async () => {
    const body = Buffer.alloc(100_000, 3);
    let cut = true;
    const { cacheDir, fetch, server } = await zenodo(
      { 'a.bin': body },
      {
        intercept: ({ path }, response) => {
          if (!path.endsWith('content') || !cut) return false;
          response.writeHead(200, { 'content-length': body.length, etag: etagOf(body) });
          response.write(body.subarray(0, 50_000), () => response.socket?.end());
          return true;
        },
      },
    );
    await expect(fetch({}, { retries: { attempts: 1 } })).rejects.toMatchObject({ problem: { kind: 'network' } });
    const part = filesBelow(join(cacheDir, 'partial')).find((path) => path.endsWith('body'))!;
    await writeFile(part, Buffer.alloc(statSync(part).size, 9));
    cut = false;
    const { files } = await fetch();
    expect(readFileSync(files[0]!.path).equals(body)).toBe(true);
    expect(server.requests.slice(-2).map(({ status }) => status)).toEqual([206, 200]);
  });

  it('whose folder cannot be made is an error of its own', async () => {
    const { cacheDir, fetch } = await zenodo({ 'a.csv': Buffer.from('abc') });
    await mkdir(dirname(cacheDir), { recursive: true });
    await writeFile(cacheDir, 'a file');
    await expect(fetch()).rejects.toMatchObject({ problem: { kind: 'io' } });
  });
});

describe('two fetches at once', () => {
  it('both have the files', async () => {
    const { fetch } = await zenodo({
      'a.csv': Buffer.alloc(200_000, 7),
      'b.zip': makeZip([{ name: 'c', bytes: 'd' }]),
    });
    const all = await Promise.all(Array.from({ length: 6 }, () => fetch()));
    for (const one of all) expect(one).toEqual(all[0]);
    expect(readFileSync(all[0]!.files[0]!.path).length).toBe(200_000);
  });
});
