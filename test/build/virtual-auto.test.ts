import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import type { BuildInput } from '../../src/build/build-input.js';
import { queryLake } from '../../src/lake/query.js';
import { temporaryFolder } from '../lake/temporary.js';
import { icechunkAbsent, suiteName } from '../native/icechunk-store.js';
import { extentOf, SIDE, smallTiff, writeItems, type SmallImage } from './small-items.js';
import { pixelsOf, pythonPixels, repositoryContent } from './virtual-content.js';

const folder = temporaryFolder();

type Pixel = { readonly row: number; readonly col: number };
const ramp = (by: number) => (pixel: Pixel) => pixel.row * SIDE + pixel.col + by;
/** Deflate and predictor 2, as most COGs are; missing tiles and nodata are 0. */
const packed = (image: Partial<SmallImage>): SmallImage => ({
  value: ramp(1),
  nodata: 0,
  compression: 'deflate',
  predictor: 2,
  ...image,
});

type Row = { readonly array: string; readonly t: number; readonly y: number; readonly x: number };
type StorageRow = Row & { readonly state: string; readonly storage: string | null; readonly reason: string | null };

const cubeOf = (name: string): string => join(folder, name, 'cube.icechunk');

function build(name: string, spec: object, virtual: string | null, more: Partial<BuildInput> = {}) {
  const cube = { icechunk: 'any', ...(virtual === null ? {} : { virtual }) };
  const fixed = { grid: { crs: 'EPSG:32633', resolution: 10, extent: extentOf(0, 0, SIDE, SIDE), chunk: 16 } };
  const document = { name: 'auto', ...fixed, ...spec, output: { cube } };
  return buildCube({ spec: document as never, folder, out: join(folder, name), workers: 0, ...more });
}

/** The ledger of a build. */
async function ledger(name: string): Promise<StorageRow[]> {
  const lake = { catalog: join(folder, name, 'lake.ducklake'), dataPath: join(folder, name, 'lake/') };
  const columns = '"array", time_index, y_index, x_index, state, storage, storage_reason';
  const { rows } = await queryLake(lake, `SELECT ${columns} FROM chunks ORDER BY ALL`);
  return rows.map(([array, t, y, x, state, storage, reason]) => ({
    array: String(array),
    t: Number(t),
    y: Number(y),
    x: Number(x),
    state: String(state),
    storage: storage as string | null,
    reason: reason as string | null,
  }));
}

/** Reasons of an array's chunks by place, of one time step: [[upper left, upper right], [lower left, lower right]]. */
async function reasonsOf(name: string, array: string, time = 0): Promise<(string | null)[][]> {
  const rows = (await ledger(name)).filter((row) => row.array === array && row.t === time);
  const width = Math.max(...rows.map(({ x }) => x)) + 1;
  const height = Math.max(...rows.map(({ y }) => y)) + 1;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => rows.find((row) => row.y === y && row.x === x)?.reason ?? null),
  );
}

/** Build with and without references and compare every pixel, in our reader and, of the bands, in Python. */
async function bothWays(
  name: string,
  spec: { readonly bands: readonly string[]; readonly [key: string]: unknown },
  python = true,
): Promise<BuildSummary> {
  await build(`${name}-plain`, spec, null);
  const summary = await build(name, spec, 'auto');
  for (const array of [...spec.bands, 'reason']) {
    const expected = await pixelsOf(cubeOf(`${name}-plain`), array);
    expect(Buffer.compare(await pixelsOf(cubeOf(name), array), expected), array).toBe(0);
    const read = python && array !== 'reason' ? await pythonPixels(cubeOf(name), array) : null;
    if (read !== null) expect(Buffer.compare(read, expected), array).toBe(0);
  }
  return summary;
}

function items(name: string, images: readonly { readonly [band: string]: SmallImage }[], sameDay = false): string {
  return writeItems(
    folder,
    name,
    images.map((bands, i) => ({
      id: `item${i}`,
      datetime: `2024-06-0${sameDay ? 1 : i + 1}T10:00:00Z`,
      images: bands,
    })),
  );
}

describe.skipIf(icechunkAbsent !== null)(suiteName('a build with virtual: auto'), () => {
  it('refers to tiles that lie under chunks, and says so in ledger and summary', async () => {
    const stac = items('aligned', [{ v: packed({}) }, { v: packed({ value: ramp(7) }) }]);
    const summary = await bothWays('aligned', { source: { stac }, bands: ['v'] });
    for (const time of [0, 1]) {
      expect(await reasonsOf('aligned', 'v', time)).toEqual([
        ['aligned', 'aligned'],
        ['aligned', 'aligned'],
      ]);
    }
    const rows = await ledger('aligned');
    const native = rows.length - 8;
    expect(summary.storage).toMatchObject({ virtual: 8, native, reasons: { aligned: 8 } });
    expect(summary.counts.objects).toBe(
      rows.filter(({ state, storage }) => state === 'stored' && storage === 'native').length,
    );
    expect(rows.filter(({ array }) => array === 'reason').every(({ storage }) => storage === 'native')).toBe(true);
    const found = Object.entries(await repositoryContent(cubeOf('aligned'))).filter(([key]) => key.startsWith('v/c/'));
    expect(found).toHaveLength(8);
    for (const [, reference] of found) {
      expect(reference).toEqual([
        expect.stringMatching(/^file:\/\/.*aligned-item\d-v\.tif$/),
        { kind: 'last-modified', timeMs: expect.any(Number) },
        expect.any(Number),
        expect.any(Number),
      ]);
    }
  });

  it('says nothing where nobody asks', async () => {
    const stac = items('silent', [{ v: packed({}) }]);
    for (const [name, virtual] of [
      ['silent-none', 'none'],
      ['silent', null],
    ] as const) {
      const summary = await build(name, { source: { stac }, bands: ['v'] }, virtual);
      expect(summary.storage).toBeNull();
      expect((await ledger(name)).every(({ storage, reason }) => storage === null && reason === null)).toBe(true);
      expect(readFileSync(`${cubeOf(name)}.journal`, 'utf8')).not.toMatch(/"storage(Reason)?":"(native|virtual)/);
    }
    expect((await build('silent', { source: { stac }, bands: ['v'] }, null, { resume: true })).planHash).toBe(
      (await build('silent-none', { source: { stac }, bands: ['v'] }, 'none', { resume: true })).planHash,
    );
  });

  it('keeps chunks that another band, nodata or a missing tile changes', async () => {
    const w = packed({
      value: (pixel) => (pixel.row < 8 && pixel.col >= 16 ? 0 : ramp(3)(pixel)),
      sparse: (i) => i === 2,
    });
    const stac = items('gaps', [{ v: packed({}), w, f: packed({ dtype: 'float32', predictor: 3, nodata: -9 }) }]);
    await bothWays('gaps', { source: { stac }, bands: ['v', 'w', 'f'] });
    expect(await reasonsOf('gaps', 'v')).toEqual([
      ['aligned', 'nodata'],
      ['empty', 'aligned'],
    ]);
    // The missing data of w is what its tile holds too.
    expect(await reasonsOf('gaps', 'w')).toEqual([
      ['aligned', 'aligned'],
      ['empty', 'aligned'],
    ]);
    expect(await reasonsOf('gaps', 'f')).toEqual([
      ['aligned', 'nodata'],
      ['empty', 'aligned'],
    ]);
  });

  it('keeps masked chunks, and the mask’s own band stays a reference', async () => {
    const m = packed({ dtype: 'uint8', value: ({ row, col }) => (row < 3 && col < 3 ? 9 : 4) });
    const stac = items('masked', [{ v: packed({}), m }]);
    await bothWays('masked', { source: { stac }, bands: ['v', 'm'], mask: { band: 'm', values: [9] } });
    expect(await reasonsOf('masked', 'v')).toEqual([
      ['masked', 'aligned'],
      ['aligned', 'aligned'],
    ]);
    expect((await reasonsOf('masked', 'm')).flat()).toEqual(['aligned', 'aligned', 'aligned', 'aligned']);
  });

  it('keeps mosaics of two items and takes the tile that fills a chunk alone', async () => {
    const left = packed({ value: (pixel) => (pixel.col < 20 ? ramp(1)(pixel) : 0) });
    const stac = items('mosaic', [{ v: left }, { v: packed({ value: ramp(5000) }) }], true);
    await bothWays('mosaic', { source: { stac }, bands: ['v'] });
    expect(await reasonsOf('mosaic', 'v')).toEqual([
      ['aligned', 'mosaic'],
      ['aligned', 'mosaic'],
    ]);
    const beside = items('beside', [{ v: packed({ col: -16 }) }, { v: packed({ col: 16, value: ramp(9) }) }], true);
    await bothWays('beside', { source: { stac: beside }, bands: ['v'] });
    expect((await reasonsOf('beside', 'v')).flat()).toEqual(['aligned', 'aligned', 'aligned', 'aligned']);
    await bothWays('median', { source: { stac }, bands: ['v'], mosaic: 'median' });
    expect((await reasonsOf('median', 'v')).flat()).toEqual(['composite', 'composite', 'composite', 'composite']);
  });

  it('has one chain of codecs an array, that of most tiles', async () => {
    const stac = items('chains', [
      { v: packed({ compression: 'none', predictor: 1 }) },
      { v: packed({ value: ramp(4) }) },
      { v: packed({ value: ramp(5) }) },
      { v: packed({ value: ramp(6), littleEndian: false }) },
      { v: packed({ value: ramp(6), compression: 'lzw' }) },
    ]);
    await bothWays('chains', { source: { stac }, bands: ['v'] });
    const reasons = await Promise.all(
      [0, 1, 2, 3, 4].map(async (time) => (await reasonsOf('chains', 'v', time))[0]![0]),
    );
    expect(reasons).toEqual(['other codec', 'aligned', 'aligned', 'other codec', 'other codec']);
    const { codecs } = JSON.parse(
      Buffer.from((await repositoryContent(cubeOf('chains')))['v/zarr.json'] as string, 'hex').toString(),
    );
    expect(codecs.map(({ name }: { name: string }) => name)).toEqual([
      'HorizontalDeltaCodec',
      'bytes',
      'numcodecs.zlib',
    ]);
  });

  it.each([
    ['none', 1, true],
    ['none', 1, false],
    ['deflate', 1, false],
    ['deflate', 2, false],
    ['lzw', 2, true],
    ['packbits', 1, true],
  ] as const)(
    'writes chunks beside tiles of %s, predictor %i, little endian %s',
    async (compression, predictor, littleEndian) => {
      const name = `beside-${compression}-${predictor}-${littleEndian}`;
      const value = (pixel: Pixel) => (pixel.col === 3 && pixel.row === 3 ? 0 : ramp(1)(pixel));
      const v = packed({ compression, predictor, littleEndian });
      const stac = items(name, [{ v, w: packed({ value }) }]);
      await bothWays(name, { source: { stac }, bands: ['v', 'w'] });
      expect((await reasonsOf(name, 'v')).flat()).toEqual(['nodata', 'aligned', 'aligned', 'aligned']);
    },
  );

  it('names what keeps a chunk from being a tile', async () => {
    const stac = items('other', [{ v: packed({}) }]);
    const first = async (name: string, spec: object) => {
      await bothWays(name, { source: { stac }, bands: ['v'], ...spec }, false);
      return (await reasonsOf(name, 'v'))[0]![0];
    };
    const grid = { crs: 'EPSG:32633', resolution: 10, chunk: 16 };
    const at = (extent: number[], more: object = {}) => ({ grid: { ...grid, extent, ...more } });
    expect(await first('shifted', at(extentOf(4, 0, 16, 16)))).toBe('not on tile');
    expect(await first('large', at(extentOf(0, 0, SIDE, SIDE), { chunk: 32 }))).toBe('other chunk shape');
    expect(await first('coarse', at(extentOf(0, 0, SIDE, SIDE), { resolution: 20 }))).toBe('resampled');
    expect(await first('typed', { dtype: 'int32' })).toBe('other dtype');
    expect(await first('scaled', { scale: true })).toBe('scaled');
    expect(await first('outside', at(extentOf(-16, 0, 32, 32)))).toBe('empty');
    // Pixels outside the grid do not matter: the tile reaches over its edge.
    expect(await first('edge', at(extentOf(0, 0, 24, 24)))).toBe('aligned');
    expect(await first('renamed', { nodata: 65_535 })).toBe('aligned');
  });

  it('does the tasks of a changed file again, and keeps references from the receipts', async () => {
    const gap = (pixel: Pixel) => (pixel.row === 20 && pixel.col === 20 ? 0 : ramp(2)(pixel));
    const stac = items('changing', [
      { v: packed({}), w: packed({ value: gap }) },
      { v: packed({}), w: packed({}) },
    ]);
    const spec = { source: { stac }, bands: ['v', 'w'] };
    await build('changing', spec, 'auto');
    const hole = packed({ value: (pixel) => (pixel.row === 2 && pixel.col === 2 ? 0 : ramp(300)(pixel)) });
    writeFileSync(join(folder, 'changing-item1-v.tif'), smallTiff(hole));
    const resumed = await build('changing', spec, 'auto', { resume: true });
    expect(resumed.counts).toMatchObject({ tasks: 8, resumed: 4 });
    const clean = await build('changed', spec, 'auto');
    expect(resumed.storage).toEqual(clean.storage);
    expect(await reasonsOf('changing', 'w')).toEqual([
      ['aligned', 'aligned'],
      ['aligned', 'aligned'],
    ]);
    expect(await repositoryContent(cubeOf('changing'))).toEqual(await repositoryContent(cubeOf('changed')));
  });

  it('never stores a query', async () => {
    const { createServer } = await import('node:http');
    items('query', [{ v: packed({}) }]);
    const bytes = readFileSync(join(folder, 'query-item0-v.tif'));
    const server = createServer((request, response) => {
      const [, from, to] = /bytes=(\d+)-(\d+)?/.exec(request.headers.range ?? '') ?? [];
      const start = Number(from ?? 0);
      const end = Math.min(bytes.length - 1, Number(to ?? bytes.length - 1));
      const headers = {
        'accept-ranges': 'bytes',
        etag: '"one"',
        'content-range': `bytes ${start}-${end}/${bytes.length}`,
      };
      response.writeHead(206, { ...headers, 'content-length': end - start + 1 });
      response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as { port: number };
      const item = JSON.parse(readFileSync(join(folder, 'query.json'), 'utf8'));
      item.features[0].assets.v.href = `http://127.0.0.1:${port}/v.tif?sig=secret`;
      writeFileSync(join(folder, 'query.json'), JSON.stringify(item));
      await build('query', { source: { stac: join(folder, 'query.json') }, bands: ['v'] }, 'auto');
      expect((await reasonsOf('query', 'v')).flat()).toEqual(Array.from({ length: 4 }, () => 'query in URL'));
      expect(JSON.stringify(await repositoryContent(cubeOf('query')))).not.toContain('secret');
      item.features[0].assets.v.href = `http://127.0.0.1:${port}/v.tif`;
      writeFileSync(join(folder, 'query.json'), JSON.stringify(item));
      await build('plain-http', { source: { stac: join(folder, 'query.json') }, bands: ['v'] }, 'auto');
      expect((await reasonsOf('plain-http', 'v')).flat()).toEqual(Array.from({ length: 4 }, () => 'aligned'));
    } finally {
      server.close();
    }
  });
});
