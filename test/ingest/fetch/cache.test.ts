import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheGc, cacheList, cacheVerify } from '../../../src/ingest/fetch/cache.js';
import { cachePlace, objectPath } from '../../../src/ingest/fetch/cache-place.js';
import { fetchDataset } from '../../../src/ingest/fetch/fetch-dataset.js';
import { temporaryPath } from '../../../src/io/write-file.js';
import type { FaultServer } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { makeZip } from './make-archives.js';
import { hashOf, startRepository, zenodoFiles, zenodoRecord } from './repository-server.js';

const folder = temporaryFolder();
const DAY_MS = 86_400_000;
const files = {
  'a.csv': Buffer.alloc(1000, 1),
  'b.csv': Buffer.alloc(2000, 2),
  'c.zip': makeZip([{ name: 'c.shp', bytes: Buffer.alloc(3000, 3), stored: true }]),
};
const hashes = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, hashOf('sha256', bytes)]));
let server: FaultServer;
let count = 0;

beforeAll(async () => {
  server = await startRepository({
    json: { '/api/records/5005868': (url) => zenodoRecord(url, files) },
    files: zenodoFiles(files),
  });
});
afterAll(() => server.close());

/** A cache with the three files, the last one in the list used last. */
async function filledCache() {
  const cacheDir = join(folder, `cache-${count++}`);
  const fetch = () => fetchDataset({ repo: 'zenodo', id: '5005868', api: server.url }, { cacheDir });
  const dataset = await fetch();
  const place = cachePlace(cacheDir);
  const entries = new Map<string, string>();
  for (const name of readdirSync(place.index)) {
    const path = join(place.index, name);
    entries.set((JSON.parse(readFileSync(path, 'utf8')) as { name: string }).name, path);
  }
  for (const [i, name] of ['a.csv', 'b.csv', 'c.zip'].entries()) await setAge(entries.get(name)!, 30 - 10 * i);
  return { cacheDir, place, dataset, fetch, entries };
}

async function setAge(path: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY_MS);
  await utimes(path, time, time);
}

describe('the place of the cache', () => {
  it('is given, or by XDG, or in the home folder', () => {
    expect(cachePlace('x').root).toBe(join(process.cwd(), 'x'));
    expect(cachePlace(undefined, { XDG_CACHE_HOME: join(folder, 'xdg') }).root).toBe(join(folder, 'xdg', 'heliocube'));
    expect(cachePlace(undefined, { XDG_CACHE_HOME: '' }).root).toBe(join(homedir(), '.cache', 'heliocube'));
  });
});

describe('the list', () => {
  it('of no cache is empty', async () => {
    expect(await cacheList({ cacheDir: join(folder, 'none') })).toMatchObject({
      files: [],
      bytes: 0,
      unpackedBytes: 0,
    });
  });

  it('tells what is there, the last used first', async () => {
    const { cacheDir, dataset } = await filledCache();
    const listing = await cacheList({ cacheDir });
    expect(listing.files.map(({ name, sha256, size, present }) => ({ name, sha256, size, present }))).toEqual(
      ['c.zip', 'b.csv', 'a.csv'].map((name) => ({
        name,
        sha256: hashes[name],
        size: files[name as keyof typeof files].length,
        present: true,
      })),
    );
    expect(listing).toMatchObject({ bytes: 3000 + files['c.zip'].length, unpackedBytes: 3000, partialBytes: 0 });
    expect(listing.files[0]!.url).toBe(dataset.files.find(({ name }) => name.startsWith('c.zip'))!.url);
  });
});

describe('the check', () => {
  it('finds nothing in a sound cache', async () => {
    const { cacheDir } = await filledCache();
    expect(await cacheVerify({ cacheDir })).toMatchObject({ checked: 4, damaged: [], removed: false });
  });

  it('finds a changed download and a changed member; removed, they come anew', async () => {
    const { cacheDir, place, dataset, fetch } = await filledCache();
    const object = objectPath(place, hashes['a.csv']!);
    const member = dataset.files.find(({ name }) => name === 'c.zip/c.shp')!.path;
    await chmod(object, 0o644);
    await writeFile(object, Buffer.alloc(1000, 9));
    await writeFile(member, 'changed');
    const report = await cacheVerify({ cacheDir });
    expect(report).toMatchObject({ checked: 4, removed: false });
    expect(report.damaged.map(({ expected, found }) => [expected, found])).toEqual([
      [hashes['a.csv'], hashOf('sha256', Buffer.alloc(1000, 9))],
      [hashOf('sha256', Buffer.alloc(3000, 3)), hashOf('sha256', 'changed')],
    ]);
    expect(await cacheVerify({ cacheDir, remove: true })).toMatchObject({ removed: true });
    const { files: again } = await fetch();
    expect(again).toEqual(dataset.files);
    for (const { path, sha256 } of again) expect(hashOf('sha256', readFileSync(path))).toBe(sha256);
    expect(await cacheVerify({ cacheDir })).toMatchObject({ damaged: [] });
  });
});

describe('the clean-up', () => {
  it('takes nothing that is in use where no rule says so', async () => {
    const { cacheDir, fetch, dataset } = await filledCache();
    expect(await cacheGc({ cacheDir })).toMatchObject({ removed: [], bytes: 0 });
    expect(await fetch()).toEqual(dataset);
  });

  it('only tells what would go with dryRun', async () => {
    const { cacheDir, place } = await filledCache();
    const report = await cacheGc({ cacheDir, maxBytes: 0, dryRun: true });
    expect(report.dryRun).toBe(true);
    expect(report.removed.length).toBeGreaterThan(5);
    expect(report.bytes).toBe(6000 + files['c.zip'].length);
    expect(existsSync(objectPath(place, hashes['a.csv']!))).toBe(true);
    expect((await cacheGc({ cacheDir, maxBytes: 0 })).removed).toEqual(report.removed);
    expect(existsSync(objectPath(place, hashes['a.csv']!))).toBe(false);
    expect(await cacheList({ cacheDir })).toMatchObject({ files: [], bytes: 0, unpackedBytes: 0 });
  });

  it('takes the least recently used files first, with their links and members', async () => {
    const { cacheDir, place, fetch, dataset } = await filledCache();
    const room = 2000 + 3000 + files['c.zip'].length;
    const report = await cacheGc({ cacheDir, maxBytes: room });
    expect(report.keptBytes).toBe(room);
    expect((await cacheList({ cacheDir })).files.map(({ name }) => name)).toEqual(['c.zip', 'b.csv']);
    expect(readdirSync(place.files)).toEqual([]); // links with a file that is gone
    await cacheGc({ cacheDir, maxBytes: room - 1 });
    expect((await cacheList({ cacheDir })).files.map(({ name }) => name)).toEqual(['c.zip']);
    expect(await fetch()).toEqual(dataset);
  });

  it('takes files that were not used for long, but those to keep', async () => {
    const { cacheDir } = await filledCache();
    await cacheGc({ cacheDir, olderThanMs: Date.now() - 15 * DAY_MS, keep: [hashes['a.csv']!] });
    expect((await cacheList({ cacheDir })).files.map(({ name }) => name)).toEqual(['c.zip', 'a.csv']);
  });

  it('takes what nobody names: old contents, dead parts, half-made folders; young ones stay', async () => {
    const { cacheDir, place } = await filledCache();
    const orphan = objectPath(place, '0'.repeat(64));
    const young = objectPath(place, '1'.repeat(64));
    for (const path of [orphan, young]) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'nobody');
    }
    await setAge(orphan, 1);
    const part = join(place.partial, '2'.repeat(64), 'released');
    const half = temporaryPath(place.files).replace(/-\d+-([0-9a-f]+)$/, '-999999999-$1'); // of no process
    const ours = temporaryPath(place.files);
    for (const path of [part, half, ours]) await mkdir(path, { recursive: true });
    await writeFile(join(part, 'body'), 'part');
    await setAge(join(part, 'body'), 2);
    const { removed } = await cacheGc({ cacheDir });
    expect(removed.map(({ path }) => join(place.root, path)).sort()).toEqual([half, orphan, part].sort());
    expect([orphan, young, part, half, ours].map((path) => existsSync(path))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
  });
});
