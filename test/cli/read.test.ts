import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import { openZarr } from '../../src/raster/zarr/open.js';
import { readWholeArray } from '../../src/raster/zarr/read-array.js';
import { temporaryFolder } from '../lake/temporary.js';
import { writeTiff, type ImageSpec } from '../raster/cog/tiff-writer.js';
import { arrayV3 } from '../raster/zarr/memory-store.js';
import { readNpy } from './npy.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const MIB = 1024 ** 2;

/** Base of a file's folder, so that each test sees what it alone left. */
function fresh(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

function tiff(name: string, image: ImageSpec): string {
  const path = join(folder, name);
  writeFileSync(path, writeTiff({ images: [image] }));
  return path;
}

const value = ({ band, row, col }: { band: number; row: number; col: number }) => band * 10_000 + row * 90 + col;
const scene = tiff('scene.tif', {
  width: 90,
  height: 70,
  bands: 3,
  dtype: 'uint16',
  value,
  tile: { width: 32, height: 16 },
  compression: 'deflate',
});

describe('cube read of a raster without a CRS', () => {
  it('writes every band as it is stored, and says so on stdout alone', async () => {
    const out = fresh('whole');
    const run = await runCube(['read', scene, '-o', 'made/scene.npy', '--quiet'], { cwd: out });
    expect(run).toMatchObject({ code: 0, stdout: 'made/scene.npy: 3×70×90 uint16\n', stderr: '' });
    const { descr, shape, bytes } = readNpy(join(out, 'made/scene.npy'));
    expect([descr, shape]).toEqual(['<u2', [3, 70, 90]]);
    const wrong = Array.from({ length: 3 * 70 * 90 }, (_, i) => i).filter((i) => {
      const [band, row, col] = [Math.floor(i / 6300), Math.floor(i / 90) % 70, i % 90];
      return bytes.readUInt16LE(2 * i) !== value({ band, row, col });
    });
    expect(wrong).toEqual([]);
    expect(readdirSync(join(out, 'made'))).toEqual(['scene.npy']);
  });

  it('cuts a window out of chosen bands, to .npy and to .zarr alike', async () => {
    const out = fresh('window');
    const cut = ['read', scene, '--window', '30,14,40,37', '--bands', '3,1', '--json', '-o'];
    const run = await runCube([...cut, 'cut.npy'], { cwd: out });
    expect(JSON.parse(run.stdout)).toEqual({ output: 'cut.npy', shape: [2, 37, 40], dtype: 'uint16' });
    const { bytes } = readNpy(join(out, 'cut.npy'));
    const expected = [2, 0].flatMap((band) =>
      Array.from({ length: 37 * 40 }, (_, i) => value({ band, row: 14 + Math.floor(i / 40), col: 30 + (i % 40) })),
    );
    expect([...new Uint16Array(bytes.buffer, bytes.byteOffset, expected.length)]).toEqual(expected);
    // A second time: what is there is replaced.
    for (let i = 0; i < 2; i++) expect((await runCube([...cut, 'cut.zarr'], { cwd: out })).code).toBe(0);
    expect([...(await zarrSamples(join(out, 'cut.zarr/data')))]).toEqual(expected);
    expect(readdirSync(out).sort()).toEqual(['cut.npy', 'cut.zarr']);
  });

  it.each([
    [['--level', '1'], 'invalid-argument: level 1 does not exist, there are 1'],
    [['--level', 'x'], 'invalid-argument: --level "x": expected 1 whole number, separated by commas'],
    [['--window', '80,0,11,1'], 'invalid-argument: window 80,0,11,1 is not inside 90×70 pixels'],
    [['--window', '0,0,0,1'], 'invalid-argument: window 0,0,0,1 is not inside 90×70 pixels'],
    [['--bands', '4'], 'invalid-argument: band 4 does not exist, there are 3'],
    [['--bands', '0'], 'invalid-argument: band 0 does not exist, there are 3'],
  ])('refuses %j in words and leaves nothing', async (parameters, message) => {
    const out = fresh(`refused${parameters.join('')}`);
    const run = await runCube(['read', scene, '-o', 'x.npy', ...parameters], { cwd: out });
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: `cube: ${message}\n` });
    expect(readdirSync(out)).toEqual([]);
  });

  it('refuses an output of an unknown kind, and a folder in the way', async () => {
    const out = fresh('kind');
    const run = await runCube(['read', scene, '-o', 'x.png', '--json'], { cwd: out });
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { kind: 'invalid-argument' } });
    expect(run.code).toBe(2);
    mkdirSync(join(out, 'a.npy'));
    const second = await runCube(['read', scene, '-o', 'a.npy'], { cwd: out });
    expect(second).toMatchObject({ code: 8, stdout: '' });
    expect(second.stderr).toMatch(/^cube: io: a\.npy: /);
    mkdirSync(join(out, 'a.zarr'));
    writeFileSync(join(out, 'a.zarr', 'mine.txt'), 'mine');
    expect(await runCube(['read', scene, '-o', 'a.zarr'], { cwd: out })).toMatchObject({ code: 8 });
    expect(readdirSync(out).sort()).toEqual(['a.npy', 'a.zarr']);
  });

  it('leaves nothing half-written where a tile is broken', async () => {
    const out = fresh('broken');
    const bytes = writeTiff({
      images: [
        { width: 64, height: 64, value: ({ col }) => col, tile: { width: 16, height: 16 }, compression: 'deflate' },
      ],
    });
    bytes.fill(0xff, bytes.length - 30);
    writeFileSync(join(out, 'broken.tif'), bytes);
    for (const name of ['x.npy', 'x.zarr']) {
      const run = await runCube(['read', 'broken.tif', '-o', name], { cwd: out });
      expect(run).toMatchObject({ code: 5, stdout: '' });
      expect(run.stderr).toMatch(/^cube: invalid-data: /);
    }
    expect(readdirSync(out)).toEqual(['broken.tif']);
  });

  it('names what it does not read', async () => {
    const out = fresh('unsupported');
    const jpegXl = { tag: 259, type: 3, values: [50_002] };
    const path = tiff('jxl.tif', { width: 16, height: 16, value: () => 0, tags: [jpegXl] });
    const run = await runCube(['read', path, '-o', 'x.npy', '--json'], { cwd: out });
    expect(run.code).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { kind: 'unsupported' } });
    expect(run.stderr).toMatch(/^cube: unsupported: /);
  });
});

describe('cube read of Zarr arrays', () => {
  function store(name: string, objects: Readonly<Record<string, object | Uint8Array>>): string {
    for (const [key, content] of Object.entries(objects)) {
      const path = join(folder, name, key);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content instanceof Uint8Array ? content : JSON.stringify(content));
    }
    return join(folder, name);
  }
  const codecs = [{ name: 'bytes', configuration: { endian: 'little' } }];
  const array = (shape: number[], chunk: number[], type: string, fill: unknown) => ({
    ...arrayV3({ shape, dtype: type, chunk }),
    data_type: type,
    fill_value: fill,
    codecs,
  });

  it('keeps half floats, booleans and the shape of any number of dimensions', async () => {
    const out = fresh('types');
    const halves = Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b); // 1, -2, the least and the largest
    const half = store('half.zarr', { 'zarr.json': array([3, 2], [2, 2], 'float16', 'NaN'), 'c/0/0': halves });
    expect(await runCube(['read', half, '-o', 'half.npy'], { cwd: out })).toMatchObject({ code: 0 });
    const read = readNpy(join(out, 'half.npy'));
    expect([read.descr, read.shape]).toEqual(['<f2', [3, 2]]);
    expect([...read.bytes]).toEqual([...halves, 0x00, 0x7e, 0x00, 0x7e]);
    const bool = store('bool.zarr', { 'zarr.json': array([4], [3], 'bool', true), 'c/0': Uint8Array.of(0, 1, 0) });
    expect(await runCube(['read', bool, '-o', 'bool.npy'], { cwd: out })).toMatchObject({ code: 0 });
    const flags = readNpy(join(out, 'bool.npy'));
    expect([flags.descr, flags.shape, [...flags.bytes]]).toEqual(['|b1', [4], [0, 1, 0, 1]]);
  });

  it('goes from .zarr to .zarr and .npy with the same samples, whatever the chunks', async () => {
    const out = fresh('cube');
    const shape = [5, 4, 6, 7];
    const chunk = [2, 3, 4, 5];
    const objects: Record<string, object | Uint8Array> = { 'zarr.json': array(shape, chunk, 'int32', -7) };
    // One chunk is missing, the others count on.
    for (let i = 1; i < 24; i++) {
      const [a, b, c, d] = [Math.floor(i / 8), Math.floor(i / 4) % 2, Math.floor(i / 2) % 2, i % 2];
      const samples = Int32Array.from({ length: 120 }, (_, j) => i * 1000 + j);
      objects[`c/${a}/${b}/${c}/${d}`] = new Uint8Array(samples.buffer);
    }
    const path = store('four.zarr', objects);
    const expected = await zarrSamples(path);
    await runCube(['read', path, '-o', 'copy.zarr'], { cwd: out });
    await runCube(['read', path, '-o', 'copy.npy'], { cwd: out });
    expect(await zarrSamples(join(out, 'copy.zarr/data'))).toEqual(expected);
    const { shape: written, bytes } = readNpy(join(out, 'copy.npy'));
    expect(written).toEqual(shape);
    expect(bytes.equals(Buffer.from(expected.buffer, expected.byteOffset, expected.byteLength))).toBe(true);
  });

  it('refuses numbers that are none', async () => {
    const out = fresh('complex');
    const path = store('complex.zarr', { 'zarr.json': array([3], [3], 'complex64', [0, 0]) });
    const run = await runCube(['read', path, '-o', 'x.npy'], { cwd: out });
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr).toMatch(/^cube: unsupported: .*complex64/);
  });
});

async function zarrSamples(path: string) {
  const sources = createSources();
  try {
    const [level] = (await openZarr(sources, path)).levels;
    return await readWholeArray(level!, sources, { maxSamples: 2 ** 20 });
  } finally {
    await sources.close();
  }
}

describe('cube read of what is larger than memory should be', () => {
  /** Node, the addon, a box and the tiles that are kept. */
  const LIMIT = 320 * MIB;
  const image = (side: number): ImageSpec => ({
    width: side,
    height: side,
    dtype: 'uint16',
    value: ({ row, col }) => (row * 7 + col) % 60_000,
    tile: { width: 512, height: 512 },
    compression: 'deflate',
    sparse: (chunk) => chunk % 97 !== 0,
  });

  it('streams 512 MiB to .npy', async () => {
    const run = await runCube(['read', tiff('large.tif', image(16_384)), '-o', join(fresh('large'), 'large.npy')]);
    expect(run.code).toBe(0);
    expect(run.peakBytes).toBeLessThan(LIMIT);
  });

  it('streams 1.1 GiB to .zarr', async () => {
    const run = await runCube(['read', tiff('huge.tif', image(24_576)), '-o', join(fresh('huge'), 'huge.zarr')]);
    expect(run.code).toBe(0);
    expect(run.peakBytes).toBeLessThan(LIMIT);
  });

  it('streams bands of strips as wide as the image', async () => {
    const strips: ImageSpec = {
      width: 200_000,
      height: 512,
      bands: 3,
      planar: true,
      value: ({ col }) => col % 251,
      rowsPerStrip: 1,
      compression: 'deflate',
      sparse: (chunk) => chunk % 64 !== 0,
    };
    const run = await runCube(['read', tiff('wide.tif', strips), '-o', join(fresh('wide'), 'wide.zarr')]);
    expect(run.code).toBe(0);
    expect(run.peakBytes).toBeLessThan(LIMIT);
  });
});

describe('cube read over HTTP', () => {
  it('stops at Ctrl-C with code 130 and leaves nothing', async () => {
    const out = fresh('interrupted');
    const image = { width: 1024, height: 2048, value: ({ col }: { col: number }) => col % 251 };
    const bytes = writeTiff({ images: [{ ...image, tile: { width: 256, height: 256 } }] });
    // The header is answered, what lies in the second half never.
    let ask = () => {};
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const server = createServer((request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
      const from = Number(first ?? 0);
      const to = Math.min(bytes.length - 1, last === undefined || last === '' ? bytes.length - 1 : Number(last));
      if (to > bytes.length / 2) return ask();
      const headers = { 'content-range': `bytes ${from}-${to}/${bytes.length}`, etag: '"1"' };
      response.writeHead(206, headers).end(bytes.subarray(from, to + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scene.tif`;
    const run = await runCube(['read', url, '-o', 'x.npy', '--json'], { cwd: out, interruptAt: asked });
    server.closeAllConnections();
    server.close();
    expect(run).toMatchObject({ code: 130, stderr: expect.stringContaining('stopping; nothing is left behind') });
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { kind: 'aborted' } });
    expect(readdirSync(out)).toEqual([]);
  });
});
