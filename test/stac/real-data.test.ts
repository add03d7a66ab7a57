import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceFactory } from '../../src/io/byte-source.js';
import { createSources } from '../../src/io/sources.js';
import { isClassBand, resolveBand } from '../../src/stac/resolve-band.js';
import { searchItems, type SearchQuery } from '../../src/stac/search.js';
import { hasShared, sharedPath } from '../shared.js';

describe.skipIf(!hasShared)('real catalogues', () => {
  let sources: SourceFactory;
  beforeAll(() => {
    sources = createSources();
  });
  afterAll(() => sources.close());

  const find = (path: string, query: Omit<SearchQuery, 'stac'> = {}) =>
    searchItems({ ...query, stac: sharedPath(path) }, sources);

  it('P7 every item of every flavour parses: 0.9 to 1.1, wkt2, projjson, broken datetimes', async () => {
    const folders = ['earthsearch-v0-antimeridian', 'hls', 'odc-stac', 'rio-tiler', 'spec-examples', 'rustac'];
    const files = folders.flatMap((folder) =>
      readdirSync(sharedPath('data/stac', folder), { recursive: true, encoding: 'utf8' })
        .filter(
          (name) => /\.(geo)?json$/.test(name) && !/collection|catalog|sentinel-2-l2a\.json|invalid-item/.test(name),
        )
        .map((name) => `data/stac/${folder}/${name}`),
    );
    expect(files.length).toBeGreaterThan(40);
    for (const file of files) {
      const { items, warnings } = await find(file);
      expect(items.length, file).toBeGreaterThan(0);
      expect(warnings, file).toEqual([]);
    }
  });

  it('G5 proj:code of version 2 equals proj:epsg of version 1', async () => {
    const [one, two] = await Promise.all(
      ['stac_proj', 'stac_proj_2_0'].map((name) => find(`data/stac/rio-tiler/${name}.json`)),
    );
    const placed = (found: typeof one) =>
      found!.items[0]!.assets.map(({ crs, transform, shape }) => ({ crs, transform, shape }));
    expect(placed(two)).toEqual(placed(one));
    expect(placed(one)[0]!.crs).toEqual({ kind: 'epsg', code: 32617 });
  });

  it('reads stac-geoparquet as DuckDB counts it, and drops no datastrip (T8)', async () => {
    const file = 'data/stac/rustac/1000-sentinel-2-items.parquet';
    const all = await find(file);
    expect([all.items.length, all.dropped.length]).toEqual([1000, 0]);
    const july = await find(file, { datetime: '2024-07' });
    expect(july.items).toHaveLength(441);
    const few = await find(file, {
      datetime: '2024-07',
      bbox: [-105.5, 40, -105, 40.2],
      query: { 'eo:cloud_cover': { lt: 10 } },
    });
    expect(few.items).toHaveLength(8);
  });

  it('an item is the same from stac-geoparquet as DuckDB shows it', async () => {
    const found = await find('data/stac/rustac/100-landsat-items.parquet', {
      ids: ['LC08_L2SP_033032_20231024_02_T1'],
    });
    const [item] = found.items;
    expect(new Date(item!.timeMs).toISOString()).toBe('2023-10-24T17:37:29.368Z');
    expect(resolveBand(item!, 'red')).toMatchObject({
      asset: { crs: { code: 32613 }, transform: [30, 0, 448785, 0, -30, 4581915], shape: [7831, 7701] },
      band: { name: 'OLI_B4', commonName: 'red', nodata: 0, scale: 2.75e-5, offset: -0.2, dtype: 'uint16' },
    });
    expect(item!.geometry).toMatchObject({ type: 'Polygon' });
    expect(isClassBand(resolveBand(item!, 'qa_pixel').asset, 'qa_pixel')).toBe(true);
  });

  it('"red" is B04, not the picture made of it; class bands are known', async () => {
    const { items } = await find('data/stac/rustac/two-sentinel-2-items.json');
    expect(resolveBand(items[0]!, 'red').asset.key).toBe('B04');
    const scl = resolveBand(items[0]!, 'SCL');
    expect([isClassBand(scl.asset, 'SCL'), isClassBand(resolveBand(items[0]!, 'red').asset, 'red')]).toEqual([
      true,
      false,
    ]);
    const austria = await find('data/imagery/s2-earthsearch-static/catalog.json');
    expect(austria.items).toHaveLength(5);
    expect(austria.dropped).toEqual([]);
    expect(resolveBand(austria.items[0]!, 'blue').asset.href).toMatch(/^file:.*B02\.tif$/);
    expect(austria.items[0]!.properties['earthsearch:boa_offset_applied']).toBe(true);
  });

  it('G10 tiles on the antimeridian are found on both its sides and not elsewhere', async () => {
    const folder = 'data/stac/earthsearch-v0-antimeridian';
    const found = await Promise.all(
      readdirSync(sharedPath(folder)).map(async (file) => {
        const boxes = [
          [179.9, 50, -179.9, 70],
          [179.9, 50, 180, 70],
          [-180, 50, -179.7, 70],
          [10, 50, 20, 70],
        ];
        return Promise.all(boxes.map(async (bbox) => (await find(`${folder}/${file}`, { bbox })).items.length));
      }),
    );
    expect(found.map((counts) => counts.join(''))).toEqual(['1110', '1110', '1110', '1110', '1010', '1110']);
  });
});
