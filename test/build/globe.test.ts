import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import { openRaster } from '../../src/build/raster-handle.js';
import type { Affine } from '../../src/grid/affine.js';
import { queryLake } from '../../src/lake/query.js';
import { encodeGeoTiff } from '../../src/sample/write-geotiff.js';

/** A GeoTIFF of one uint16 band. `epsg` 4326 is written as a geographic system. */
function tiff(
  width: number,
  height: number,
  transform: Affine,
  epsg: number,
  value: (i: number) => number,
): Uint8Array {
  const data = Uint16Array.from({ length: width * height }, (_, i) => value(i));
  const bytes = encodeGeoTiff(
    { data, width, height, transform, epsg, nodata: 0 },
    { tile: 128, overviews: 0, classes: false },
  );
  if (epsg === 4326) asGeographic(bytes);
  return bytes;
}

/** GeoKeys: model type 1 (projected) to 2, and key 3072 (projected system) to 2048 (geographic system). */
function asGeographic(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 32 <= bytes.length; at++) {
    const key = (i: number) => view.getUint16(at + 2 * i, true);
    if (key(0) !== 1 || key(4) !== 1024 || key(8) !== 1025 || key(12) !== 3072 || key(15) !== 4326) continue;
    view.setUint16(at + 14, 2, true);
    view.setUint16(at + 24, 2048, true);
    return;
  }
  throw new Error('no GeoKeys found');
}

describe('grids in longitudes', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'globe-'));
    // Two tiles that meet at 180° at 71.5° N, from zone 60 and from zone 1, and a world of 0 to 360 whose values are longitudes.
    await writeFile(
      join(folder, 'west.tif'),
      tiff(256, 128, [500, 0, 495_000, 0, -500, 7_970_000], 32_660, () => 60),
    );
    await writeFile(
      join(folder, 'east.tif'),
      tiff(256, 128, [500, 0, 392_000, 0, -500, 7_970_000], 32_601, () => 1),
    );
    await writeFile(
      join(folder, 'world.tif'),
      tiff(360, 180, [1, 0, 0, 0, -1, 90], 4326, (i) => (i % 360) + 1000),
    );
    const feature = (id: string) => ({
      type: 'Feature',
      stac_version: '1.0.0',
      id,
      properties: { datetime: '2024-06-01T00:00:00Z' },
      geometry: null,
      links: [],
      assets: { v: { href: `./${id}.tif` } },
    });
    const write = (name: string, ids: string[]) =>
      writeFile(join(folder, name), JSON.stringify({ type: 'FeatureCollection', features: ids.map(feature) }));
    await write('tiles.json', ['west', 'east']);
    await write('world.json', ['world']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  function build(name: string, items: string, spec: { grid: object; [key: string]: unknown }): Promise<BuildSummary> {
    const { grid, ...rest } = spec;
    const document = {
      name,
      source: { stac: join(folder, items) },
      bands: ['v'],
      grid: { chunk: 64, crs: 'EPSG:4326', ...grid },
      ...rest,
    };
    return buildCube({ spec: document as never, out: join(folder, name), workers: 0 });
  }

  async function values(name: string, array = 'v'): Promise<number[]> {
    const raster = await openRaster(join(folder, name, 'cube.zarr', array));
    const read = await raster.read({});
    await raster.close();
    return Array.from(read.data as Uint16Array);
  }

  const here = { extent: [179.5, 71.5, 180.5, 71.6], resolution: 0.01 };

  it('G10 a cube across the antimeridian has pixels on both sides, wherever its longitudes begin', async () => {
    await build('across', 'tiles.json', { grid: here });
    const across = await values('across');
    expect(new Set(across)).toEqual(new Set([60, 1]));
    expect(new Set(await values('across', 'reason'))).toEqual(new Set([0]));
    await build('negative', 'tiles.json', { grid: { ...here, extent: [-180.5, 71.5, -179.5, 71.6] } });
    expect(await values('negative')).toEqual(across);
    await build('westeast', 'tiles.json', { grid: { ...here, extent: [179.5, 71.5, -179.5, 71.6] } });
    expect(await values('westeast')).toEqual(across);
    await build('east', 'tiles.json', { grid: { ...here, extent: [-179.9, 71.5, -179.5, 71.6] } });
    expect(new Set(await values('east', 'reason'))).toEqual(new Set([0]));
  });

  it('G10 the extent of items and of labels on both sides is one continuous box', async () => {
    const items = await build('items', 'tiles.json', { grid: { resolution: 0.01, extent: 'items' } });
    expect(items.counts.width).toBeLessThan(1200);
    const square = (west: number) => ({
      type: 'Feature',
      properties: {},
      geometry: {
        type: 'Polygon',
        coordinates: [[[west, 71.5], [west + 0.02, 71.5], [west + 0.02, 71.52], [west, 71.52], [west, 71.5]]], // prettier-ignore
      },
    });
    const features = [square(179.7), square(-179.8), square(179.99)];
    await writeFile(join(folder, 'labels.json'), JSON.stringify({ type: 'FeatureCollection', features }));
    const labels = { path: join(folder, 'labels.json') };
    const built = await build('labels', 'tiles.json', { grid: { resolution: 0.01, extent: 'labels' }, labels });
    expect(built.counts.width).toBeLessThan(60);
    expect(built.counts.labels).toBe(3);
    const lake = { catalog: join(folder, 'labels', 'lake.ducklake'), dataPath: join(folder, 'labels', 'lake/') };
    const { rows } = await queryLake(lake, 'SELECT label_id, count FROM label_stats ORDER BY label_id');
    for (const [, count] of rows) expect(count).toBeCloseTo(4, 6);
  });

  it('a raster of 0 to 360 degrees is found at negative longitudes, copied and warped', async () => {
    const grid = { resolution: 1, extent: [-180, -10, 180, 10] };
    await build('world', 'world.json', { grid });
    const row = (await values('world')).slice(0, 360);
    expect(row).toEqual(Array.from({ length: 360 }, (_, i) => 1000 + ((i + 180) % 360)));
    await build('part', 'world.json', { grid: { resolution: 1, extent: [-20, -10, 20, 10] } });
    expect((await values('part')).slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, i) => 1000 + ((i + 340) % 360)));
    // Germany and Brazil in their own systems: the value is the longitude.
    await build('utm', 'world.json', {
      grid: { crs: 'EPSG:32723', resolution: 20_000, extent: [300_000, 7_000_000, 700_000, 7_400_000] },
    });
    expect([...new Set(await values('utm'))].toSorted()).toEqual([1313, 1314, 1315, 1316]);
  });
});

describe('requests that miss', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'miss-'));
    await writeFile(
      join(folder, 'a.tif'),
      tiff(64, 64, [10, 0, 500_000, 0, -10, 5_300_000], 32_633, (i) => 1 + i),
    );
    const item = {
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'a',
      properties: { datetime: '2024-06-01T00:00:00Z' },
      geometry: null,
      links: [],
      assets: { v: { href: './a.tif' } },
    };
    await writeFile(join(folder, 'items.json'), JSON.stringify(item));
    // The middle of pixel (10, 20) of the raster, in lon/lat.
    await writeFile(join(folder, 'points.csv'), 'id,lon,lat\n1,15.00141,47.851497\n2,16.5,47.8\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const build = (name: string, spec: object) =>
    buildCube({
      spec: { name, source: { stac: join(folder, 'items.json') }, bands: ['v'], ...spec } as never,
      out: join(folder, name),
      workers: 0,
    });

  it('a grid beside all items is no cube', async () => {
    const grid = { crs: 'EPSG:32633', resolution: 10, extent: [600_000, 5_200_000, 601_000, 5_201_000] };
    await expect(build('beside', { grid })).rejects.toMatchObject({
      problem: { kind: 'no-data', what: 'no item has pixels on the grid' },
    });
  });

  it('a resolution that asks for millions of chunks is refused before they are listed', async () => {
    const labels = { path: join(folder, 'points.csv') };
    for (const clip of [{ mode: 'none' }, { mode: 'chunks', buffer: 100_000 }]) {
      const spec = { grid: { crs: 'EPSG:32633', resolution: 0.0001, extent: 'items' }, labels, clip };
      await expect(build('fine', spec)).rejects.toMatchObject({ problem: { kind: 'invalid-spec', path: 'grid' } });
    }
  });

  it('points are labels: a row, statistics of nothing, a buffer around them', async () => {
    const summary = await build('points', {
      labels: { path: join(folder, 'points.csv') },
      grid: { extent: 'items' },
      clip: { mode: 'pixels', buffer: 30 },
    });
    expect(summary.counts.labels).toBe(1);
    const raster = await openRaster(join(folder, 'points', 'cube.zarr', 'reason'));
    const { data } = await raster.read({});
    await raster.close();
    // Pixels whose centre is at most three pixels from that of the point's pixel.
    expect(Array.from(data as Uint8Array).filter((reason) => reason === 0)).toHaveLength(29);
    expect((data as Uint8Array)[20 * 64 + 10]).toBe(0);
    const lake = { catalog: join(folder, 'points', 'lake.ducklake'), dataPath: join(folder, 'points', 'lake/') };
    expect((await queryLake(lake, 'SELECT label_id, area_geod_m2 FROM labels')).rows).toEqual([[1n, 0]]);
    expect((await queryLake(lake, 'SELECT count, coverage, mean FROM label_stats')).rows).toEqual([[0, 0, null]]);
  });
});
