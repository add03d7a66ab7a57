import { describe, expect, it } from 'vitest';
import { containersOf } from '../../src/cube/virtual/containers.js';
import { groupNames } from '../../src/cube/virtual/group-names.js';
import { kerchunkJson } from '../../src/cube/virtual/kerchunk-json.js';
import { sourcePlane } from '../../src/cube/virtual/source-plane.js';
import { stackPlanes } from '../../src/cube/virtual/stack-planes.js';
import type { ChunkRef, ChunkRefs } from '../../src/raster/chunk-ref.js';
import { chunkRef, type RasterLevel } from '../../src/raster/level.js';

/** 4 by 4 pixels in tiles of 2 by 2. */
function level(more: Partial<RasterLevel> = {}): RasterLevel {
  const refs: ChunkRefs = {
    kind: 'ranges',
    url: 'https://user:password@host/a.tif?sig=secret',
    offsets: Float64Array.of(100, 200, 300, 0),
    lengths: Float64Array.of(10, 20, 30, 0),
  };
  return {
    url: 'https://host/a.tif',
    identity: { size: 1000, etag: '"v1"' },
    dtype: 'uint16',
    shape: [4, 4, 1],
    chunkShape: [2, 2, 1],
    edge: 'padded',
    codecs: [{ name: 'bytes', endian: 'little' }],
    fill: 0,
    axes: { y: 0, x: 1, band: 2 },
    crs: { kind: 'epsg', code: 32_633 },
    transform: [10, 0, 500_000, 0, -10, 5_300_000],
    refs,
    ...more,
  };
}

function plane(of: RasterLevel, at: readonly number[] = [0, 0, 0]) {
  const found = sourcePlane(of, at);
  if ('refused' in found) throw new Error(found.refused.what);
  return found.plane;
}

function refusal(of: RasterLevel): string {
  const found = sourcePlane(of, [0, 0, 0]);
  if ('plane' in found) throw new Error('it was taken');
  return `${found.refused.property}: ${found.refused.what}`;
}

const STACK = { name: 'red', nodata: 0, coordinates: [], attributes: {} };

describe('a plane to refer to', () => {
  it('has its tiles by row and column', () => {
    expect(plane(level()).tileRef(1, 0)).toEqual({ kind: 'range', url: expect.any(String), offset: 300, length: 30 });
    expect(plane(level()).tileRef(1, 1)).toEqual({ kind: 'missing' });
  });

  it('takes one of several bands that are stored apart', () => {
    const lengths = Float64Array.from({ length: 8 }, () => 5);
    const offsets = Float64Array.from({ length: 8 }, (_, i) => 1000 + i);
    const planar = level({
      shape: [2, 4, 4],
      chunkShape: [1, 2, 2],
      axes: { band: 0, y: 1, x: 2 },
      refs: { kind: 'ranges', url: 'https://host/a.tif', offsets, lengths },
    });
    expect(plane(planar, [1, 0, 0]).tileRef(0, 1)).toMatchObject({ offset: 1005 });
  });

  it('cuts strips of plain samples, so that all chunks are whole', () => {
    const refs: ChunkRefs = {
      kind: 'ranges',
      url: 'https://host/a.tif',
      offsets: Float64Array.of(100, 1000),
      lengths: Float64Array.of(32, 16),
    };
    // 6 rows of 4 pixels of 2 bytes, in strips of 4 rows.
    const strips = level({ shape: [6, 4, 1], chunkShape: [4, 4, 1], edge: 'clipped', refs });
    const { tile, tileRef } = plane(strips);
    expect(tile).toEqual({ width: 4, height: 2 });
    expect([0, 1, 2].map((row) => tileRef(row, 0))).toMatchObject([
      { offset: 100, length: 16 },
      { offset: 116, length: 16 },
      { offset: 1000, length: 16 },
    ]);
  });

  const bytes = new Uint8Array(8);
  const list = (ref: ChunkRef): ChunkRefs => ({ kind: 'list', refs: [ref] });
  it.each<[string, Partial<RasterLevel>]>([
    ['dimensions: no x and y axes', { axes: null }],
    [
      'chunk shape: strips of 4 rows do not divide 6 rows',
      {
        shape: [6, 4, 1],
        chunkShape: [4, 4, 1],
        edge: 'clipped',
        codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }],
      },
    ],
    ['chunk shape: tiles hold 3 of 4 bands', { shape: [4, 4, 4], chunkShape: [2, 2, 3] }],
    [
      'chunk shape: tiles hold 5 entries of dimension 0',
      { shape: [10, 4, 4], chunkShape: [5, 2, 2], axes: { y: 1, x: 2, band: null } },
    ],
    ['codecs: codec webp', { codecs: [{ name: 'webp', samplesPerPixel: 3 }] }],
    ['chunks: chunks that are given as bytes', { refs: list({ kind: 'inline', bytes }) }],
    ['chunks: objects whose length is not known', { refs: list({ kind: 'object', url: 'https://host/0' }) }],
    [
      'chunks: objects whose length is not known',
      { refs: { kind: 'objects', base: 'https://host/', prefix: 'c', separator: '/' } },
    ],
    ['nodata: -9223372036854775808 has more digits than metadata holds', { dtype: 'int64', fill: -(2n ** 63n) }],
  ])('%s: refused', (words, more) => {
    expect(refusal(level(more))).toBe(words);
  });
});

describe('an array of planes', () => {
  it('holds no signature and no password, and tells the version of each file', () => {
    const array = stackPlanes({ ...STACK, planes: [plane(level()), null] });
    expect(array.refs.files).toEqual([{ url: 'https://host/a.tif', identity: { size: 1000, etag: '"v1"' } }]);
    const group = { path: '', attributes: {}, coordinates: [], arrays: [array] };
    expect([...kerchunkJson({ groups: [group] })].join('')).not.toMatch(/secret|password/);
  });

  it('has the references of each time step at its place, missing ones too', () => {
    const array = stackPlanes({ ...STACK, planes: [null, plane(level())] });
    expect(array).toMatchObject({ shape: [2, 4, 4], chunkShape: [1, 2, 2], dimensions: ['time', 'y', 'x'] });
    expect(chunkRef(array, [1, 0, 1])).toMatchObject({ kind: 'range', offset: 200, length: 20 });
    expect(chunkRef(array, [0, 0, 1])).toEqual({ kind: 'missing' });
    expect(chunkRef(array, [1, 1, 1])).toEqual({ kind: 'missing' });
  });

  it('keeps what guards a reference to a reference', () => {
    const guard = { notAfterMs: 1000, etag: null };
    const refs: ChunkRefs = {
      kind: 'files',
      files: [{ url: 'https://host/b.tif', identity: null, guard }],
      file: Uint32Array.of(1, 0, 0, 0),
      offsets: Float64Array.of(7, 0, 0, 0),
      lengths: Float64Array.of(8, 0, 0, 0),
    };
    const array = stackPlanes({ ...STACK, planes: [plane(level({ identity: null, refs }))] });
    expect(array.refs.files).toEqual([{ url: 'https://host/b.tif', identity: null, guard }]);
  });
});

describe('names of groups', () => {
  const grid = (x: number, resolution = 10) => ({
    crs: { kind: 'epsg', code: 32_633 } as const,
    transform: [resolution, 0, x, 0, -resolution, 0] as const,
    size: { width: 1, height: 1 },
  });
  it.each([
    [[grid(0)], ['']],
    [
      [grid(0), grid(0, 20)],
      ['EPSG_32633_10', 'EPSG_32633_20'],
    ],
    [
      [grid(0), grid(5)],
      ['EPSG_32633_10_0_0', 'EPSG_32633_10_5_0'],
    ],
    [
      [grid(0), { ...grid(0), size: { width: 2, height: 1 } }],
      ['EPSG_32633_10_0_0_1', 'EPSG_32633_10_0_0_2'],
    ],
    [
      [{ ...grid(0), crs: null, transform: null }, grid(0)],
      ['grid', 'EPSG_32633_10'],
    ],
  ])('%#', (grids, names) => {
    expect(groupNames(grids)).toEqual(names);
  });
});

describe('containers', () => {
  it('are the folder that holds all local files, an origin, a bucket', () => {
    const urls = ['file:///data/a/1.tif', 'file:///data/ab/2.tif', 's3://bucket/x/3.tif', 'https://host:8080/y/4.tif'];
    expect(containersOf(urls)).toEqual([
      { urlPrefix: 'file:///data/', store: { kind: 'local' } },
      { urlPrefix: 'https://host:8080/', store: { kind: 'http' } },
      { urlPrefix: 's3://bucket/', store: { kind: 's3' } },
    ]);
  });
});
