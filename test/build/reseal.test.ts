import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import { createTransform } from '../../src/grid/transform.js';
import { queryLake } from '../../src/lake/query.js';
import { temporaryFolder } from '../lake/temporary.js';
import { folderHashes } from './sample-build.js';
import { extentOf, NORTH, SIDE, WEST, writeItems } from './small-items.js';

const folder = temporaryFolder();
const toDegrees = createTransform({ kind: 'epsg', code: 32_633 }, { kind: 'epsg', code: 4326 });

/** Write labels, each two pixels a side; `at` are their upper left pixels. */
function writeLabels(...at: readonly (readonly [col: number, row: number])[]): void {
  const features = at.map(([col, row], id) => {
    const ring = [
      [0, 0],
      [2, 0],
      [2, 2],
      [0, 2],
      [0, 0],
    ].map(([x, y]) => {
      const point = Float64Array.of(WEST + 10 * (col + x!), NORTH - 10 * (row + y!));
      toDegrees.transform(point);
      return [...point];
    });
    return { type: 'Feature', id, properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
  });
  writeFileSync(join(folder, 'labels.geojson'), JSON.stringify({ type: 'FeatureCollection', features }));
}

const items = () =>
  writeItems(folder, 'items', [{ id: 'a', images: { v: { value: ({ row, col }) => row + col + 1 } } }]);

function build(name: string, stac: string, resume: boolean): Promise<BuildSummary> {
  const spec = {
    name: 'shrunken',
    source: { stac },
    labels: { path: './labels.geojson' },
    bands: ['v'],
    grid: { crs: 'EPSG:32633', resolution: 10, extent: extentOf(0, 0, SIDE, SIDE), chunk: 16 },
    nodata: 0,
  };
  return buildCube({ spec, folder, out: join(folder, name), workers: 0, resume });
}

describe('a resumed build whose plan has become smaller', () => {
  it('removes what the plan no longer makes, seals again, and then rests', async () => {
    const stac = items();
    writeLabels([2, 2], [20, 20]);
    const first = await build('cube', stac, false);
    const store = join(folder, 'cube', 'cube.zarr');
    const lost = join(store, 'v', 'c', '0', '1', '1');
    expect(existsSync(lost)).toBe(true);

    writeLabels([2, 2]);
    const second = await build('cube', stac, true);
    expect(second.counts.resumed).toBe(second.counts.tasks);
    expect(second.counts.tasks).toBeLessThan(first.counts.tasks);
    expect(existsSync(lost)).toBe(false);
    await build('fresh', stac, false);
    expect(await folderHashes(store)).toEqual(await folderHashes(join(folder, 'fresh', 'cube.zarr')));

    const journal = `${store}.journal`;
    expect(readFileSync(journal, 'utf8')).toContain(second.planHash);
    const before = { text: readFileSync(journal, 'utf8'), changed: statSync(join(store, 'zarr.json')).mtimeMs };
    const third = await build('cube', stac, true);
    expect(third.runId).toBe(second.runId);
    expect(statSync(join(store, 'zarr.json')).mtimeMs).toBe(before.changed);
  });

  it('commits the smaller plan as a run of its own', async () => {
    const out = join(folder, 'cube');
    const lake = { catalog: join(out, 'lake.ducklake'), dataPath: join(out, 'lake/') };
    const sql = `SELECT r.plan_hash, count(*)::INT FROM chunks c JOIN runs r USING (run_id) WHERE c.array = 'v'
      GROUP BY r.run_id, r.plan_hash, r.started_at ORDER BY r.started_at`;
    const { rows } = await queryLake(lake, sql);
    expect(rows.map(([, chunks]) => chunks)).toEqual([2, 1]);
    expect(rows[0]![0]).not.toBe(rows[1]![0]);
  });
});
