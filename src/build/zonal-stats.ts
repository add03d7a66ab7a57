import type { Table } from 'apache-arrow';
import { arrowTableOf } from '../lake/arrow.js';
import { STATISTICS } from './statistic.js';
import { zonalRows, type ZonalStatsInput } from './zonal-rows.js';

/**
 * Coverage-weighted statistics of rasters under labels (exactextract's definitions) as an Arrow table: one row for every
 * label, raster and band, with `label_id`, `feature_uid`, `raster`, `band` (from 1 on) and one column a statistic.
 */
export async function zonalStats(input: ZonalStatsInput): Promise<Table> {
  const rows = await zonalRows(input);
  return arrowTableOf([
    { name: 'label_id', type: 'INTEGER', values: rows.map(({ labelId }) => labelId) },
    { name: 'feature_uid', type: 'VARCHAR', values: rows.map(({ featureUid }) => featureUid) },
    { name: 'raster', type: 'VARCHAR', values: rows.map(({ raster }) => raster) },
    { name: 'band', type: 'INTEGER', values: rows.map(({ band }) => band) },
    ...STATISTICS.map((name) => ({ name, type: 'DOUBLE', values: rows.map((row) => row[name]) })),
  ]);
}
