import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeArrayChunk, objectKey } from '../../../src/cube/writer/encode.js';
import { isObjectKey, ObjectFolder } from '../../../src/cube/writer/object-folder.js';
import { isStoreSealed, isStoreUnfinished, ZarrStore } from '../../../src/cube/writer/zarr-store.js';
import { seededRandom } from '../../raster/cog/seeded.js';
import { arraySamples, BLOSC, cubeInput, writeCube } from './sample-cube.js';

let folder = '';
let target = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zarr-store-'));
  target = join(folder, 'cube.zarr');
});
afterEach(() => rm(folder, { recursive: true }));

/** Every file of a folder and its bytes. */
async function contents(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const bytes = await Promise.all(files.map(async (file) => (await readFile(file)).toString('base64')));
  return Object.fromEntries(files.map((file, i) => [file.slice(path.length), bytes[i]!]).toSorted()) as Record<
    string,
    string
  >;
}

const names = async () => (await readdir(folder)).toSorted();

describe('a store', () => {
  it('has the same bytes in whatever order its objects are written (W1)', async () => {
    const random = seededRandom(5);
    const shuffle = <T>(jobs: T[]): T[] =>
      jobs
        .map((job) => ({ job, key: random() }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ job }) => job);
    for (const shard of [{}, { shard: 32 }]) {
      const paths = [1, 2, 3].map((i) => join(folder, `w1-${JSON.stringify(shard).length}-${i}.zarr`));
      for (const path of paths) await writeCube(path, cubeInput('int16', shard), { order: shuffle });
      const [first, ...others] = await Promise.all(paths.map(contents));
      for (const other of others) expect(other).toEqual(first);
    }
  });

  it('holds no path', async () => {
    await writeCube(target, cubeInput('int16'));
    const text = await readFile(join(target, 'zarr.json'), 'utf8');
    expect(text).not.toContain(folder);
    expect(JSON.parse(text)).toMatchObject({ zarr_format: 3, node_type: 'group' });
  });

  it('is not there before it is sealed', async () => {
    const store = await ZarrStore.open(target, 'create');
    await store.writeObject('red/c/0/0/0', Uint8Array.of(1));
    expect(await names()).toEqual(['cube.zarr.building']);
    expect([await isStoreSealed(target), await isStoreUnfinished(target)]).toEqual([false, true]);
    await store.discard();
    expect(await names()).toEqual([]);
  });

  it('that is there already is kept: create is an error', async () => {
    await writeCube(target, cubeInput('int16'));
    const before = await contents(target);
    await expect(ZarrStore.open(target, 'create')).rejects.toThrow(/exists.*already \(pass --resume/);
    expect(await contents(target)).toEqual(before);
    await ZarrStore.open(join(folder, 'other.zarr'), 'create');
    await expect(ZarrStore.open(join(folder, 'other.zarr'), 'create')).rejects.toThrow(/unfinished build/);
  });

  it('is replaced as a whole, and stays readable until then', async () => {
    await writeCube(target, cubeInput('int16'));
    const before = await contents(target);
    const store = await ZarrStore.open(target, 'overwrite');
    await store.writeObject('other/c/0', Uint8Array.of(1));
    expect(await contents(target)).toEqual(before);
    await store.discard();
    await writeCube(target, cubeInput('float32'), { mode: 'overwrite' });
    expect(await names()).toEqual(['cube.zarr']);
    expect(Object.keys(await contents(target)).some((key) => key.startsWith('/other'))).toBe(false);
  });

  it('of something else is never replaced', async () => {
    await mkdir(target);
    await writeFile(join(target, 'thesis.txt'), 'years of work');
    for (const mode of ['overwrite', 'resume'] as const) {
      await expect(ZarrStore.open(target, mode)).rejects.toThrow(/no Zarr store/);
    }
    await rm(target, { recursive: true });
    await writeFile(target, 'a file');
    await expect(ZarrStore.open(target, 'overwrite')).rejects.toThrow(/no Zarr store/);
  });

  it('goes on where it was, temporary files of the crash gone', async () => {
    const first = await ZarrStore.open(target, 'create');
    await first.writeObject('red/c/0/0/0', Uint8Array.of(1));
    const second = await ZarrStore.open(target, 'resume');
    expect(await second.listObjects()).toEqual(['red/c/0/0/0']);
    expect(await second.readObject('red/c/0/0/0')).toEqual(Buffer.of(1));
    expect([await second.hasObject('red/c/0/0/0'), await second.hasObject('red/c/0/0/1')]).toEqual([true, false]);
  });

  it('that is finished is changed in a copy', async () => {
    const { coordinates } = await writeCube(target, cubeInput('int16'));
    const before = await contents(target);
    const store = await ZarrStore.open(target, 'resume');
    expect(await store.hasObject('zarr.json')).toBe(false);
    expect(await store.listObjects()).toContain(`${coordinates[0]!.name}/c/0`);
    await store.writeObject('red/c/0/0/0', Uint8Array.of(9));
    expect(await contents(target)).toEqual(before);
  });
});

describe('after a crash while a store takes the place of another', () => {
  const building = () => `${target}.building`;
  const replaced = () => `${target}.replaced`;
  let old: Record<string, string> = {};
  let fresh: Record<string, string> = {};

  /** The old store at the target, the new one sealed in the staging folder. */
  beforeEach(async () => {
    await writeCube(target, cubeInput('float32'));
    await rename(target, building());
    fresh = await contents(building());
    await writeCube(join(folder, 'old.zarr'), cubeInput('int16'));
    await rename(join(folder, 'old.zarr'), target);
    old = await contents(target);
  });

  it('the old store is there where nothing had moved', async () => {
    expect(await isStoreSealed(target)).toBe(true);
    expect(await contents(target)).toEqual(old);
  });

  it('the new store takes the place where the old one had moved aside', async () => {
    await rename(target, replaced());
    expect(await isStoreSealed(target)).toBe(true);
    expect(await contents(target)).toEqual(fresh);
    expect(await names()).toEqual(['cube.zarr']);
  });

  it('the old store goes where the new one is in its place', async () => {
    await rename(target, replaced());
    await rename(building(), target);
    expect(await isStoreSealed(target)).toBe(true);
    expect(await contents(target)).toEqual(fresh);
    expect(await names()).toEqual(['cube.zarr']);
  });

  it('the old store comes back where the new one is not whole', async () => {
    await rename(target, replaced());
    await rm(join(building(), 'zarr.json'));
    expect(await isStoreSealed(target)).toBe(true);
    expect(await contents(target)).toEqual(old);
    expect(await names()).toEqual(['cube.zarr', 'cube.zarr.building']);
  });

  it('half a copy is worth nothing', async () => {
    await mkdir(`${target}.copying/red`, { recursive: true });
    await ZarrStore.open(target, 'resume');
    expect(await names()).toEqual(['cube.zarr', 'cube.zarr.building']);
  });
});

describe('objects', () => {
  it('have keys of a Zarr store, and no others', async () => {
    const good = ['zarr.json', 'red/zarr.json', 'red/c/0/1/2', 'spatial_ref/c', 'a b/c/0'];
    const bad = [
      '',
      'red',
      '../zarr.json',
      'red/../../zarr.json',
      '/zarr.json',
      'red/c/x',
      'red\\c/0',
      'c/0',
      'red//c/0',
    ];
    expect([...good, ...bad].filter(isObjectKey)).toEqual(good);
    await expect(new ObjectFolder(folder).writeObject('../x/c/0', Uint8Array.of(1))).rejects.toThrow(/no key/);
  });

  it('are listed without temporary files', async () => {
    const objects = new ObjectFolder(folder);
    await objects.writeObject('a/c/0', Uint8Array.of(1));
    await writeFile(join(folder, 'a', 'c', '.1.tmp'), '');
    expect(await objects.listObjects()).toEqual(['a/c/0']);
    await objects.removeObject('a/c/0');
    await objects.removeObject('a/c/0');
    expect(await objects.listObjects()).toEqual([]);
  });
});

describe('encodeArrayChunk', () => {
  const array = {
    name: 'v',
    dtype: 'float32',
    dimensions: ['y', 'x'],
    shape: [4, 4],
    chunk: [2, 2],
    shard: null,
    codec: { name: 'none' },
    fill: NaN,
    attributes: {},
  } as const;

  it('gives null where every sample is the fill value, bit by bit', () => {
    expect(encodeArrayChunk(array, new Float32Array(4).fill(NaN))).toBeNull();
    expect(encodeArrayChunk({ ...array, fill: 0 }, new Float32Array(4))).toBeNull();
    expect(encodeArrayChunk({ ...array, fill: 0 }, Float32Array.of(0, -0, 0, 0))).not.toBeNull();
    expect(encodeArrayChunk({ ...array, dtype: 'int64', fill: -1 }, BigInt64Array.of(-1n, -1n, -1n, -1n))).toBeNull();
  });

  it('pads with the fill value at far edges', () => {
    const bytes = encodeArrayChunk({ ...array, fill: 7 }, Float32Array.of(1, 2), [2, 1])!;
    expect(new Float32Array(bytes.slice().buffer)).toEqual(Float32Array.of(1, 7, 2, 7));
  });

  it('leaves out inner chunks of nothing but the fill value', () => {
    const shard = { ...array, dtype: 'uint8', fill: 5, shard: [4, 4] } as const;
    const samples = new Uint8Array(16).fill(5);
    expect(encodeArrayChunk(shard, samples)).toBeNull();
    samples[3] = 1;
    expect(encodeArrayChunk(shard, samples)).toHaveLength(4 + 4 * 16 + 4);
  });

  it('refuses samples that do not fit', () => {
    expect(() => encodeArrayChunk(array, new Float32Array(5))).toThrow(/5 samples/);
    expect(() => encodeArrayChunk(array, new Float32Array(6), [3, 2])).toThrow(/expected 2×2/);
  });

  it('gives the same bytes for the same samples', () => {
    const layout = { ...array, shape: [64, 64], chunk: [64, 64], codec: BLOSC };
    const samples = arraySamples(layout);
    expect(encodeArrayChunk(layout, samples)).toEqual(encodeArrayChunk(layout, samples.slice()));
    expect(objectKey(array, [1, 2])).toBe('v/c/1/2');
  });
});
