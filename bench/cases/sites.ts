import { join } from 'node:path';
import { FEATURES, type DataSize } from '../data/sizes.js';
import type { JobOf } from '../protocol.js';
import { OURS, runsOf, type Case } from './case.js';

const PEERS = ['duckdb-sql', 'geopandas'] as const;

/** V1 and V2: duplicates among many polygons, and polygons of a file to valid, measured rows of a lake. */
export function siteCases(folder: string, { features }: DataSize): Case[] {
  const job = (part: JobOf<'sites'>['part'], file: string): JobOf<'sites'> => ({
    kind: 'sites',
    part,
    file: join(folder, file),
  });
  const values = (rule: string) =>
    ({ kind: 'values', reference: 'duckdb-sql', type: 'float64', within: 1e-4, least: 1, rule }) as const;
  const slow = (one: Case): Case => ({ ...one, runs: one.runs.map((run) => ({ ...run, rounds: 3 })) });
  return [
    {
      name: 'V1',
      what: `${features} polygons in a Parquet file (WKB): all pairs that are duplicates, those of one data set too, by IoU (0.99, 0.5) and by the share of the smaller one (0.5). We merge them into sites besides, and look for neighbours. \`duckdb-sql\`: ST_Intersects join, then ST_Intersection of the pairs; \`geopandas\`: STRtree and vectorised intersections of shapely`,
      runs: runsOf(job('dedup', FEATURES.parquet), [OURS, ...PEERS]),
      rows: PEERS.map((peer) => ({ name: 'V1', ours: OURS, peer, target: null })),
      items: { count: features, name: 'features' },
      agreement: values('pairs by class, and the sum of their IoU, within 1e-4 of DuckDB'),
    },
    slow({
      name: 'V2',
      what: `${features} polygons in GeoJSON, a feature a line: read, checked and repaired, geodesic areas, H3 cells of an interior point, units and dates, written to a new DuckLake. Ours is \`cube ingest\` without models: it covers with H3, hashes every geometry and finds the sites besides. \`duckdb-sql\` has no H3 and no sites; \`geopandas\` none of these, and writes GeoParquet`,
      runs: runsOf(job('ingest', FEATURES.lines), [OURS, ...PEERS]),
      rows: PEERS.map((peer) => ({ name: 'V2', ours: OURS, peer, target: null })),
      items: { count: features, name: 'features' },
      agreement: values('rows, and the sum of their areas, within 1e-4 of DuckDB'),
    }),
  ];
}
