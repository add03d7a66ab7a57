import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CubeError } from '../../../src/errors.js';
import type { SourceFactory } from '../../../src/io/byte-source.js';
import { createSources } from '../../../src/io/sources.js';
import { chunkRef } from '../../../src/raster/level.js';
import { openZarr } from '../../../src/raster/zarr/open.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { hasShared, sharedPath } from '../../shared.js';
import { arrayV2, arrayV3, coordinateV3, groupV3, memoryStore, steps, STORE } from './memory-store.js';

const plane = (attributes: object = {}, size = 4) =>
  arrayV3({ shape: [size, size], dimensions: ['y', 'x'], attributes });
const text = arrayV3({ shape: [2, 2], dimensions: ['y', 'x'], dtype: 'string' });

/** Counts the reads of every URL. */
function counting(sources: SourceFactory): { sources: SourceFactory; urls: string[] } {
  const urls: string[] = [];
  const open = (url: string) => {
    urls.push(url);
    return sources.open(url);
  };
  return { sources: { open, close: () => sources.close() }, urls };
}

describe('which variable', () => {
  it('is the only raster of a consolidated group', async () => {
    const metadata = {
      data: plane(),
      x: arrayV3({ shape: [4], dimensions: ['x'] }),
      crs: arrayV3({ shape: [] }),
      name: text,
    };
    const raster = await openZarr(
      memoryStore({ 'zarr.json': groupV3({}, metadata), ...coordinateV3('x', steps(0, 1, 4)) }),
      STORE,
    );
    expect(raster.url).toBe(`${STORE}/data`);
    expect(raster.bands[0]!.name).toBe('data');
  });

  it('must be named where there are several, and the error names them', async () => {
    const store = memoryStore({ 'zarr.json': groupV3({}, { b: plane(), a: plane() }) });
    await expect(openZarr(store, STORE)).rejects.toThrow(/2 raster variables: a, b \(name one/);
    await expect(openZarr(store, STORE, { variable: 'c' })).rejects.toThrow(/no variable "c"; it has b, a/);
    expect((await openZarr(store, STORE, { variable: 'b' })).url).toBe(`${STORE}/b`);
  });

  it('must be named where nothing lists them', async () => {
    await expect(openZarr(memoryStore({ 'zarr.json': groupV3() }), STORE)).rejects.toThrow(
      /name one by --variable NAME, or as GROUP.zarr\/NAME/,
    );
  });

  it('is found in a local folder without consolidated metadata', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zarr-open-'));
    await mkdir(join(folder, 'my data'));
    await writeFile(join(folder, 'zarr.json'), JSON.stringify(groupV3()));
    await writeFile(join(folder, 'my data', 'zarr.json'), JSON.stringify(plane()));
    const sources = createSources();
    const raster = await openZarr(sources, folder);
    expect(raster.bands[0]!.name).toBe('my data');
    const samples = await readWholeArray(raster.levels[0]!, sources, { maxSamples: 16 });
    expect(samples).toEqual(new Float64Array(16));
    await sources.close();
    await rm(folder, { recursive: true });
  });

  it('may be a path below the group, or a group', async () => {
    const metadata = { g: groupV3(), 'g/h': groupV3(), 'g/h/data': plane() };
    const store = memoryStore({ 'zarr.json': groupV3({}, metadata) });
    expect((await openZarr(store, STORE, { variable: 'g/h/data' })).url).toBe(`${STORE}/g/h/data`);
    expect((await openZarr(store, STORE, { variable: 'g/h' })).url).toBe(`${STORE}/g/h/data`);
  });

  it('cannot leave the store', async () => {
    const store = memoryStore({
      'zarr.json': groupV3({}, { '../secret': plane(), a: plane({ grid_mapping: '../../crs' }) }),
    });
    for (const variable of ['../secret', '..', 'a//b', '/etc', 'a\\b']) {
      await expect(openZarr(store, STORE, { variable })).rejects.toThrow(/invalid-argument/);
    }
    expect((await openZarr(store, STORE, { variable: 'a' })).levels[0]!.crs).toBeNull();
  });
});

describe('stores', () => {
  it('are opened at the array too, with the coordinates beside it', async () => {
    const store = memoryStore({
      'zarr.json': groupV3({ 'proj:code': 'EPSG:32633' }),
      'v/zarr.json': plane(),
      ...coordinateV3('x', steps(5, 10, 4)),
      ...coordinateV3('y', steps(-5, -10, 4)),
    });
    const { levels } = await openZarr(store, `${STORE}/v/`);
    expect(levels[0]!.transform).toEqual([10, 0, 0, 0, -10, 0]);
    expect(levels[0]!.crs).toEqual({ kind: 'epsg', code: 32633 });
  });

  it('read consolidated metadata once, and nothing else', async () => {
    const { sources, urls } = counting(memoryStore({ 'zarr.json': groupV3({}, { v: plane() }) }));
    await openZarr(sources, STORE, { variable: 'v' });
    expect(urls).toEqual([`${STORE}/zarr.json`]);
  });

  it('of version 2 may be consolidated', async () => {
    const metadata = {
      '.zgroup': { zarr_format: 2 },
      'v/.zarray': arrayV2({ shape: [4, 4], chunk: [2, 2] }, { dimension_separator: '/', order: 'F' }),
      'v/.zattrs': { _ARRAY_DIMENSIONS: ['y', 'x'] },
    };
    const raster = await openZarr(memoryStore({ '.zgroup': { zarr_format: 2 }, '.zmetadata': { metadata } }), STORE);
    const [level] = raster.levels;
    expect(level!.codecs).toEqual([
      { name: 'bytes', endian: 'little' },
      { name: 'transpose', order: [1, 0] },
    ]);
    expect(chunkRef(level!, [1, 0])).toEqual({ kind: 'object', url: `${STORE}/v/1/0` });
  });

  it('that are none are not found; a query in the URL is refused', async () => {
    await expect(openZarr(memoryStore({}), STORE)).rejects.toThrow(/not-found.*no zarr.json/);
    await expect(openZarr(memoryStore({}), `${STORE}?sig=1`)).rejects.toThrow(/query or fragment/);
  });

  it('that hide absent keys behind 403 are read, and denied where nothing answers', async () => {
    const inner = memoryStore({
      '.zgroup': { zarr_format: 2 },
      '.zmetadata': { metadata: {} },
      'v/.zarray': arrayV2({ shape: [2, 2] }),
    });
    const denying = (sources: SourceFactory): SourceFactory => ({
      close: () => sources.close(),
      open: (url) => ({
        url,
        read: (range, options) =>
          sources
            .open(url)
            .read(range, options)
            .catch(() => Promise.reject(new CubeError({ kind: 'denied', url, status: 403 }))),
      }),
    });
    expect((await openZarr(denying(inner), `${STORE}/v`)).levels[0]!.shape).toEqual([2, 2]);
    await expect(openZarr(denying(memoryStore({})), STORE)).rejects.toThrow(/denied/);
  });
});

describe('what is refused by name', () => {
  const array = plane();
  it.each([
    ['complex64', { ...array, data_type: 'complex64' }],
    ['string', { ...array, data_type: 'string' }],
    ['chunk grid rectilinear', { ...array, chunk_grid: { name: 'rectilinear', configuration: {} } }],
    ['chunk key encoding custom', { ...array, chunk_key_encoding: 'custom' }],
    ['codec vlen-utf8', { ...array, codecs: ['vlen-utf8'] }],
    ['codec bz2', { ...array, codecs: ['bytes', 'numcodecs.bz2'], data_type: 'uint8' }],
    ['metadata member layout', { ...array, layout: { must_understand: true } }],
    ['storage transformers', { ...array, storage_transformers: [{ name: 'x' }] }],
    ['attribute _Unsigned', { ...array, data_type: 'int8', codecs: ['bytes'], attributes: { _Unsigned: 'true' } }],
  ])('%s', async (feature, metadata) => {
    await expect(openZarr(memoryStore({ 'zarr.json': metadata }), STORE)).rejects.toMatchObject({
      problem: { kind: 'unsupported', feature: expect.stringContaining(feature) as string },
    });
  });

  it('unknown members that need not be understood are passed over, short forms are read', async () => {
    const metadata = {
      ...array,
      data_type: 'uint8',
      codecs: ['bytes', 'crc32c'],
      chunk_key_encoding: 'v2',
      extra: { must_understand: false },
    };
    const { levels } = await openZarr(memoryStore({ 'zarr.json': metadata }), STORE);
    expect(levels[0]!.codecs).toEqual([{ name: 'crc32c' }, { name: 'bytes', endian: 'little' }]);
    expect(chunkRef(levels[0]!, [0, 0])).toEqual({ kind: 'object', url: `${STORE}/0.0` });
  });
});

describe('pyramids', () => {
  const level = (size: number, attributes: object = {}) => ({ ...plane(attributes, size) });
  const base = { 'spatial:transform': [10, 0, 0, 0, -10, 0] };

  it('give one level a resolution, finest first, placed by the layout', async () => {
    const layout = [
      { asset: '1', derived_from: '0', transform: { scale: [2, 2], translation: [0, 0] } },
      { asset: '0' },
      { asset: '2', 'spatial:transform': [40, 0, 0, 0, -40, 0] },
    ];
    const metadata = { '0': level(9, base), '1': level(5), '2': level(3) };
    const store = memoryStore({
      'zarr.json': groupV3({ multiscales: { layout }, 'proj:code': 'EPSG:3035' }, metadata),
    });
    const { levels, problems } = await openZarr(store, STORE);
    expect(levels.map(({ shape }) => shape)).toEqual([
      [9, 9],
      [5, 5],
      [3, 3],
    ]);
    expect(levels.map(({ transform }) => transform?.[0])).toEqual([10, 20, 40]);
    expect(levels.every(({ crs }) => crs?.kind === 'epsg' && crs.code === 3035)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('may have a group a resolution, and the older form of the attribute', async () => {
    const metadata = {
      r10: groupV3(),
      'r10/b02': level(8, base),
      'r10/b03': level(8, base),
      r20: groupV3(),
      'r20/b02': level(4),
    };
    const multiscales = [{ datasets: [{ path: 'r10' }, { path: 'r20' }] }];
    const store = memoryStore({ 'zarr.json': groupV3({ multiscales }, metadata) });
    const { levels } = await openZarr(store, STORE, { variable: 'b02' });
    expect(levels.map(({ url }) => url)).toEqual([`${STORE}/r10/b02`, `${STORE}/r20/b02`]);
    expect(levels[1]!.transform).toEqual([20, 0, 0, 0, -20, 0]);
    expect((await openZarr(store, STORE, { variable: 'b03' })).levels).toHaveLength(1);
    await expect(openZarr(store, STORE)).rejects.toThrow(/b02, b03/);
  });

  it('leave out what does not fit, and say so', async () => {
    const metadata = { '0': level(8, base), '1': arrayV3({ shape: [4, 4], dimensions: ['y', 'x'], dtype: 'int16' }) };
    const multiscales = { layout: [{ asset: '0' }, { asset: '1' }, { asset: '../0' }] };
    const { levels, problems } = await openZarr(
      memoryStore({ 'zarr.json': groupV3({ multiscales }, metadata) }),
      STORE,
    );
    expect(levels).toHaveLength(1);
    expect(problems.join()).toMatch(/entry 1 does not fit/);
  });
});

describe.skipIf(!hasShared)('a real cube', () => {
  it('has its lon/lat grid and its five times', async () => {
    const sources = createSources();
    const { levels, dimensions, problems } = await openZarr(
      sources,
      sharedPath('data/conformance/zarr/xcube-olci-cube-1-250-250.zarr'),
      { variable: 'conc_chl' },
    );
    expect(levels[0]!.crs).toEqual({ kind: 'epsg', code: 4326 });
    expect(levels[0]!.transform!.map((value) => Number(value.toFixed(6)))).toEqual([0.0025, 0, 0, 0, -0.0025, 52.5]);
    expect(dimensions[0]!.timesMs!.map((ms) => new Date(ms).toISOString().slice(0, 10))).toEqual([
      '2017-01-16',
      '2017-01-25',
      '2017-01-26',
      '2017-01-28',
      '2017-01-30',
    ]);
    expect(problems).toEqual([]);
    await sources.close();
  });
});
