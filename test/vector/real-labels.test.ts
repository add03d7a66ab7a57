import { describe, expect, it } from 'vitest';
import { createTransform } from '../../src/grid/transform.js';
import { placeLabel } from '../../src/vector/clip-window.js';
import { h3Cell } from '../../src/vector/h3-cover.js';
import { isCovered } from '../../src/vector/interior-point.js';
import type { LabelSet } from '../../src/vector/label.js';
import { buildLabelIndex } from '../../src/vector/label-index.js';
import { readLabels } from '../../src/vector/read-labels.js';
import type { ReadLabelsOptions } from '../../src/vector/read-labels.js';
import { hasShared, sharedPath } from '../shared.js';

function read(path: string, options: Partial<ReadLabelsOptions> = {}): Promise<LabelSet> {
  return readLabels({ path: sharedPath('data', ...path.split('/')), h3: 10, ...options });
}

function totalArea({ labels }: LabelSet): number {
  return labels.reduce((sum, { areaGeodM2 }) => sum + areaGeodM2, 0);
}

/** What holds for every label of every file. */
function expectSound({ labels }: LabelSet): void {
  const wrong = labels.filter(({ geometry, lon, lat, h3R15, h3Cells }) => {
    const inside = geometry.kind === 'points' || isCovered(geometry.polygons, { lon, lat });
    return !inside || h3Cells.length === 0 || h3R15 !== h3Cell(lon, lat, 15);
  });
  expect(wrong.map(({ labelId }) => labelId)).toEqual([]);
}

describe.skipIf(!hasShared)('real labels', () => {
  it('OSM Austria: 2,130 polygons', async () => {
    const set = await read('pv/osm-germany-austria/photovoltaic.shp');
    expect(set).toMatchObject({ dataset: 'photovoltaic', quarantine: [], warnings: [] });
    expect(set.labels).toHaveLength(2130);
    expect(totalArea(set)).toBeCloseTo(1_380_700.638102, 3); // pyproj's Geod
    expectSound(set);
    const areas = set.labels.map(({ areaGeodM2 }) => areaGeodM2).sort((a, b) => a - b);
    expect(areas[1065]).toBeCloseTo(82.49957858, 6);
  });

  it('OSM Austria: 154 of them on the Sentinel-2 tile', async () => {
    const { labels } = await read('pv/osm-germany-austria/photovoltaic.shp', { h3: 5 });
    const grid = {
      crs: { kind: 'epsg', code: 32633 },
      transform: [120, 0, 499_980, 0, -120, 5_200_020],
      size: { width: 915, height: 915 },
      chunk: { width: 256, height: 256 },
    } as const;
    const toGrid = createTransform({ kind: 'epsg', code: 4326 }, grid.crs);
    const placed = labels.map((label) => placeLabel(label, grid, toGrid)).filter(({ window }) => window !== null);
    expect(placed).toHaveLength(154);
  });

  it('OSM Germany: 4,458 polygons', async () => {
    const set = await read('pv/osm-germany-austria/germany_photovoltaic.shp');
    expect(set.labels).toHaveLength(4458);
    expect(set.quarantine).toEqual([]);
    expect(totalArea(set) / 175_288_326.10902354).toBeCloseTo(1, 9);
    expectSound(set);
    const index = buildLabelIndex(set.labels);
    expect(index.inBox({ xmin: 13, ymin: 52, xmax: 13.5, ymax: 52.5 })).toEqual(
      set.labels
        .filter((label) => label.xmin <= 13.5 && label.xmax >= 13 && label.ymin <= 52.5 && label.ymax >= 52)
        .map(({ labelId }) => labelId),
    );
  });

  it('India: 1,363 multipolygons, 78 of them repaired', async () => {
    const set = await read('pv/india/solar_farms_india_2021_merged_simplified.geojson');
    expect(set.labels).toHaveLength(1363);
    expect(set.quarantine).toEqual([]);
    expect(set.warnings).toEqual([expect.stringContaining('78 records invalid geometry repaired')]);
    expect(set.labels[0]!.properties).toMatchObject({ State: 'Karnataka', fid: 677 });
    expectSound(set);
  });

  it('USPVDB: 3,675 points of a CSV file, where over its columns', async () => {
    const set = await read('pv/uspvdb/uspvdb_v1_land_cover.csv');
    expect(set.labels).toHaveLength(3675);
    expect(totalArea(set)).toBe(0);
    expect(set.labels[0]).toMatchObject({
      lon: -93.7883987427,
      lat: 45.2574996948,
      properties: { case_id: 402_964, p_tilt: 'NA', p_name: 'Wright Kirby 1-5 (CSG)' },
    });
    const large = await read('pv/uspvdb/uspvdb_v1_land_cover.csv', {
      where: "p_cap_ac > 100 AND p_axis = 'single-axis'",
    });
    expect(large.labels.length).toBe(98);
  });

  it('Natural Earth: 177 countries, the poles and the antimeridian included', async () => {
    const set = await read('admin/ne_110m/ne_110m_admin_0_countries.shp', { h3: 2 });
    expect(set.labels).toHaveLength(177);
    expect(set.quarantine).toEqual([]);
    expectSound(set);
  });

  it.each([
    ['example', 5, 0],
    ['test_data/data-polygon-encoding_wkb', 2, 2],
    ['test_data/data-multipolygon-encoding_wkb', 3, 2],
    ['test_data/data-point-encoding_wkb', 2, 2],
    ['test_data/data-multipoint-encoding_wkb', 2, 2],
    ['test_data/data-linestring-encoding_wkb', 0, 3],
    ['test_data/data-multilinestring-encoding_wkb', 0, 4],
  ])('GeoParquet conformance: %s', async (name, labels, quarantine) => {
    const set = await read(`conformance/geoparquet/opengeospatial/${name}.parquet`, { h3: 2 });
    expect([set.labels.length, set.quarantine.length]).toEqual([labels, quarantine]);
    expectSound(set);
  });
});
