import type { DuckDBValue } from '@duckdb/node-api';
import { sqlString, type DuckDb } from '../duckdb/connection.js';
import { streamChunks } from '../duckdb/stream-chunks.js';
import { blobBytes } from '../duckdb/values.js';
import { CubeError } from '../errors.js';
import { LAKE } from '../lake/attach.js';
import { SCHEMA } from '../lake/tables.js';
import type { Setting, SiteFeature } from '../sites/site-feature.js';
import { parseWkb } from '../vector/wkb.js';

const EPOCH = "DATE '1970-01-01'";

const SELECT = `SELECT f.feature_uid, f.dataset, d.priority, ST_AsWKB(f.geometry), f.setting,
    CASE WHEN f.cap_dc_mw IS NULL AND f.cap_ac_mw IS NULL THEN NULL
      ELSE greatest(coalesce(f.cap_dc_mw, 0), coalesce(f.cap_ac_mw, 0)) END,
    CAST(f.inst_start - ${EPOCH} AS DOUBLE), CAST(f.inst_end - ${EPOCH} AS DOUBLE), CAST(f.observed_at - ${EPOCH} AS DOUBLE)
  FROM ${LAKE}.${SCHEMA}.features f JOIN ${LAKE}.${SCHEMA}.datasets d ON d.dataset = f.dataset`;

/** Every feature of the attached lake but those of the data sets `without`, as far as it tells what is one site with what. */
export async function* readSiteFeatures(
  database: DuckDb,
  without: readonly string[] = [],
): AsyncGenerator<SiteFeature> {
  const texts = new Map<string, string>();
  const rest = without.length === 0 ? '' : ` WHERE f.dataset NOT IN (${without.map(sqlString).join(', ')})`;
  for await (const chunk of streamChunks(database, SELECT + rest)) {
    for (const row of chunk.getRows()) yield toFeature(row, texts);
  }
}

/** `texts` has those that many rows share, each once. */
function toFeature(row: DuckDBValue[], texts: Map<string, string>): SiteFeature {
  const [uid, dataset, priority, wkb, setting, capacity, start, end, observed] = row;
  const geometry = parseWkb(blobBytes(wkb));
  if (geometry.kind === 'unusable') {
    throw new CubeError({ kind: 'lake', what: `feature ${String(uid)}: ${geometry.reason}` });
  }
  return {
    featureUid: String(uid),
    dataset: shared(texts, String(dataset)),
    priority: Number(priority),
    geometry,
    setting: shared(texts, String(setting)) as Setting,
    capacityMw: numberOf(capacity),
    installed: { start: numberOf(start), end: numberOf(end) },
    observedDay: numberOf(observed),
  };
}

function shared(texts: Map<string, string>, text: string): string {
  const known = texts.get(text);
  if (known === undefined) texts.set(text, text);
  return known ?? text;
}

function numberOf(value: DuckDBValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
