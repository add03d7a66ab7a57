import { describe, expect, it } from 'vitest';
import { arrayDocument } from '../../../src/cube/writer/array-json.js';
import { problemOf } from '../../../src/errors.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { openRaster } from '../../../src/raster/open.js';
import { readPlane } from '../../../src/raster/read-plane.js';

const ROOT = 'https://example.com/v1/a.zarr';
const json = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

function store(manifest: unknown, transformer: unknown = { manifest: './manifest.json' }, files: object = {}) {
  return createMemorySources({
    [`${ROOT}/zarr.json`]: json({
      ...arrayDocument({
        shape: [2, 4],
        dtype: 'uint8',
        chunkShape: [2, 2],
        fill: 9,
        codecs: [{ name: 'bytes' }],
        attributes: {},
        dimensions: ['y', 'x'],
      }),
      storage_transformers: [{ name: 'chunk-manifest-json', configuration: transformer }],
    }),
    [`${ROOT}/manifest.json`]: json(manifest),
    'https://example.com/x.bin': Uint8Array.of(0, 1, 2, 3, 4),
    ...files,
  });
}

async function pixels(sources: ReturnType<typeof store>): Promise<number[]> {
  const raster = await openRaster(sources, ROOT);
  const window = { col: 0, row: 0, width: 4, height: 2 };
  return Array.from(await readPlane(raster.levels[0]!, { at: [0, 0], window }, sources), Number);
}

const entry = (path: string, offset: unknown = 1, length: unknown = 4) => ({ '0.1': { path, offset, length } });

describe('a Zarr array with a chunk manifest', () => {
  it.each([
    ['absolute', entry('https://example.com/x.bin')],
    ['relative', entry('../../x.bin')],
    ['with a missing chunk', { ...entry('https://example.com/x.bin'), '0.0': { path: '', offset: 0, length: 0 } }],
  ])('is read: %s', async (_, manifest) => {
    expect(await pixels(store(manifest))).toEqual([9, 9, 1, 2, 9, 9, 3, 4]);
  });

  it.each([
    ['an entry without a length', entry('https://example.com/x.bin', 0, null), 'invalid-data'],
    ['a negative offset', entry('https://example.com/x.bin', -1), 'invalid-data'],
    ['another key', { 'c/0/1': entry('https://example.com/x.bin')['0.1'] }, 'invalid-data'],
    ['no JSON', '{', 'invalid-data'],
    ['a local file', entry('file:///etc/passwd'), 'forbidden'],
    ['a private address', entry('http://169.254.169.254/x'), 'forbidden'],
    ['a range behind the end', entry('https://example.com/x.bin', 3), 'invalid-data'],
  ])('is an error by name: %s', async (_, manifest, kind) => {
    const error: unknown = await pixels(store(manifest)).catch((thrown: unknown) => thrown);
    expect(problemOf(error)).toMatchObject({ kind });
  });

  it('is refused where its manifest is elsewhere, and is not there', async () => {
    const elsewhere = await pixels(store({}, { manifest: '../other.json' })).catch((error: unknown) =>
      problemOf(error),
    );
    expect(elsewhere).toMatchObject({ kind: 'unsupported', feature: expect.stringContaining('other.json') });
    const sources = store({});
    const absent = { ...sources, open: (url: string) => sources.open(url.replace('manifest', 'absent')) };
    expect(await pixels(absent).catch((error: unknown) => problemOf(error))).toMatchObject({ kind: 'not-found' });
  });

  it('tells a file that has changed since', async () => {
    const files = { 'https://example.com/x.bin': { size: 6, etag: null } };
    const transformer = { manifest: './manifest.json', heliocube: { files } };
    const error: unknown = await pixels(store(entry('https://example.com/x.bin'), transformer)).catch(
      (e: unknown) => e,
    );
    expect(problemOf(error)).toMatchObject({ kind: 'changed' });
  });
});
