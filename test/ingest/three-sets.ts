import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LakeLocation } from '../../src/lake/attach.js';
import { queryLakeRows } from '../../src/lake/query.js';

const METRE = 1 / 111_320;

const MANIFEST = {
  a: { doi: 'a.geojson', repo: 'local', priority: 2, field_map: { cap_ac: { column: 'kw', unit: 'kW' } } },
  b: { doi: 'b.geojson', repo: 'local', priority: 1 },
  b2: { doi: 'b2.geojson', repo: 'local', priority: 3 },
};

/** What `writeSets` gives a lake. Of b, which has the best priority, 20 features are sites of a and 20 are alone, and two records are no features. */
export const SETS = { features: 110n, members: 110n, sites: 90n, datasets: 3n, quarantine: 2n, runs: 1n };
/** The same without b. */
export const SETS_WITHOUT_B = { features: 70n, members: 70n, sites: 70n, datasets: 2n, quarantine: 0n, runs: 1n };

/** Write three data sets and their manifest into the folder; the path of the manifest. */
export function writeSets(folder: string): string {
  write(folder, 'a', squares(0, 60, 0));
  write(folder, 'b', [...squares(40, 80, 5), ...[1, 2].map((id) => ({ geometry: null, properties: { id } }))]);
  write(folder, 'b2', squares(80, 90, 0));
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, JSON.stringify(MANIFEST));
  return manifest;
}

/** Counts of a lake, as in `SETS`. */
export async function countsOf(lake: LakeLocation, snapshot?: number): Promise<Record<string, unknown>> {
  const [counts] = await queryLakeRows(
    { ...lake, ...(snapshot === undefined ? {} : { snapshot }) },
    `SELECT (SELECT count(*) FROM features) AS features, (SELECT count(*) FROM site_members) AS members,
       (SELECT count(*) FROM sites s JOIN features f ON f.feature_uid = s.site_uid) AS sites,
       (SELECT count(*) FROM datasets) AS datasets, (SELECT count(*) FROM quarantine) AS quarantine,
       (SELECT count(DISTINCT run_id) FROM sites) AS runs`,
  );
  return counts!;
}

/** Rows of every table of a lake but `ingests`, and a sum of their hashes, without what differs from run to run. */
export async function allTables(lake: LakeLocation): Promise<Record<string, unknown>[]> {
  const tables = await queryLakeRows(
    lake,
    `SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()
     WHERE database_name = 'lake' AND table_name <> 'ingests' ORDER BY name`,
  );
  const sums = tables.map(
    ({ name }) => `SELECT '${String(name)}' AS name, count(*) AS n, sum(hash(t)::HUGEINT)::VARCHAR AS sum
      FROM (SELECT COLUMNS(c -> c NOT IN ('run_id', 'ingested_at', 'lake_snapshot')) FROM lake.${String(name)}) AS t`,
  );
  return queryLakeRows(lake, `${sums.join(' UNION ALL ')} ORDER BY name`);
}

/** Places from one number to another, a kilometre apart, so many metres to the east. */
function squares(from: number, to: number, eastM: number): object[] {
  return Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    const [x, y] = [10 + (id % 10) * 0.01 + eastM * METRE, 50 + Math.floor(id / 10) * 0.01];
    const h = 40 * METRE;
    const ring = [[x - h, y - h], [x + h, y - h], [x + h, y + h], [x - h, y + h], [x - h, y - h]]; // prettier-ignore
    return { properties: { id, kw: 100 + id }, geometry: { type: 'Polygon', coordinates: [ring] } };
  });
}

function write(folder: string, name: string, rows: readonly object[]): void {
  const features = rows.map((row) => ({ type: 'Feature', ...row }));
  writeFileSync(join(folder, `${name}.geojson`), JSON.stringify({ type: 'FeatureCollection', features }));
}
