import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemorySources } from '../../src/io/memory-source.js';
import { createSources } from '../../src/io/sources.js';
import { formatSummary, summariseRaster } from '../../src/raster/inspect.js';
import { openRaster } from '../../src/raster/open.js';
import { seededValue } from './cog/seeded.js';
import { writeTiff } from './cog/tiff-writer.js';

const tiff = writeTiff({
  images: [
    {
      width: 32,
      height: 16,
      tile: { width: 16, height: 16 },
      compression: 'deflate',
      value: seededValue(1, 200),
      sparse: (i) => i === 1,
    },
    { width: 16, height: 8, subfileType: 1, value: seededValue(2, 200) },
  ],
});
const text = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const array = {
  zarr_format: 3,
  node_type: 'array',
  shape: [4, 6],
  data_type: 'int16',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [4, 6] } },
  chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
  fill_value: 0,
  codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
  dimension_names: ['y', 'x'],
  attributes: {},
};
const folder = mkdtempSync(join(tmpdir(), 'heliocube-open-'));
const files = createSources();

afterAll(async () => {
  await files.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('openRaster', () => {
  const store = { 'http://host/data/zarr.json': text(array), 'http://host/data.zarr/zarr.json': text(array) };
  const sources = createMemorySources({
    ...store,
    'http://host/a.tif': tiff,
    'http://host/a.zarr': tiff,
    'http://host/download?id=7': tiff,
  });

  it('takes a page of a server that begins like JSON for no references, and broken references for what they are', async () => {
    const page = text('{ this is a listing }');
    const both = createMemorySources({ ...store, 'http://host/data': page, 'http://host/refs.json': page });
    expect((await openRaster(both, 'http://host/data')).driver).toBe('zarr');
    await expect(openRaster(both, 'http://host/refs.json')).rejects.toMatchObject({
      problem: { kind: 'invalid-data', what: expect.stringMatching(/^not JSON/) },
    });
  });

  it.each(['http://host/a.tif', 'http://host/a.zarr', 'http://host/download?id=7'])(
    'knows a TIFF by its content: %s',
    async (url) => {
      expect((await openRaster(sources, url)).driver).toBe('geotiff');
    },
  );

  it.each(['http://host/data', 'http://host/data/', 'http://host/data.zarr'])(
    'knows a Zarr array by its documents: %s',
    async (url) => {
      const raster = await openRaster(sources, url);
      expect(raster.driver).toBe('zarr');
      expect(raster.levels[0]!.shape).toEqual([4, 6]);
    },
  );

  it('ignores the variable of a GeoTIFF', async () => {
    expect((await openRaster(sources, 'http://host/a.tif', { variable: 'red' })).driver).toBe('geotiff');
  });

  it('opens a local folder as a store and a local file as a TIFF', async () => {
    writeFileSync(join(folder, 'zarr.json'), text(array));
    writeFileSync(join(folder, 'a.bin'), tiff);
    expect((await openRaster(files, folder)).driver).toBe('zarr');
    expect((await openRaster(files, join(folder, 'a.bin'))).driver).toBe('geotiff');
  });

  it('says what is missing or unknown', async () => {
    writeFileSync(join(folder, 'text.tif'), 'hello');
    const kinds = { 'absent.tif': 'not-found', 'text.tif': 'invalid-data', 'absent.zarr': 'not-found' };
    for (const [name, kind] of Object.entries(kinds)) {
      await expect(openRaster(files, join(folder, name)), name).rejects.toMatchObject({ problem: { kind } });
    }
  });

  it.each([
    ['CDF\x01', 'NetCDF classic files'],
    ['\0\0\0\x0cjP  \r\n', 'JPEG 2000 files'],
    ['\x89PNG\r\n', 'PNG files'],
  ])('refuses another format by name', async (start, feature) => {
    const other = createMemorySources({ 'memory:x': Uint8Array.from(Buffer.from(start, 'latin1')) });
    await expect(openRaster(other, 'memory:x')).rejects.toMatchObject({ problem: { kind: 'unsupported', feature } });
  });

  it('stops when the caller aborts', async () => {
    const signal = AbortSignal.abort();
    await expect(openRaster(sources, 'http://host/a.tif', { signal })).rejects.toMatchObject({
      problem: { kind: 'aborted' },
    });
  });
});

describe('inspect', () => {
  it('summarises levels without their references', async () => {
    const raster = await openRaster(createMemorySources({ 'memory:a.tif': tiff }), 'memory:a.tif');
    const summary = summariseRaster(raster);
    expect(summary.levels[0]).toMatchObject({
      size: { width: 32, height: 16 },
      chunks: 2,
      missing: 1,
      codecs: ['zlib', 'bytes'],
    });
    expect(summary.levels[1]).toMatchObject({ chunks: 1, missing: 0, storedBytes: 128, mask: false });
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
    expect(formatSummary(summary)).toContain('level 0    32 × 16, chunks of 16 × 16 × 1 (2, 1 missing,');
  });
});
