import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STATISTICS } from '../../src/build/statistic.js';
import { zonalRows, type ZonalRow } from '../../src/build/zonal-rows.js';
import { createTransform } from '../../src/grid/transform.js';
import { createSources } from '../../src/io/sources.js';
import { openRaster } from '../../src/raster/open.js';
import { seededRandom } from '../../src/sample/random.js';
import { readLabels } from '../../src/vector/read-labels.js';
import { temporaryFolder } from '../lake/temporary.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';

const SCRIPT = fileURLToPath(new URL('zonal_expected.py', import.meta.url));
const ITEM = 'S2A_33TWM_20230815_0_L2A';
const SENTINEL = sharedPath('data/imagery/s2-earthsearch-static/sentinel-2-l2a', ITEM, 'B04.tif');
const LANDSAT = sharedPath('data/imagery/landsat/l8-elkton-va-30m_extent-bug.tif');
const OSM = sharedPath('data/pv/osm-germany-austria/photovoltaic.shp');
const folder = temporaryFolder();

const expectedRow = z.record(z.string(), z.number().nullable());
const expectedAnswer = z.array(z.array(z.array(expectedRow)));
type Job = { readonly raster: string; readonly labels: string };

/** What the other programs say: by job, band, label. */
async function expectedRows(jobs: readonly Job[]) {
  return expectedAnswer.parse(await runPython(SCRIPT, [], JSON.stringify(jobs)));
}

type Position = readonly [number, number];

function geoJson(name: string, polygons: readonly (readonly (readonly Position[])[])[]): string {
  const features = polygons.map((coordinates, i) => ({
    type: 'Feature',
    properties: { i },
    geometry: { type: 'Polygon', coordinates },
  }));
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
  return path;
}

/** The labels that touch the tile, as GeoJSON: what both sides read. */
async function osmOnTile(): Promise<string> {
  const { labels } = await readLabels({ path: OSM, h3: 0 });
  const onTile = new Set(
    (await zonalRows({ labels, rasters: [SENTINEL] })).filter(touches).map(({ labelId }) => labelId),
  );
  const polygons = labels.flatMap(({ labelId, geometry }) =>
    onTile.has(labelId) && geometry.kind === 'polygons' ? geometry.polygons.map((rings) => rings.map(positions)) : [],
  );
  return geoJson('osm.geojson', polygons);
}

function touches({ coverage }: ZonalRow): boolean {
  return coverage !== null && coverage > 0;
}

function positions(flat: Float64Array): Position[] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as const);
}

/** Stars of all sizes, every third with a hole, some partly or wholly beside the raster. */
async function starsOn(raster: string, count: number): Promise<string> {
  const sources = createSources();
  const level = (await openRaster(sources, raster)).levels[0]!;
  await sources.close();
  const toLonLat = createTransform(level.crs!, { kind: 'epsg', code: 4326 });
  const [a, b, c, d, e, f] = level.transform!;
  const random = seededRandom(20_261_126);
  const star = (col: number, row: number, radius: number): Position[] => {
    const xy = Float64Array.from({ length: 18 });
    for (let i = 0; i < 9; i++) {
      const r = radius * (0.4 + 0.6 * random());
      const [x, y] = [col + r * Math.cos((i * 2 * Math.PI) / 9), row + r * Math.sin((i * 2 * Math.PI) / 9)];
      xy.set([a * x + b * y + c, d * x + e * y + f], 2 * i);
    }
    toLonLat.transform(xy);
    const corners = positions(xy);
    return [...corners, corners[0]!];
  };
  const [height, width] = [level.shape[level.axes!.y]!, level.shape[level.axes!.x]!];
  const polygons = Array.from({ length: count }, (_, i) => {
    const [col, row] = [(random() * 1.2 - 0.1) * width, (random() * 1.2 - 0.1) * height];
    const radius = 0.2 * 60 ** random();
    return i % 3 === 0
      ? [star(col, row, radius), star(col, row, radius * 0.35).toReversed()]
      : [star(col, row, radius)];
  });
  return geoJson('stars.geojson', polygons);
}

/** Everything that differs by more than the mark. Values that two programs sum in another order may tie differently. */
function differences(
  rows: readonly ZonalRow[],
  expected: readonly (readonly z.infer<typeof expectedRow>[])[],
): string[] {
  const bands = expected.length;
  return rows.flatMap((row, i) => {
    const other = expected[row.band - 1]![Math.floor(i / bands)]!;
    return STATISTICS.filter((name) => !near(row[name], other[name] ?? null)).map(
      (name) => `label ${row.labelId} band ${row.band} ${name}: ${row[name]}, expected ${other[name]}`,
    );
  });
}

function near(value: number | null, expected: number | null): boolean {
  if (value === null || expected === null) return (value ?? 0) === (expected ?? 0);
  return Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected));
}

describe.skipIf(!hasShared || pythonWithOracles() === null)('P16 statistics of real rasters under labels', () => {
  it('are those of exactextract, and by rule those of GDAL', async () => {
    const jobs = [
      { raster: SENTINEL, labels: await osmOnTile() },
      { raster: LANDSAT, labels: await starsOn(LANDSAT, 300) },
    ];
    const expected = await expectedRows(jobs);
    for (const [i, { raster, labels }] of jobs.entries()) {
      const rows = await zonalRows({ labels, rasters: [raster] });
      expect(rows.length).toBe(expected[i]!.length * expected[i]![0]!.length);
      expect(rows.filter(touches).length).toBeGreaterThan(150);
      expect(differences(rows, expected[i]!)).toEqual([]);
      for (const rule of ['center', 'all-touched'] as const) {
        const counted = await zonalRows({ labels, rasters: [raster], rule });
        const wrong = counted.filter(
          ({ count, band }, label) => count !== expected[i]![band - 1]![Math.floor(label / expected[i]!.length)]![rule],
        );
        expect(wrong.map(({ labelId, count }) => [rule, labelId, count])).toEqual([]);
      }
    }
  });
});
