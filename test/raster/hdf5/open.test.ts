import { mkdtempSync, readFileSync, rmSync, writeFileSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CodecSpec } from '../../../src/codec/codec-spec.js';
import { fusedLayout } from '../../../src/codec/tile-coding.js';
import { createMemorySources } from '../../../src/io/memory-source.js';
import { createSources } from '../../../src/io/sources.js';
import { openHdf5Hierarchy } from '../../../src/raster/hdf5/hierarchy.js';
import { openHdf5, openHdf5Rasters } from '../../../src/raster/hdf5/open.js';
import { PageReader } from '../../../src/raster/hdf5/page-reader.js';
import { openRaster } from '../../../src/raster/open.js';
import { readPlane } from '../../../src/raster/read-plane.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { factoryOf, RecordingSource } from '../cog/recording-source.js';
import { fixture } from './fixtures.js';

const sources = createSources();
const folder = mkdtempSync(join(tmpdir(), 'hdf5-'));
afterAll(async () => {
  await sources.close();
  rmSync(folder, { recursive: true });
});

const hierarchyOf = (name: string) => openHdf5Hierarchy(sources.open(fixture(name)), {});
const attributesOf = async (file: string, path: string) => (await (await hierarchyOf(file)).node(path))!.attributes;

describe('a NetCDF-4 cube', () => {
  it('has axes, times, reference system, nodata, scale and offset by CF', async () => {
    const raster = await openRaster(sources, fixture('cube.nc'), { variable: 'packed' });
    expect(raster).toMatchObject({ driver: 'hdf5', problems: [] });
    expect(raster.bands).toEqual([
      { name: 'packed', dtype: 'int16', nodata: [-999], scale: 0.5, offset: 10, unit: 'K' },
    ]);
    const days = [0, 5, 12].map((day) => Date.UTC(2023, 0, 1 + day));
    expect(raster.dimensions).toEqual([
      { name: 't', size: 3, timesMs: days },
      { name: 'y', size: 6, timesMs: null },
      { name: 'x', size: 8, timesMs: null },
    ]);
    const [level] = raster.levels;
    expect(level).toMatchObject({
      crs: { kind: 'epsg', code: 32_633 },
      transform: [10, 0, 400_000, 0, -10, 5_000_060],
      axes: { y: 1, x: 2, band: null },
    });
    expect(level!.codecs.map(({ name }) => name)).toEqual(['zlib', 'shuffle', 'fletcher32', 'bytes']);
    const window = { col: 2, row: 1, width: 3, height: 2 };
    const plane = await readPlane(level!, { at: [2, 0, 0], window }, sources);
    const value = (row: number, col: number) => (((2 * 6 + row) * 8 + col) * 37) % 251;
    expect([...plane]).toEqual([1, 2].flatMap((row) => [2, 3, 4].map((col) => value(row, col) - 60)));
  });

  it('takes dimensions and the grid mapping of the root in a group', async () => {
    const raster = await openHdf5(sources, fixture('cube.nc'), { variable: 'inner/nested' });
    expect(raster.levels[0]).toMatchObject({ crs: { code: 32_633 }, transform: [10, 0, 400_000, 0, -10, 5_000_060] });
  });

  it('takes integers that are called unsigned as such', async () => {
    const raster = await openHdf5(sources, fixture('cube.nc'), { variable: 'unsigned' });
    expect(raster.bands).toMatchObject([{ dtype: 'uint8', nodata: [255] }]);
  });

  it('tells a variable from the dimension of its name', async () => {
    const raster = await openHdf5(sources, fixture('cube.nc'), { variable: 'site' });
    expect(raster.dimensions.map(({ name }) => name)).toEqual(['site', 'x']);
    const other = await openHdf5(sources, fixture('cube.nc'), { variable: 'flag' });
    expect(other.dimensions.map(({ name }) => name)).toEqual(['y', 'x']);
  });

  it('opens every raster of every group', async () => {
    const rasters = await openHdf5Rasters(sources, fixture('cube.nc'));
    const names = rasters.map(({ url }) => url.slice(url.indexOf('cube.nc/') + 8));
    expect(names.toSorted()).toEqual(['flag', 'grid', 'inner/nested', 'packed', 'unsigned']);
  });

  it('says which variables it has', async () => {
    const open = (variable?: string) =>
      openHdf5(sources, fixture('cube.nc'), variable === undefined ? {} : { variable });
    await expect(open()).rejects.toThrow(
      /5 raster variables: flag, grid, packed, unsigned, inner\/nested.*--variable NAME/,
    );
    await expect(open('absent')).rejects.toThrow(/not-found.*no variable "absent"; it has .*packed/);
    await expect(open('inner/packed')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    await expect(open('crs')).rejects.toMatchObject({
      problem: { kind: 'unsupported', feature: 'HDF5 data type: text of 1 bytes' },
    });
    const none = openHdf5(sources, fixture('sites.h5'));
    await expect(none).rejects.toThrow(/no-data.*no raster variable.*only .*ghi/);
  });
});

describe('an HDF5 file', () => {
  it('is found behind a user block', async () => {
    const raster = await openRaster(sources, fixture('layouts-user-block.h5'), { variable: 'contiguous' });
    expect(raster.levels[0]!.refs).toMatchObject({ kind: 'files' });
  });

  it('has links of all kinds, and no circles', async () => {
    for (const file of ['groups-old.h5', 'groups-new.h5']) {
      const hierarchy = await hierarchyOf(file);
      const known = hierarchy.known.filter((path) => !path.startsWith('many/')).toSorted();
      expect(known).toEqual(
        ['a', 'a/b', 'a/b/c', 'a/b/c/deep', 'a/b/up', 'a/shallow', 'hard', 'many', 'soft', 'ünïcode (m)'].toSorted(),
      );
      expect(hierarchy.known.filter((path) => path.startsWith('many/'))).toHaveLength(40);
      const [one, other] = await Promise.all(['a/shallow', 'hard'].map((path) => hierarchy.node(path)));
      expect(other).toEqual({ ...one, path: 'hard', url: other!.url });
      expect(other!.refs).toBe(one!.refs); // one index, read once
      expect(hierarchy.problemsOf('').toSorted()).toEqual([
        'group a/b/circle is another name of a group and is left out',
        'link nowhere to missing, which is no dataset, is left out',
        'link outside to another file, or of an unusual name or kind, is left out',
      ]);
    }
  });

  it('has attributes of every kind', async () => {
    for (const file of ['attributes-old.h5', 'attributes-new.h5']) {
      const few = await attributesOf(file, 'few');
      expect(Object.hasOwn(few, '__proto__')).toBe(true);
      expect(Object.fromEntries(Object.entries(few).filter(([name]) => name !== '__proto__'))).toEqual({
        text: 'vólume',
        fixed: 'fixed text',
        words: ['one', 'zwei', ''],
        number: Math.fround(0.1),
        one: 7,
        list: [0, '2305843009213693952', '4611686018427387904', '6917529027641081856', '9223372036854775808'],
        nan: 'NaN',
        big: [1.5, -2.5],
        half: 0.5,
        flag: 1,
        committed: 12,
      });
      const many = await attributesOf(file, 'many');
      const expected = Array.from({ length: 90 }, (_, i) => [
        `attribute_${String(i).padStart(3, '0')}`,
        i % 2 === 1 ? `value ${i}` : i * 0.5,
      ]);
      expect(many).toMatchObject(Object.fromEntries(expected));
    }
    const { long, longer } = await attributesOf('attributes-new.h5', 'many');
    expect([long, longer]).toEqual(['x'.repeat(4500), Array.from({ length: 540 }, (_, i) => i)]);
  });

  it('of the NSRDB does not multiply by a scale factor that divides', async () => {
    const scaled = async (variable: string) => {
      const { bands, problems } = await openHdf5(sources, fixture('sites.h5'), { variable });
      return [bands[0]!.scale, ...problems];
    };
    expect(await scaled('solar_zenith_angle')).toEqual([
      0.01,
      'scale_factor 100 divides, as in NSRDB files: it is given as a scale of 0.01',
    ]);
    expect((await scaled('wind_speed'))[0]).toBe(0.1);
    expect(await scaled('ghi')).toEqual([1]);
  });
});

describe('reading', () => {
  it('takes one request for the metadata of a small file, and asks for nothing twice', async () => {
    const source = new RecordingSource(readFileSync(fixture('cube.nc')));
    await openRaster(factoryOf(source), source.url, { variable: 'unsigned' });
    const [first, ...others] = source.reads;
    expect(first).toEqual({ offset: 0, length: 32_768 });
    expect(others.map((range) => (typeof range === 'object' && 'length' in range ? range.length : 0))).toEqual([
      64, 48,
    ]); // x and y
  });

  it('reads pages of a large file once', async () => {
    const source = new RecordingSource(new Uint8Array(200_000));
    const reader = await PageReader.open(source, {});
    await Promise.all(
      [40_000, 41_000, 100_000, 41_500].map((offset) => reader.bytes({ offset, length: 30_000 }, 'block')),
    );
    const ranges = source.reads.map((range) => (typeof range === 'object' && 'offset' in range ? range : null)!);
    const pages = ranges.flatMap(({ offset, length }) =>
      Array.from({ length: Math.ceil(length / 16_384) }, (_, i) => Math.floor(offset / 16_384) + i),
    );
    expect(new Set(pages).size).toBe(pages.length);
    expect(source.reads).toHaveLength(3);
    await expect(reader.bytes({ offset: 199_000, length: 2000 }, 'block')).rejects.toThrow(/past the end of the file/);
  });
});

describe('a file that is not what it was', () => {
  it('is refused where it is cut off', async () => {
    const bytes = readFileSync(fixture('cube.nc'));
    const cut = createMemorySources({ 'memory:cut.nc': bytes.subarray(0, bytes.length - 1) });
    await expect(openRaster(cut, 'memory:cut.nc', { variable: 'packed' })).rejects.toThrow(/invalid-data.*cut off/);
  });

  it('is detected when a chunk is read', async () => {
    const path = join(folder, 'cube.nc');
    writeFileSync(path, readFileSync(fixture('cube.nc')));
    const raster = await openRaster(sources, path, { variable: 'packed' });
    const [level] = raster.levels;
    utimesSync(path, new Date(1e12), new Date(1e12));
    const window = { col: 0, row: 0, width: 8, height: 6 };
    const reading = readPlane(level!, { at: [0, 0, 0], window }, sources);
    await expect(reading).rejects.toMatchObject({ problem: { kind: 'changed' } });
  });

  it('is read tile by tile in the addon where that can undo its filters', () => {
    const shape = [4, 5];
    const fused = (codecs: readonly CodecSpec[]) => fusedLayout({ dtype: 'int32', shape, codecs })?.coding;
    const bytes = { name: 'bytes', endian: 'little' } as const;
    const shuffle = { name: 'shuffle', elementSize: 4 } as const;
    expect(fused([{ name: 'zlib' }, shuffle, bytes])).toMatchObject({ compression: 1, predictor: 4, rowSamples: 20 });
    expect(fused([shuffle, bytes])).toMatchObject({ compression: 0, predictor: 4, rowSamples: 20 });
    expect(fused([{ name: 'zlib' }, { name: 'shuffle', elementSize: 2 }, bytes])).toBeUndefined();
    expect(fused([shuffle, { name: 'zlib' }, bytes])).toBeUndefined();
    expect(fused([{ name: 'zlib' }, { name: 'fletcher32' }, bytes])).toBeUndefined();
  });

  it('shows damaged samples by their checksum', async () => {
    const bytes = Uint8Array.from(readFileSync(fixture('filters-old.h5')));
    const memory = createMemorySources({ 'memory:a.h5': bytes });
    const raster = await openRaster(memory, 'memory:a.h5', { variable: 'fletcher' });
    const [level] = raster.levels;
    const { refs } = level!;
    bytes[refs.kind === 'files' ? refs.offsets[0]! + 3 : 0]! ^= 1;
    await expect(readWholeArray(level!, memory, { maxSamples: 1000 })).rejects.toThrow(/fletcher32 of the data is/);
  });
});
