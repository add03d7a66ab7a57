import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingest } from '../../src/ingest/ingest.js';
import type { LakeLocation } from '../../src/lake/attach.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { seeded } from '../vector/mutate.js';

const METRE = 1 / 111_320;

/** Two versions of the files of two data sets, each of which has the same 300 sites: what they hold differs in every feature. */
export type Version = 0 | 1;

/** What a lake holds of a version, whole. */
export const WHOLE = {
  versions: 1n,
  features: 600n,
  members: 600n,
  sites: 300n,
  datasets: 2n,
  canonical: 300n,
  runs: 1n,
};

const MANIFEST = {
  a: { doi: 'a.geojson', repo: 'local', priority: 1, field_map: { cap_ac: { column: 'kw', unit: 'kW' } } },
  b: { doi: 'b.geojson', repo: 'local', priority: 2 },
};

/** Write the files of a version and their manifest into the folder; the path of the manifest. */
export function writeVersion(folder: string, version: Version): string {
  mkdirSync(folder, { recursive: true });
  const random = seeded(version + 1);
  for (const name of ['a', 'b']) {
    const features = Array.from({ length: 300 }, (_, i) => {
      const [x, y] = [10 + (i % 20) * 0.01 + random() * 10 * METRE, 50 + Math.floor(i / 20) * 0.01 + version * 0.0001];
      const h = 40 * METRE;
      const ring = [[x - h, y - h], [x + h, y - h], [x + h, y + h], [x - h, y + h], [x - h, y - h]]; // prettier-ignore
      const properties = { id: i, version, kw: 100 + i };
      return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } };
    });
    writeFileSync(join(folder, `${name}.geojson`), JSON.stringify({ type: 'FeatureCollection', features }));
  }
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, JSON.stringify(MANIFEST));
  return manifest;
}

/** `WHOLE` with the version, of a lake in which nothing is half. */
export async function stateOf(lake: LakeLocation, snapshot?: number): Promise<Record<string, unknown>> {
  const [state] = await queryLakeRows(
    { ...lake, ...(snapshot === undefined ? {} : { snapshot }) },
    `SELECT (SELECT min(CAST(properties->>'version' AS INTEGER)) FROM features) AS version,
       (SELECT count(DISTINCT properties->>'version') FROM features) AS versions,
       (SELECT count(*) FROM features) AS features, (SELECT count(*) FROM site_members) AS members,
       (SELECT count(*) FROM sites) AS sites, (SELECT count(*) FROM datasets) AS datasets,
       (SELECT count(*) FROM sites s JOIN features f ON f.feature_uid = s.site_uid) AS canonical,
       (SELECT count(DISTINCT run_id) FROM sites) AS runs`,
  );
  return state!;
}

/** Rows of the curated tables and a sum of their hashes, which no order of rows changes; but for the run's id. */
export async function curatedSums(lake: LakeLocation): Promise<Record<string, unknown>[]> {
  const tables = await queryLakeRows(
    lake,
    `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'curated' ORDER BY 1`,
  );
  const sums = tables.map(
    ({ name }) => `SELECT '${String(name)}' AS name, count(*) AS n, sum(hash(t)::HUGEINT)::VARCHAR AS sum
      FROM (SELECT COLUMNS(c -> c <> 'run_id') FROM lake.curated.${String(name)}) AS t`,
  );
  return queryLakeRows(lake, `${sums.join(' UNION ALL ')} ORDER BY name`);
}

const undisturbed = new Map<Version, Promise<Record<string, unknown>[]>>();

/** The curated tables of a lake of its own that nothing has disturbed. */
export function expectedCurated(folder: string, version: Version): Promise<Record<string, unknown>[]> {
  const make = async () => {
    const place = join(folder, `undisturbed-${version}`);
    const lake = { catalog: join(place, 'lake.ducklake'), dataPath: join(place, 'data') };
    await ingest({ manifest: writeVersion(place, version), lake });
    return curatedSums(lake);
  };
  const found = undisturbed.get(version) ?? make();
  undisturbed.set(version, found);
  return found;
}
