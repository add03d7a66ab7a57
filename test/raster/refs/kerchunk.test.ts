import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isCubeError, type Problem } from '../../../src/errors.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { createSources } from '../../../src/io/sources.js';
import { openRaster } from '../../../src/raster/open.js';
import { readPlane } from '../../../src/raster/read-plane.js';
import { parseKerchunk, splitChunkKey } from '../../../src/raster/refs/parse-kerchunk.js';

const folder = mkdtempSync(join(tmpdir(), 'kerchunk-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ARRAY = {
  zarr_format: 2,
  shape: [2, 4],
  chunks: [2, 2],
  dtype: '|u1',
  compressor: null,
  filters: null,
  fill_value: 9,
  order: 'C',
};
const NAMES = { _ARRAY_DIMENSIONS: ['y', 'x'] };
const DATA = Uint8Array.of(0, 0, 1, 2, 3, 4, 5, 6, 7, 8);

/** A reference file beside its data; gives the reference file's path. */
function write(name: string, references: (data: string) => object): string {
  const data = join(folder, `${name}.bin`);
  writeFileSync(data, DATA);
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(references(data)));
  return path;
}

async function pixels(path: string, variable?: string): Promise<number[]> {
  const sources = createSources();
  try {
    const raster = await openRaster(sources, path, variable === undefined ? {} : { variable });
    const window = { col: 0, row: 0, width: 4, height: 2 };
    return Array.from(await readPlane(raster.levels[0]!, { at: [0, 0], window }, sources), Number);
  } finally {
    await sources.close();
  }
}

async function problem(promise: Promise<unknown>): Promise<Problem> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isCubeError(error)) throw new Error(`no CubeError but ${String(error)}`);
  return error.problem;
}

const documents = { '.zgroup': { zarr_format: 2 }, 'a/.zarray': ARRAY, 'a/.zattrs': NAMES };
const asText = Object.fromEntries(Object.entries(documents).map(([key, json]) => [key, JSON.stringify(json)]));

describe('kerchunk JSON', () => {
  it('version 1, metadata as text, chunks as ranges', async () => {
    const path = write('one', (data) => ({
      version: 1,
      refs: { ...asText, 'a/0.0': [data, 2, 4], 'a/0.1': [`file://${data}`, 6, 4] },
    }));
    expect(await pixels(path)).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });

  it('version 0, metadata as objects, chunks as bytes, text and whole files', async () => {
    const whole = join(folder, 'whole.bin');
    writeFileSync(whole, DATA.subarray(2, 6));
    const path = write('zero', () => ({
      ...documents,
      'a/0.0': [whole],
      'a/0.1': `base64:${Buffer.from([5, 6, 7, 8]).toString('base64')}`,
    }));
    expect(await pixels(path)).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
    const text = write('text', () => ({ ...documents, 'a/0.0': 'ABCD' }));
    expect(await pixels(text)).toEqual([65, 66, 9, 9, 67, 68, 9, 9]);
  });

  it('missing chunks hold the fill value; keys outside the grid are no chunks', async () => {
    const path = write('missing', (data) => ({
      ...documents,
      'a/0.1': [data, 6, 4],
      'a/5.5': [data, 0, 4],
      'a/0': [data, 0, 4],
    }));
    expect(await pixels(path)).toEqual([9, 9, 5, 6, 9, 9, 7, 8]);
  });

  it('templates are names for texts', async () => {
    const path = write('templates', (data) => ({
      version: 1,
      templates: { u: data },
      refs: { ...documents, 'a/0.0': ['{{u}}', 2, 4], 'a/0.1': ['{{ u }}', 6, 4] },
    }));
    expect(await pixels(path)).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });

  it('Zarr v3 keys and consolidated metadata', async () => {
    const metadata = {
      zarr_format: 3,
      node_type: 'array',
      shape: [2, 4],
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [2, 2] } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: 9,
      codecs: [{ name: 'bytes' }],
      dimension_names: ['y', 'x'],
    };
    const root = { zarr_format: 3, node_type: 'group' };
    const v3 = write('v3', (data) => ({ 'zarr.json': root, 'b/a/zarr.json': metadata, 'b/a/c/0/1': [data, 6, 4] }));
    expect(await pixels(v3, 'b/a')).toEqual([9, 9, 5, 6, 9, 9, 7, 8]);
    const consolidated = write('consolidated', (data) => ({
      '.zmetadata': JSON.stringify({ metadata: documents }),
      'a/0.0': [data, 2, 4],
    }));
    expect(await pixels(consolidated)).toEqual([1, 2, 9, 9, 3, 4, 9, 9]);
  });

  it.each([
    ['keys that are generated', { version: 1, gen: [{ key: 'a/{{i}}' }], refs: documents }, 'unsupported', /gen/],
    [
      'templates that compute',
      { version: 1, templates: {}, refs: { ...documents, 'a/0.0': ['{{f(i=1)}}', 0, 4] } },
      'unsupported',
      /template/,
    ],
    ['another version', { version: 2, refs: documents }, 'unsupported', /version 2/],
    ['negative offsets', { ...documents, 'a/0.0': ['x.bin', -1, 4] }, 'invalid-data', /a\/0\.0/],
    ['two numbers too few', { ...documents, 'a/0.0': ['x.bin', 1] }, 'invalid-data', /a\/0\.0/],
    ['a number for a chunk', { ...documents, 'a/0.0': 5 }, 'invalid-data', /a\/0\.0/],
    ['broken metadata', { ...documents, 'a/.zarray': '{' }, 'invalid-data', /JSON/],
    [
      'too many chunks',
      { ...documents, 'a/.zarray': { ...ARRAY, shape: [2 ** 30, 2 ** 20], chunks: [1, 1] } },
      'unsupported',
      /chunks/,
    ],
  ])('refuses %s', async (_what, json, kind, words) => {
    const found = await problem(
      pixels(
        write('refused', () => json),
        'a',
      ),
    );
    expect(found.kind).toBe(kind);
    expect(JSON.stringify(found)).toMatch(words);
  });

  it('a range behind the end of its file is an error, not fill', async () => {
    const path = write('behind', (data) => ({ ...documents, 'a/0.0': [data, 8, 4] }));
    expect(await problem(pixels(path))).toMatchObject({ kind: 'invalid-data' });
  });

  it.each(['file:///etc/passwd', '/etc/passwd', 'http://169.254.169.254/meta', 'http://localhost/a'])(
    'a remote file may not name %s',
    async (target) => {
      const text = new TextEncoder().encode(JSON.stringify({ ...documents, 'a/0.0': [target, 0, 4] }));
      const sources = createMemorySources({ 'https://example.com/refs.json': text });
      expect(await problem(openRaster(sources, 'https://example.com/refs.json', { variable: 'a' }))).toMatchObject({
        kind: 'forbidden',
      });
    },
  );

  it('a file relative to a remote reference file is there', async () => {
    const text = new TextEncoder().encode(JSON.stringify({ ...documents, 'a/0.0': ['tiles/x.bin', 0, 4] }));
    const sources = createMemorySources({ 'https://example.com/v1/refs.json': text });
    const raster = await openRaster(sources, 'https://example.com/v1/refs.json', { variable: 'a' });
    expect(raster.levels[0]!.refs).toMatchObject({ files: [{ url: 'https://example.com/v1/tiles/x.bin' }] });
  });

  it('any JSON gives a raster or a CubeError', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 }),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const key = fc.oneof(
      fc.constantFrom(
        'a/.zarray',
        'a/.zattrs',
        '.zgroup',
        'a/0.0',
        'zarr.json',
        'a/zarr.json',
        '../.zarray',
        '__proto__',
      ),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 8 }), fc.boolean(), async (entries, versioned) => {
        const json = versioned ? { version: 1, refs: { ...documents, ...entries } } : { ...documents, ...entries };
        const text = new TextEncoder().encode(JSON.stringify(json));
        const sources = createMemorySources({ 'https://example.com/refs.json': text });
        try {
          await openRaster(sources, 'https://example.com/refs.json', { variable: 'a' });
        } catch (error) {
          if (!isCubeError(error)) throw error;
        }
      }),
      { numRuns: 500, seed: 20_261_125 },
    );
  });
});

describe('keys of chunks', () => {
  it.each([
    ['a/0.0', 'a', '0.0'],
    ['a/b/0', 'a/b', '0'],
    ['a/b/c/0/1', 'a/b', 'c/0/1'],
    ['a/0/1', 'a', '0/1'],
    ['a/c', 'a', 'c'],
    ['2/red/0.1', '2/red', '0.1'],
    ['0.0', '', '0.0'],
  ])('%s belongs to the array "%s"', (key, path, chunk) => {
    expect(splitChunkKey(key)).toEqual({ path, chunk });
  });

  it('are those of arrays, whose names may be numbers', () => {
    const { chunks } = parseKerchunk({ '1/red/.zarray': ARRAY, '1/red/0.0': ['x', 0, 4] }, 'memory:a');
    expect([...chunks.keys()]).toEqual(['1/red']);
  });
});
