import { basename, dirname, join } from 'node:path';
import { openDuckDb, sqlString } from '../../../src/duckdb/connection.js';
import { ingest } from '../../../src/ingest/ingest.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { Deduplicator } from '../../../src/sites/deduplicate.js';
import { parseWkb } from '../../../src/vector/wkb.js';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Place, type Work } from '../../route.js';

/** Duplicates of a Parquet file, or a file of GeoJSON into a lake. */
export function prepareSites({ part, file }: JobOf<'sites'>, { scratch }: Place): Work {
  return part === 'dedup' ? () => dedup(file) : () => ingestFile(file, scratch);
}

async function dedup(file: string) {
  const sites = new Deduplicator();
  const db = await openDuckDb();
  const result = await db.connection.stream(`SELECT uid, dataset, wkb FROM read_parquet(${sqlString(file)})`);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [uid, dataset, wkb] of chunk.getRows()) {
      const geometry = parseWkb((wkb as { bytes: Uint8Array }).bytes);
      if (geometry.kind === 'unusable') throw new Error(geometry.reason);
      sites.add({
        featureUid: String(uid),
        dataset: String(dataset),
        priority: 1,
        geometry,
        setting: 'unknown',
        capacityMw: null,
        installed: { start: null, end: null },
        observedDay: null,
      });
    }
  }
  await db.close();
  const { pairs } = sites.finish();
  return {
    result: () => {
      const count = (kind: string) => pairs.filter((pair) => pair.class === kind).length;
      const merged = pairs.filter((pair) => ['exact', 'same', 'part_of'].includes(pair.class));
      const iou = merged.reduce((sum, pair) => sum + (pair.iou ?? 0), 0);
      return [bytesOf(Float64Array.of(count('exact'), count('same'), count('part_of'), iou))];
    },
  };
}

async function ingestFile(file: string, scratch: string) {
  const lake = { catalog: join(scratch, 'lake.ducklake'), dataPath: join(scratch, 'lake') };
  const field_map = { cap_ac: { column: 'kw', unit: 'kW' }, native_id: 'uid' };
  const manifest = { polygons: { doi: basename(file), repo: 'local', field_map } };
  await ingest({ manifest, folder: dirname(file), lake, models: false });
  return {
    result: async function* () {
      const [row] = await queryLakeRows(
        lake,
        'SELECT count(*) AS n, sum(area_geod_m2::DECIMAL(38, 6))::DOUBLE AS area FROM features',
      );
      yield bytesOf(Float64Array.of(Number(row!['n']), Number(row!['area'])));
    },
  };
}
