import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { scanReferences, type ScanInput } from '../../src/build/scan-references.js';
import { CubeError, problemOf } from '../../src/errors.js';
import { queryLake } from '../../src/lake/query.js';
import { startFaultServer, type FaultServer, type FaultServerOptions } from '../fault-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { buildSmall, samplesOf, SIDE, smallTiff, writeItems } from './small-items.js';

const folder = temporaryFolder();
let count = 0;
const place = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const newLake = () => join(folder, `lake-${++count}.ducklake`);
const ramp = (start: number) => smallTiff({ value: ({ row, col }) => start + row * SIDE + col });

/** No read is longer than it was asked for. */
const EXACT = { cacheBytes: 0, mergedBytes: 0 };

let server: FaultServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function serve(options: FaultServerOptions): Promise<FaultServer> {
  server = await startFaultServer(options);
  return server;
}

/** A server of files whose answers carry only what `headers` says of their version. */
function servePlain(file: () => Uint8Array, headers: () => Record<string, string>): Promise<FaultServer> {
  return serve({
    intercept: ({ range }, response) => {
      const bytes = file();
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
      const [from, to] = [Number(first), Math.min(Number(last), bytes.length - 1)];
      const extent = { 'content-range': `bytes ${from}-${to}/${bytes.length}` };
      response.writeHead(206, { ...extent, ...headers() }).end(bytes.subarray(from, to + 1));
      return true;
    },
  });
}

async function problemOfReading(href: string, lake: string): Promise<unknown> {
  const raster = await openRaster(href, { lake });
  try {
    return await raster.read().then(({ shape }) => shape, problemOf);
  } finally {
    await raster.close();
  }
}

async function rowsOf(lake: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await queryLake({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, sql)).rows;
}

describe('a raster that was scanned', () => {
  it('opens without a request, and reads the same samples with fewer', async () => {
    const { url, requests } = await serve({ files: { 'a.tif': ramp(0), 'b.tif': ramp(500) } });
    const lake = newLake();
    const report = await scanReferences({ hrefs: [`${url}a.tif`, `${url}b.tif`], lake });
    expect(report).toMatchObject({
      rasters: 2,
      added: 2,
      replaced: 0,
      unchanged: 0,
      levels: 2,
      references: 8,
      refused: [],
    });
    const before = requests.length;
    const raster = await openRaster(`${url}b.tif`, { lake, sources: EXACT });
    expect(raster.info.levels[0]!.shape).toEqual([SIDE, SIDE, 1]);
    expect(requests.length).toBe(before);
    const { data } = await raster.read();
    await raster.close();
    expect([data[0], data[data.length - 1]]).toEqual([500, 500 + SIDE * SIDE - 1]);
    // All that is asked for are tiles, none of which begins at the first byte.
    expect(requests.slice(before).every(({ range }) => range !== null && !range.startsWith('bytes=0-'))).toBe(true);
    const plain = await openRaster(`${url}b.tif`);
    expect(plain.info).toEqual(raster.info);
    await plain.close();
  });

  it('that the lake does not know is opened by its header', async () => {
    const { url } = await serve({ files: { 'a.tif': ramp(0), 'c.tif': ramp(7) } });
    const lake = newLake();
    await scanReferences({ hrefs: [`${url}a.tif`], lake });
    expect(await problemOfReading(`${url}c.tif`, lake)).toEqual([1, SIDE, SIDE]);
    // Without its query it may be another file.
    const signed = await openRaster(`${url}a.tif?token=1`, { lake });
    expect(server!.requests.at(-1)!.path).toBe('/a.tif?token=1');
    await signed.close();
  });

  it('E6 that has another ETag by now is `changed`, with the way out, and never mixed bytes', async () => {
    const files: Record<string, Uint8Array> = { 'a.tif': ramp(0) };
    const { url } = await serve({ files });
    const lake = newLake();
    await scanReferences({ hrefs: [`${url}a.tif`], lake });
    files['a.tif'] = ramp(1); // the same size
    expect(await problemOfReading(`${url}a.tif`, lake)).toMatchObject({
      kind: 'changed',
      url: `${url}a.tif`,
      fix: expect.stringContaining('cube refs scan'),
    });
    expect(await scanReferences({ hrefs: [`${url}a.tif`], lake })).toMatchObject({ replaced: 1, unchanged: 0 });
    expect(await problemOfReading(`${url}a.tif`, lake)).toEqual([1, SIDE, SIDE]);
  });

  it('E6 the same where a server tells nothing but the time of the last change, or the size', async () => {
    let [bytes, modified] = [ramp(0), Date.UTC(2024, 0, 1)];
    const { url } = await servePlain(
      () => bytes,
      () => ({ 'last-modified': new Date(modified).toUTCString() }),
    );
    const lake = newLake();
    await scanReferences({ hrefs: [`${url}a.tif`], lake });
    expect(await rowsOf(lake, 'SELECT last_modified FROM levels')).toEqual([[new Date(modified)]]);
    modified += 1000;
    expect(await problemOfReading(`${url}a.tif`, lake)).toMatchObject({ kind: 'changed' });
    modified -= 1000;
    expect(await problemOfReading(`${url}a.tif`, lake)).toEqual([1, SIDE, SIDE]);
    bytes = Uint8Array.of(...bytes, 0);
    expect(await problemOfReading(`${url}a.tif`, lake)).toMatchObject({ kind: 'changed' });
  });

  it('on a server that tells no version is never read unseen', async () => {
    const bytes = ramp(0);
    const { url, requests } = await servePlain(
      () => bytes,
      () => ({}),
    );
    const lake = newLake();
    expect(await scanReferences({ hrefs: [`${url}a.tif`], lake })).toMatchObject({ added: 1 });
    const before = requests.length;
    const raster = await openRaster(`${url}a.tif`, { lake });
    expect(requests.length).toBe(before + 1);
    await raster.close();
  });

  it('E6 that lies on the disk is `changed` by its time or its size', async () => {
    const lake = newLake();
    const path = join(folder, 'local.tif');
    writeFileSync(path, ramp(0));
    await scanReferences({ hrefs: [path], lake });
    expect(await problemOfReading(path, lake)).toEqual([1, SIDE, SIDE]);
    const { atime, mtime } = statSync(path);
    utimesSync(path, atime, new Date(mtime.getTime() + 5));
    expect(await problemOfReading(path, lake)).toMatchObject({
      kind: 'changed',
      url: pathToFileURL(path).href,
      fix: expect.stringContaining('cube refs scan'),
    });
    await scanReferences({ hrefs: [path], lake });
    expect(await problemOfReading(path, lake)).toEqual([1, SIDE, SIDE]);
    truncateSync(path, 3000);
    expect(await problemOfReading(path, lake)).toMatchObject({ kind: 'changed' });
  });
});

describe('scanning', () => {
  it('asks of what is known one byte, and goes on where it was stopped', async () => {
    const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.tif`, ramp(i)]));
    const { url, requests } = await serve({ files });
    const lake = newLake();
    const hrefs = Object.keys(files).map((name) => `${url}${name}`);
    await scanReferences({ hrefs: hrefs.slice(0, 4), lake });
    const before = requests.length;
    const report = await scanReferences({ hrefs, lake, sources: EXACT });
    expect(report).toMatchObject({ rasters: 6, added: 2, replaced: 0, unchanged: 4, levels: 2 });
    const asked = requests.slice(before).map(({ range }) => range);
    expect(asked.filter((range) => range === 'bytes=0-0').length).toBe(4);
    expect(asked.length).toBe(6);
    expect(await scanReferences({ hrefs, lake, again: true })).toMatchObject({ added: 0, replaced: 6, unchanged: 0 });
    expect(await rowsOf(lake, 'SELECT count(*) FROM levels')).toEqual([[6n]]);
  });

  it('keeps what is done when it is stopped', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.tif`, ramp(i)]));
    const stop = new AbortController();
    const { url } = await serve({ files });
    const lake = newLake();
    const hrefs = Object.keys(files).map((name) => `${url}${name}`);
    const onProgress = (done: number) => (done === 3 ? stop.abort() : undefined);
    const scan = scanReferences({ hrefs, lake, concurrency: 1, onProgress, signal: stop.signal });
    expect(problemOf(await scan.catch((error: unknown) => error))).toMatchObject({ kind: 'aborted' });
    expect(await scanReferences({ hrefs, lake })).toMatchObject({ added: 5, unchanged: 3 });
  });

  it('tells what it cannot store, and why: cut off, absent, of another format, with a secret in its URL', async () => {
    const whole = ramp(0);
    const files = {
      'cut.tif': whole.slice(0, whole.length - 100),
      'ok.tif': whole,
      'text.tif': Buffer.from('no raster at all'),
      'h5.tif': Buffer.from('\x89HDF\r\n\x1a\n....', 'latin1'),
    };
    const { url, requests } = await serve({ files });
    const lake = newLake();
    const names = ['cut.tif', 'ok.tif', 'text.tif', 'gone.tif', 'ok.tif?sig=hunter2'];
    const report = await scanReferences({ hrefs: names.map((name) => `${url}${name}`), lake });
    expect(report).toMatchObject({ rasters: 5, added: 1, references: 4 });
    expect(report.refused.map(({ href, problem }) => [href.slice(url.length), problem.kind])).toEqual([
      ['cut.tif', 'invalid-data'],
      ['gone.tif', 'not-found'],
      ['ok.tif', 'unsupported'],
      ['text.tif', 'invalid-data'],
    ]);
    expect(report.refused[0]!.problem).toMatchObject({ what: expect.stringMatching(/past the end.*cut off/) });
    expect(requests.some(({ path }) => path.includes('hunter2'))).toBe(false);
    expect(JSON.stringify(report)).not.toContain('hunter2');
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isFile()) expect(readFileSync(path).includes('hunter2'), name).toBe(false);
    }
  });

  it('reads items: the bands that are asked for, each file once, with its item', async () => {
    const value = () => 1;
    const items = writeItems(folder, 'scan', [
      { id: 'one', images: { red: { value }, nir: { value, overviews: [value] } } },
      { id: 'two', datetime: '2024-07-01T10:00:00Z', images: { red: { value }, scl: { value } } },
    ]);
    const lake = newLake();
    const input = { hrefs: [items], lake } satisfies ScanInput;
    const some = await scanReferences({ ...input, bands: ['red', 'nir'], datetime: '2024-06-01/2024-07-31' });
    expect(some).toMatchObject({ rasters: 3, added: 3, levels: 4 });
    expect(some.refused).toMatchObject([{ itemId: 'two', band: 'nir', problem: { kind: 'invalid-spec' } }]);
    const all = await scanReferences(input);
    expect(all).toMatchObject({ rasters: 4, added: 1, unchanged: 3, refused: [] });
    const rows = await rowsOf(lake, 'SELECT item_id, band, level, is_mask, shape FROM levels ORDER BY ALL');
    expect(rows.map((row) => row.slice(0, 4).join())).toEqual([
      'one,nir,0,false',
      'one,nir,1,false',
      'one,red,0,false',
      'two,red,0,false',
      'two,scl,0,false',
    ]);
    const nothing = await scanReferences({ ...input, datetime: '1999-01-01' }).catch((error: unknown) => error);
    expect(problemOf(nothing)).toMatchObject({ kind: 'no-data' });
  });

  it('keeps a file once, however its bands are called and whatever its catalogue says of it', async () => {
    writeFileSync(join(folder, 'three.tif'), ramp(3));
    const asset = (type?: string) => ({
      href: './three.tif',
      ...(type === undefined ? {} : { type }),
      bands: [{ name: 'r' }, { name: 'g' }],
    });
    const feature = {
      type: 'Feature',
      stac_version: '1.1.0',
      geometry: null,
      links: [],
      properties: { datetime: '2024-06-01T10:00:00Z' },
    };
    const item = {
      ...feature,
      id: 'many',
      assets: { rgb: asset('image/tiff; application=geotiff'), odd: asset('application/vnd+zarr') },
    };
    const path = join(folder, 'many.json');
    writeFileSync(path, JSON.stringify(item));
    const lake = newLake();
    const bands = ['rgb.1', 'rgb.2', 'odd.1', 'odd.2'];
    const report = await scanReferences({ hrefs: [path, join(folder, 'three.tif')], lake, bands });
    expect(report).toMatchObject({ added: 1, levels: 1, refused: [] });
    const raster = await openRaster(join(folder, 'three.tif'), { lake });
    expect(raster.info.levels.length).toBe(1);
    await raster.close();
  });

  it('does not read for a remote catalogue what it may not name', async () => {
    const local = join(folder, 'secret.tif');
    writeFileSync(local, ramp(0));
    const item = (href: string) => ({
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'evil',
      geometry: null,
      links: [],
      properties: { datetime: '2024-06-01T10:00:00Z' },
      assets: { v: { href, type: 'image/tiff' }, ok: { href: './ok.tif', type: 'image/tiff' } },
    });
    const { url } = await serve({
      files: { 'item.json': Buffer.from(JSON.stringify(item(pathToFileURL(local).href))), 'ok.tif': ramp(0) },
    });
    const report = await scanReferences({ hrefs: [`${url}item.json`], lake: newLake() });
    expect(report).toMatchObject({ added: 1, refused: [{ band: 'v', problem: { kind: 'forbidden' } }] });
  });

  it('asks whole objects that references name for their lengths', async () => {
    const array = { zarr_format: 2, shape: [2, 4], chunks: [2, 2], dtype: '|u1', compressor: null, filters: null };
    const documents = {
      '.zgroup': { zarr_format: 2 },
      'a/.zarray': { ...array, fill_value: 9, order: 'C' },
      'a/.zattrs': { _ARRAY_DIMENSIONS: ['y', 'x'] },
    };
    const refs = { ...documents, 'a/0.0': ['one.bin'], 'a/0.1': ['absent.bin'] };
    const json = Buffer.from(JSON.stringify({ version: 1, refs }));
    const { url } = await serve({ files: { 'refs.json': json, 'one.bin': Uint8Array.of(1, 2, 3, 4) } });
    const lake = newLake();
    const hrefs = [`${url}refs.json`];
    expect(await scanReferences({ hrefs, lake })).toMatchObject({ added: 1, refused: [], references: 2 });
    expect(await rowsOf(lake, 'SELECT lengths FROM cube.refs')).toEqual([[[4n, 0n]]]);
    expect(await scanReferences({ hrefs, lake })).toMatchObject({ added: 0, unchanged: 1 });
  });

  it('knows an array of a store again, by the URL of the store', async () => {
    const attributes = { 'spatial:transform': [10, 0, 0, 0, -10, 0], 'proj:code': 'EPSG:32633' };
    const array = {
      zarr_format: 3,
      node_type: 'array',
      shape: [2, 2],
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [2, 2] } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: 0,
      codecs: [{ name: 'bytes' }],
      dimension_names: ['y', 'x'],
      attributes,
    };
    const store = place('again.zarr');
    mkdirSync(join(store, 'a', 'c', '0'), { recursive: true });
    writeFileSync(join(store, 'zarr.json'), JSON.stringify({ zarr_format: 3, node_type: 'group', attributes: {} }));
    writeFileSync(join(store, 'a', 'zarr.json'), JSON.stringify(array));
    writeFileSync(join(store, 'a', 'c', '0', '0'), Uint8Array.of(1, 2, 3, 4));
    const lake = newLake();
    expect(await scanReferences({ hrefs: [store], lake })).toMatchObject({ added: 1, refused: [] });
    expect(await scanReferences({ hrefs: [store], lake })).toMatchObject({ added: 0, unchanged: 1, levels: 0 });
    writeFileSync(join(store, 'a', 'zarr.json'), JSON.stringify({ ...array, shape: [2, 1] }));
    expect(await scanReferences({ hrefs: [store], lake })).toMatchObject({ replaced: 1, unchanged: 0 });
    expect(await rowsOf(lake, 'SELECT shape FROM cube.levels')).toEqual([[[2n, 1n]]]);
  });

  it('names a lake that it cannot find the data of', async () => {
    const scan = scanReferences({ hrefs: ['a.tif'], lake: 'postgres:dbname=x password=hunter2' });
    await expect(scan).rejects.toThrow(CubeError);
    await expect(scan).rejects.toThrow(/data folder/);
    await expect(scan).rejects.not.toThrow(/hunter2/);
  });
});

/** Of one band of the items, on their grid, without a lake. */
function specOf(stac: string) {
  return { name: 'x', source: { stac }, output: { lake: 'none' }, bands: ['v'], grid: { extent: 'items' } };
}

describe('a build with a lake of references', () => {
  const images = { v: { value: ({ row, col }: { row: number; col: number }) => row * SIDE + col } };

  it('reads no header, and makes the same cube', async () => {
    const source = place('source');
    writeItems(source, 'items', [
      { id: 'a', images },
      { id: 'b', datetime: '2024-06-02T10:00:00Z', images },
    ]);
    const { url, requests } = await serve({ root: source });
    const lake = newLake();
    await scanReferences({ hrefs: [`${url}items.json`], lake, bands: ['v'] });
    await buildSmall(folder, 'plain', `${url}items.json`, {});
    const before = requests.length;
    const spec = specOf(`${url}items.json`);
    const summary = await buildCube({
      spec: spec as never,
      out: join(folder, 'indexed'),
      workers: 0,
      refs: lake,
      sources: EXACT,
    });
    expect(summary.status).toBe('complete');
    const asked = requests.slice(before).filter(({ path }) => path.endsWith('.tif'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every(({ range }) => range !== null && !range.startsWith('bytes=0-'))).toBe(true);
    expect(await samplesOf(folder, 'indexed')).toEqual(await samplesOf(folder, 'plain'));
  });

  it('E6 stops at a file that has changed, with the way out, and goes on after another scan', async () => {
    const source = place('drift');
    const items = writeItems(source, 'items', [{ id: 'a', images }]);
    const lake = newLake();
    await scanReferences({ hrefs: [items], lake });
    copyFileSync(join(source, 'items-a-v.tif'), join(source, 'copy.tif'));
    copyFileSync(join(source, 'copy.tif'), join(source, 'items-a-v.tif')); // another time
    const spec = specOf(items);
    const build = (resume: boolean) =>
      buildCube({ spec: spec as never, out: join(folder, 'drifted'), workers: 0, refs: lake, resume });
    const problem = problemOf(await build(false).catch((error: unknown) => error));
    expect(problem).toMatchObject({ kind: 'changed', fix: expect.stringContaining('cube refs scan') });
    await scanReferences({ hrefs: [items], lake });
    expect((await build(true)).status).toBe('complete');
  });

  it('asks whether files have changed where it is told to, and reads the headers of those alone', async () => {
    const source = place('checked');
    writeItems(source, 'items', [
      { id: 'a', images },
      { id: 'b', datetime: '2024-06-02T10:00:00Z', images },
    ]);
    const { url, requests } = await serve({ root: source });
    const lake = newLake();
    await scanReferences({ hrefs: [`${url}items.json`], lake, bands: ['v'] });
    const changed = { value: ({ row, col }: { row: number; col: number }) => 7 * row + col };
    writeFileSync(join(source, 'items-b-v.tif'), smallTiff(changed));
    const spec = specOf(`${url}items.json`);
    const before = requests.length;
    const build = { spec: spec as never, out: join(folder, 'checked'), workers: 0, refs: lake, sources: EXACT };
    expect((await buildCube({ ...build, refsCheck: true })).status).toBe('complete');
    const heads = (name: string) =>
      requests.slice(before).filter(({ path, range }) => path.endsWith(name) && range?.startsWith('bytes=0-') === true);
    expect(heads('items-a-v.tif').map(({ range }) => range)).toEqual(['bytes=0-0']);
    expect(heads('items-b-v.tif').length).toBeGreaterThan(1);
    const samples = await samplesOf(folder, 'checked');
    const expected = [images.v, changed].flatMap(({ value }) =>
      Array.from({ length: SIDE * SIDE }, (_, i) => value({ row: Math.floor(i / SIDE), col: i % SIDE })),
    );
    expect(samples).toEqual(expected);
  });

  it('says that there is no such lake', async () => {
    const items = writeItems(folder, 'nolake', [{ id: 'a', images }]);
    const spec = specOf(items);
    const build = buildCube({
      spec: spec as never,
      out: join(folder, 'never'),
      workers: 0,
      refs: join(folder, 'none.ducklake'),
    });
    await expect(build).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });
});
