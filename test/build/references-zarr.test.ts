import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { buildReferences } from '../../src/build/build-references.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { scanReferences } from '../../src/build/scan-references.js';
import { problemOf } from '../../src/errors.js';
import { icechunkStatus } from '../../src/native/load.js';
import { startFaultServer, type FaultServer } from '../fault-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { ICECHUNK_PYTHON, pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';

const SCRIPT = fileURLToPath(new URL('write_zarr.py', import.meta.url));
const NAMES = [
  'v2-blosc',
  'v2-zlib-big',
  'v2-shuffled',
  'v3-plain',
  'v3-zstd',
  'v3-blosc',
  'v3-gzip-crc',
  'v3-shards',
  'v3-shards-plain',
  'v3-shards-time',
] as const;
const KINDS = ['kerchunk', 'zarr', ...(icechunkStatus().kind === 'loaded' ? ['icechunk'] : [])] as const;
const ENDINGS: Readonly<Record<string, string>> = { kerchunk: '.json', zarr: '.zarr', icechunk: '.icechunk' };

const folder = temporaryFolder();
/** What the S3 server calls a bucket. */
const stores = join(folder, 'stores');
let written: Readonly<Record<string, string>> = {};
let server: FaultServer | null = null;

beforeAll(async () => {
  await mkdir(stores);
  if (pythonWithOracles() !== null) written = (await runPython(SCRIPT, ['write', stores])) as typeof written;
}, 120_000);
afterEach(async () => {
  await server?.close();
  server = null;
});

/** The specification of one store as an item. */
async function specOf(name: string, href: string, datetime?: string) {
  const item = { type: 'Feature', stac_version: '1.0.0', id: name, geometry: null, links: [] };
  const properties = { datetime: null, start_datetime: '2024-06-01T00:00:00Z', end_datetime: '2024-06-04T00:00:00Z' };
  const features = [{ ...item, properties, assets: { v: { href } } }];
  const stac = join(folder, `${name}.json`);
  await writeFile(stac, JSON.stringify({ type: 'FeatureCollection', features }));
  return { name, source: { stac, ...(datetime === undefined ? {} : { datetime }) }, bands: ['v'] };
}

async function build(name: string, href: string, kind: string, more: object = {}) {
  const place = join(folder, `${name}-refs${ENDINGS[kind]!}`);
  const summary = await buildReferences({ spec: await specOf(name, href), [kind]: place, overwrite: true, ...more });
  return { place, summary };
}

async function digest(place: string, options: object = {}): Promise<string> {
  const raster = await openRaster(place, { variable: 'v', ...options });
  try {
    const { data } = await raster.read({});
    return createHash('sha256')
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      .digest('hex');
  } finally {
    await raster.close();
  }
}

/** A copy of a store that a test may change. */
async function copyOf(store: string, name: string): Promise<string> {
  await cp(join(stores, store), join(folder, name), { recursive: true });
  return join(folder, name);
}

describe.skipIf(!hasShared)('references to real Zarr', () => {
  it.each(KINDS)('are every value of it, from %s', async (kind) => {
    const store = sharedPath('data', 'conformance', 'zarr', 'xcube-olci-cube-1-250-250.zarr');
    const { stac, ...rest } = (await specOf(`xcube-${kind}`, store)).source;
    await writeFile(
      stac,
      (await readFile(stac, 'utf8')).replace('"v"', '"conc_chl"').replaceAll('2024-06-0', '2017-01-0'),
    );
    const place = join(folder, `xcube-refs${ENDINGS[kind]!}`);
    const spec = { name: 'xcube', source: { stac, ...rest }, bands: ['conc_chl'] };
    const summary = await buildReferences({ spec, [kind]: place });
    expect(summary.refused).toEqual([]);
    expect(summary.references).toBeGreaterThan(0);
    expect(await digest(place, { variable: 'conc_chl' })).toBe(await digest(store, { variable: 'conc_chl' }));
  });
});

describe.skipIf(pythonWithOracles() === null)('references to plain Zarr', () => {
  describe.each(NAMES)('%s', (name) => {
    it.each(KINDS)('are every value of zarr-python, from %s', async (kind) => {
      const { place, summary } = await build(name, join(stores, name), kind);
      // 3 steps of 3 by 4 chunks; the one of fill values is not stored, but in shards where it is a part of one.
      expect(summary).toMatchObject({ references: 3 * 12 - 1, refused: [] });
      expect(summary.groups[0]!.arrays[0]).toMatchObject({ shape: [3, 40, 52], chunkShape: [1, 16, 16] });
      expect(await digest(place)).toBe(written[name]);
    });
  });

  it.skipIf(!existsSync(ICECHUNK_PYTHON))('are read by Python', { timeout: 300_000 }, async () => {
    for (const name of NAMES) {
      for (const kind of KINDS.filter((one) => one !== 'zarr')) {
        const { place } = await build(name, join(stores, name), kind);
        const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, 'read', kind, place, ''], { encoding: 'utf8' });
        if (stdout === '') throw new Error(`${name}, ${kind}: ${stderr}`);
        expect([name, kind, JSON.parse(stdout)]).toEqual([name, kind, written[name]]);
      }
    }
  });

  it.each(['v3-zstd', 'v2-blosc', 'v3-shards'])('%s over HTTP: one request an object', async (name) => {
    server = await startFaultServer({ root: stores });
    const { place, summary } = await build(`http-${name}`, `${server.url}${name}`, 'kerchunk');
    const asked = server.requests.map(({ path }) => path).filter((path) => /\/v\/(c\/)?\d/.test(path));
    expect(asked.length).toBe(name === 'v3-shards' ? 3 * 4 : 3 * 12);
    expect(new Set(asked).size).toBe(asked.length);
    expect(server.requests.filter(({ path }) => asked.includes(path)).every(({ method }) => method === 'GET')).toBe(
      true,
    );
    expect(summary.references).toBe(35);
    expect(await digest(place)).toBe(written[name]);
  });

  it('ask only for the time steps that are wanted', async () => {
    server = await startFaultServer({ root: stores });
    const spec = await specOf('step', `${server.url}v3-zstd`, '2024-06-02T00:00:00Z/2024-06-02T12:00:00Z');
    const summary = await buildReferences({ spec, kerchunk: join(folder, 'step-refs.json') });
    expect(summary.references).toBe(11);
    expect(server.requests.filter(({ path }) => path.includes('/v/c/'))).toHaveLength(12);
  });

  it.each(['v3-zstd', 'v3-shards'])('%s in S3', async (name) => {
    server = await startFaultServer({ root: folder });
    const s3 = {
      endpoint: server.url,
      pathStyle: true,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    };
    const { place, summary } = await build(`s3-${name}`, `s3://stores/${name}`, 'kerchunk', { sources: { s3 } });
    expect(summary.references).toBe(35);
    const text = await readFile(place, 'utf8');
    expect(text).toContain(`s3://stores/${name}/v/c/`);
    expect(text).not.toContain('Signature');
    expect(await digest(place, { sources: { s3 } })).toBe(written[name]);
  });

  it.each(['v3-zstd', 'v3-shards'])('%s: an object that has changed since is found out', async (name) => {
    for (const kind of KINDS) {
      const store = await copyOf(name, `drift-${kind}-${name}`);
      const { place } = await build(`drift-${kind}-${name}`, store, kind);
      const object = join(store, 'v/c/0/0/0');
      await writeFile(object, await readFile(object));
      // Icechunk counts whole seconds.
      await utimes(object, new Date(), new Date(Date.now() + 5000));
      expect(await digest(place).catch(problemOf)).toMatchObject({ kind: 'changed' });
    }
  });

  it('are none to what is not there: fill values', async () => {
    const store = await copyOf('v3-zstd', 'holes');
    for (const step of ['1', '2']) await rm(join(store, 'v/c', step), { recursive: true });
    const { place, summary } = await build('holes', store, 'kerchunk');
    expect(summary.references).toBe(12);
    expect(await digest(place)).toBe(await digest(store));
  });

  it('are refused where a shard is damaged, or left out by name', async () => {
    const store = await copyOf('v3-shards', 'damaged');
    const [shard] = await readdir(join(store, 'v/c/0/0'));
    const path = join(store, 'v/c/0/0', shard!);
    const bytes = await readFile(path);
    bytes[bytes.length - 10]! ^= 1;
    await writeFile(path, bytes);
    expect(await build('damaged', store, 'kerchunk').catch(problemOf)).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringMatching(/shard index: crc32c/),
    });
    expect(await build('damaged', store, 'kerchunk', { allowIncomplete: true }).catch(problemOf)).toMatchObject({
      kind: 'no-data',
      what: expect.stringMatching(/damaged, band "v": chunks: .*crc32c/),
    });
  });

  it.skipIf(icechunkStatus().kind !== 'loaded' || !existsSync(ICECHUNK_PYTHON))(
    'in Icechunk, with chunks and shards of its own that Python wrote, are read and referred to',
    { timeout: 120_000 },
    async () => {
      const place = join(folder, 'python.icechunk');
      const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, 'commit', place], { encoding: 'utf8' });
      if (stdout === '') throw new Error(stderr);
      const digests = JSON.parse(stdout) as typeof written;
      expect(Object.keys(digests)).toEqual(NAMES.filter((name) => name.startsWith('v3')));
      for (const [name, expected] of Object.entries(digests)) {
        expect([name, await digest(place, { variable: `${name}/v` })]).toEqual([name, expected]);
      }
    },
  );

  it('to shards that kerchunk refers to are references to their inner chunks', async () => {
    const root = join(stores, 'v3-shards');
    const names = await readdir(root, { recursive: true, withFileTypes: true });
    const refs: Record<string, unknown> = {};
    for (const entry of names.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const key = path.slice(root.length + 1);
      const json = key.endsWith('zarr.json');
      refs[key] = json ? await readFile(path, 'utf8') : key.endsWith('0') ? [path] : [path, 0, (await stat(path)).size];
    }
    const file = join(folder, 'shards.kerchunk.json');
    await writeFile(file, JSON.stringify({ version: 1, refs }));
    expect(await digest(file)).toBe(written['v3-shards']);
    const { place, summary } = await build('inner', file, 'kerchunk');
    expect(summary.references).toBe(35);
    expect(await digest(place)).toBe(written['v3-shards']);
    const report = await scanReferences({ hrefs: [file], variable: 'v', lake: join(folder, 'shards.ducklake') });
    expect(report).toMatchObject({ added: 1, refused: [], references: 36 });
  });

  it('to shards that lie in one file are told apart by a build', async () => {
    const root = join(stores, 'v3-shards');
    const names = await readdir(root, { recursive: true, withFileTypes: true });
    const refs: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    for (const entry of names.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      const offset = parts.reduce((sum, { length }) => sum + length, 0);
      if (entry.name === 'zarr.json') refs[path.slice(root.length + 1)] = bytes.toString();
      else refs[path.slice(root.length + 1)] = [join(folder, 'packed.bin'), offset, parts.push(bytes) && bytes.length];
    }
    await writeFile(join(folder, 'packed.bin'), Buffer.concat(parts));
    const packed = join(folder, 'packed.json.refs.json');
    await writeFile(packed, JSON.stringify({ version: 1, refs }));
    const grid = { extent: 'items' } as const;
    const cubes = await Promise.all(
      [packed, root].map(async (href, i) => {
        const spec = {
          ...(await specOf(`build-${i}`, href)),
          grid,
          time: { groupby: 'time' },
          output: { lake: 'none' },
        };
        await buildCube({ spec: spec as never, out: join(folder, `build-${i}`), workers: 0 });
        return digest(join(folder, `build-${i}`, 'cube.zarr'));
      }),
    );
    expect(cubes[0]).toBe(cubes[1]);
  });

  it('to references stay references to the same objects', async () => {
    for (const name of ['v3-zstd', 'v3-shards']) {
      const first = await build(`once-${name}`, join(stores, name), 'zarr');
      const again = await build(`twice-${name}`, first.place, 'kerchunk');
      expect(again.summary.references).toBe(35);
      expect(await readFile(again.place, 'utf8')).toContain(`${name}/v/c/0/0/0`);
      expect(await digest(again.place)).toBe(written[name]);
    }
  });
});
