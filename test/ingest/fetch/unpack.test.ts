import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { isCubeError } from '../../../src/errors.js';
import { cachePlace, objectPath } from '../../../src/ingest/fetch/cache-place.js';
import type { FileFilters, RemoteFile } from '../../../src/ingest/fetch/remote-file.js';
import { compileFilters } from '../../../src/ingest/fetch/select-files.js';
import { unpackArchive } from '../../../src/ingest/fetch/unpack.js';
import type { UnpackLimits } from '../../../src/ingest/fetch/unpack-budget.js';
import { seeded } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles } from '../../python.js';
import { makeTar, makeTarGz, makeZip, type TarMember, type ZipMember } from './make-archives.js';
import { hashOf } from './repository-server.js';

const place = cachePlace(join(temporaryFolder(), 'cache'));

type How = {
  readonly name?: string;
  readonly filters?: FileFilters;
  readonly limits?: UnpackLimits;
  readonly tree?: RemoteFile['tree'];
};

/** Put bytes into the cache as a download does, and unpack them. */
async function unpack(bytes: Uint8Array, { name = 'a.zip', filters = {}, ...more }: How = {}) {
  const sha256 = hashOf('sha256', bytes);
  await mkdir(dirname(objectPath(place, sha256)), { recursive: true });
  await writeFile(objectPath(place, sha256), bytes);
  const { folder, contents } = await unpackArchive({
    place,
    sha256,
    size: bytes.length,
    name,
    rules: compileFilters(filters),
    ...more,
  });
  return { folder, ...contents, texts: textsOf(folder) };
}

/** Texts of the files below a folder, by path. */
function textsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length + 1),
      readFileSync(join(parentPath, name), 'latin1'),
    ]),
  );
}

const zip = (...members: ZipMember[]) => unpack(makeZip(members));
const tar = (...members: TarMember[]) => unpack(makeTarGz(members), { name: 'a.tar.gz' });

describe('archives', () => {
  it('of every kind give their members', async () => {
    const expected = { 'd/a.txt': 'one', 'b.txt': '' };
    const members = [
      { name: 'd/a.txt', bytes: 'one' },
      { name: 'b.txt', bytes: '' },
    ];
    expect((await unpack(makeZip(members))).texts).toEqual(expected);
    expect((await unpack(makeTar(members), { name: 'a.tar' })).texts).toEqual(expected);
    expect((await unpack(makeTarGz(members), { name: 'a.tgz' })).texts).toEqual(expected);
    expect((await unpack(gzipSync('one'), { name: 'x/a.txt.gz' })).texts).toEqual({ 'a.txt': 'one' });
    // By their bytes, whatever the name says.
    expect((await unpack(makeZip(members), { name: 'a.tar.gz' })).texts).toEqual(expected);
    expect((await unpack(makeZip([]))).texts).toEqual({});
  });

  it('hash their members and say what was left', async () => {
    const { members, leftOut } = await unpack(
      makeZip([
        { name: 'a.shp', bytes: 'x' },
        { name: 'b.tif', bytes: 'y' },
      ]),
      {
        filters: { include: ['*.shp'] },
      },
    );
    expect(members).toEqual([{ name: 'a.shp', path: 'a.shp', size: 1, sha256: hashOf('sha256', 'x') }]);
    expect(leftOut).toEqual([{ name: 'b.tif', reason: 'no include pattern matches' }]);
  });

  it('may have very many members', async () => {
    const many = Array.from({ length: 150_000 }, (_, i) => ({ name: `${i}.png` }));
    const filters = { include: ['7.png'] };
    const { members, leftOut } = await unpack(makeZip(many.slice(0, 60_000)), { filters });
    expect([members.length, leftOut.length]).toEqual([1, 59_999]);
    const tar = await unpack(makeTarGz(many), { name: 'a.tgz', filters });
    expect([tar.members.length, tar.leftOut.length]).toEqual([1, 149_999]);
  });

  it('are not unpacked twice, unless other members are wanted', async () => {
    const bytes = makeZip([
      { name: 'a.shp', bytes: 'x' },
      { name: 'b.tif', bytes: 'y' },
    ]);
    const first = await unpack(bytes, { filters: { include: ['*.shp'] } });
    writeFileSync(join(first.folder, 'mark'), '');
    const second = await unpack(bytes, { filters: { include: ['*.shp'] } });
    expect(second.texts).toHaveProperty('mark');
    expect((await unpack(bytes, { filters: { include: ['*.tif'] } })).texts).toEqual({ 'b.tif': 'y' });
  });

  it('with large members come whole, past all buffers', async () => {
    const random = seeded(3);
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(random() * 256)));
    const members = [
      { name: 'a', bytes },
      { name: 'b', bytes: bytes.subarray(1) },
      { name: 'c', bytes: 'end' },
    ];
    for (const [name, archive] of [
      ['a.zip', makeZip(members)],
      ['a.tar.gz', makeTarGz(members)],
    ] as const) {
      const { members: written } = await unpack(archive, { name });
      expect(written.map(({ sha256 }) => sha256)).toEqual(members.map((one) => hashOf('sha256', one.bytes)));
    }
  });

  it('are there whole or not at all', async () => {
    const bytes = makeZip([
      { name: 'a', bytes: 'x' },
      { name: 'b', bytes: 'y', crc: 7 },
    ]);
    await expect(unpack(bytes)).rejects.toThrow('its member "b" is damaged: its CRC-32 is another one');
    expect(readdirSync(join(place.unpacked, hashOf('sha256', bytes)))).toEqual([]);
  });

  it('that two processes unpack at once are the first one’s', async () => {
    const bytes = makeZip([{ name: 'twice', bytes: 'x' }]);
    const all = await Promise.all([unpack(bytes), unpack(bytes), unpack(bytes)]);
    for (const one of all) expect(one.texts).toEqual({ twice: 'x' });
  });
});

describe.skipIf(pythonWithOracles() === null)('archives that Python writes', () => {
  const folder = temporaryFolder();
  const script = fileURLToPath(new URL('make_archives.py', import.meta.url));
  let expected: [string, string][] = [];

  beforeAll(() => {
    const run = spawnSync(pythonWithOracles()!, [script, folder], { encoding: 'utf8' });
    expected = Object.entries(JSON.parse(run.stdout) as Record<string, string>);
  });

  it.each(['deflate.zip', 'stored.zip', 'streamed.zip', 'pax.tar', 'gnu.tar', 'gnu.tar.gz', 'pax.tgz'])(
    'are unpacked as they were: %s',
    async (name) => {
      const { members } = await unpack(readFileSync(join(folder, name)), { name });
      expect(members.map((one) => [one.name, one.sha256])).toEqual(expected);
    },
  );

  it('of several gzip members are one file', async () => {
    const { texts } = await unpack(readFileSync(join(folder, 'joined.csv.gz')), { name: 'joined.csv.gz' });
    expect(texts).toEqual({ 'joined.csv': 'one;two' });
  });
});

describe('hostile members', () => {
  it.each([
    ['absolute', '/etc/x'],
    ['above', '../x'],
    ['above, inside', 'a/../../x'],
    ['above, in the other slashes', '..\\x'],
    ['on a drive', 'C:/x'],
    ['on a drive, relative', 'C:x'],
  ])('of zip whose names lie outside (%s) are refused by name', async (_, name) => {
    await expect(zip({ name, bytes: 'x' })).rejects.toMatchObject({
      problem: { kind: 'forbidden', what: expect.stringContaining(name.replaceAll('\\', '/')) as string },
    });
  });

  it.each(['/etc/x', '../x', 'a/../../x', '..\\x', 'C:/x', 'C:x'])(
    'of tar whose names lie outside are refused: %s',
    async (name) => {
      await expect(tar({ name, bytes: 'x' })).rejects.toMatchObject({
        problem: { kind: 'forbidden', what: expect.stringContaining(name) as string },
      });
    },
  );

  it.each([
    [{ name: 'l', type: '2', target: '/etc/passwd' }, 'its member "l" is a symbolic link'],
    [{ name: 'h', type: '1', target: 'other' }, 'its member "h" is a hard link'],
    [{ name: 'dev', type: '3' }, 'its member "dev" is no regular file'],
  ])('of tar that are links or devices are refused', async (member, what) => {
    await expect(tar(member)).rejects.toMatchObject({ problem: { kind: 'forbidden' } });
    await expect(tar(member)).rejects.toThrow(what);
  });

  it('of zip that are links, encrypted, or compressed in an unknown way are refused', async () => {
    await expect(zip({ name: 'l', bytes: '/etc/passwd', mode: 0o120777 })).rejects.toThrow(
      'its member "l" is a symbolic link',
    );
    await expect(zip({ name: 'e', bytes: 'x', flags: 1 })).rejects.toThrow(
      'unsupported: a.zip: the member "e", which is encrypted',
    );
    await expect(zip({ name: 'm', bytes: 'x', method: 9 })).rejects.toThrow(
      'the member "m", which is compressed with Deflate64',
    );
    await expect(zip({ name: 'm', bytes: 'x', method: 99 })).rejects.toThrow('compressed with method 99');
  });

  it('that are not wanted harm nobody', async () => {
    const bytes = makeZip([
      { name: 'a.csv', bytes: 'x' },
      { name: 'e', bytes: 'x', flags: 1 },
      { name: 'l', mode: 0o120777 },
    ]);
    expect((await unpack(bytes, { filters: { include: ['*.csv'] } })).texts).toEqual({ 'a.csv': 'x' });
  });

  it('of the same place are refused', async () => {
    await expect(zip({ name: 'a', bytes: '1' }, { name: 'a', bytes: '2' })).rejects.toThrow('two members named "a"');
    await expect(zip({ name: 'a', bytes: '1' }, { name: 'a/b', bytes: '2' })).rejects.toThrow(
      'the place of another one',
    );
    await expect(tar({ name: 'a', bytes: '1' }, { name: './a', bytes: '2' })).rejects.toThrow('two members named "a"');
    await expect(zip({ name: 'a//b' })).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
    await expect(zip({ name: 'a\nb' })).rejects.toThrow('control characters');
    await expect(zip({ name: 'x'.repeat(300) })).rejects.toThrow('no name of a file');
  });

  it('that are larger than the headers say, or smaller, are damaged', async () => {
    await expect(zip({ name: 'a', bytes: 'x'.repeat(5000), size: 10 })).rejects.toThrow('its member "a" is damaged');
    await expect(zip({ name: 'a', bytes: 'x', size: 10 })).rejects.toThrow('its member "a" is damaged');
  });

  it('that are bombs are stopped', async () => {
    const limits = { maxBytes: 1_000_000 };
    const bomb = Buffer.alloc(5_000_000);
    await expect(unpack(makeZip([{ name: 'a', bytes: bomb }]), { limits })).rejects.toThrow(
      'its members up to "a" unpack to more',
    );
    await expect(unpack(makeTarGz([{ name: 'a', bytes: bomb }]), { name: 'b.tgz', limits })).rejects.toThrow(
      'unpack to more',
    );
    await expect(unpack(gzipSync(bomb), { name: 'a.gz', limits })).rejects.toThrow('unpack to more');
    const many = makeZip(Array.from({ length: 30 }, (_, i) => ({ name: `a${i}`, bytes: bomb.subarray(0, 50_000) })));
    await expect(unpack(many, { limits })).rejects.toThrow('unpack to more');
    await expect(
      unpack(makeZip([{ name: 'i.zip', bytes: makeZip([{ name: 'a', bytes: bomb }]) }]), { limits }),
    ).rejects.toThrow('up to "i.zip/a" unpack to more');
    await expect(
      unpack(makeZip(Array.from({ length: 4 }, (_, i) => ({ name: `${i}` }))), { limits: { maxMembers: 3 } }),
    ).rejects.toThrow('more than 3 members');
    await expect(
      unpack(makeTarGz(Array.from({ length: 4 }, (_, i) => ({ name: `${i}` }))), {
        name: 'a.tgz',
        limits: { maxMembers: 3 },
      }),
    ).rejects.toThrow('more than 3 members');
  });

  it('by their ratio, where there is much', { timeout: 120_000 }, async () => {
    // 1.2 GB of zeros in one member: some 1.2 MB of deflate, made of pieces since deflate streams may be joined at full flushes.
    const piece = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: 3 });
    const gz = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
      ...new Array<Buffer>(1200).fill(piece),
      Buffer.from([3, 0]),
    ]);
    await expect(unpack(gz, { name: 'zeros.gz' })).rejects.toThrow('which no honest archive of its size does');
  });

  it('that nest without end are stopped', async () => {
    let bytes = makeZip([{ name: 'a', bytes: 'x' }]);
    for (let i = 0; i < 3; i++) bytes = makeZip([{ name: 'n.zip', bytes }]);
    expect((await unpack(bytes)).texts).toEqual({ 'n.zip/n.zip/n.zip/a': 'x' });
    await expect(unpack(makeZip([{ name: 'n.zip', bytes }]))).rejects.toThrow(
      'archives nested deeper than a.zip/n.zip/n.zip/n.zip/n.zip',
    );
  });

  it.each(['a.zip', 'a.tar', 'a.tar.gz'])(
    'mutated bytes of %s give a result or a CubeError, soon',
    { timeout: 120_000 },
    async (name) => {
      const members = [
        { name: 'd/a.shp', bytes: 'some bytes of a shapefile '.repeat(30) },
        { name: 'b.zip', bytes: makeZip([{ name: 'c', bytes: 'inner' }]) },
      ];
      const sound = name === 'a.zip' ? makeZip(members) : name === 'a.tar' ? makeTar(members) : makeTarGz(members);
      const random = seeded(17);
      for (let round = 0; round < 100; round++) {
        const bytes = Buffer.from(sound).subarray(
          0,
          random() < 0.2 ? Math.floor(random() * sound.length) : sound.length,
        );
        for (let i = 0; i < 1 + random() * 6; i++)
          bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        const began = performance.now();
        await unpack(bytes, { name }).catch((error: unknown) => {
          if (!isCubeError(error)) throw error;
        });
        expect(performance.now() - began).toBeLessThan(5000);
      }
      expect(existsSync(join(dirname(place.root), 'x'))).toBe(false);
    },
  );
});

describe('members of a tree', () => {
  it('lose the first folder, and are those below the wanted one', async () => {
    const bytes = makeTarGz([
      { name: 'r-1/a/b', bytes: 'x' },
      { name: 'r-1/ab', bytes: 'y' },
    ]);
    expect((await unpack(bytes, { name: 'r.tar.gz', tree: { under: '' } })).texts).toEqual({ 'a/b': 'x', ab: 'y' });
    expect((await unpack(bytes, { name: 'r.tar.gz', tree: { under: 'a' } })).texts).toEqual({ 'a/b': 'x' });
  });
});
