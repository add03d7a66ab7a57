import type { DuckDb } from '../../duckdb/connection.js';
import { LAKE } from '../../lake/attach.js';
import { hasTable } from '../../lake/schema.js';
import { filled, SCHEMA } from '../../lake/tables.js';
import type { Setting } from '../../sites/site-feature.js';
import { contentHash } from '../content-hash.js';
import type { EnrichStep } from './enrich-step.js';
import { SCORE_RULES_VERSION } from './score-rules.js';
import { scoreSite, type ClassShares, type ScoreInputs } from './score-site.js';
import { SITE_ADMIN, SITE_BUILDINGS, SITE_LAND, SITE_SCORES } from './tables.js';

const table = (name: string) => `${LAKE}.${SCHEMA}.${name}`;

const SELECT = `WITH units AS (
    SELECT site_uid, bool_or(is_best AND level = 0) AS country, bool_or(is_best AND level = 1) AS region FROM ${table('site_admin')} GROUP BY site_uid),
  buildings AS (
    SELECT site_uid, 1 - coalesce(max(share) FILTER (WHERE building_id IS NULL), 0) AS share FROM ${table('site_buildings')} GROUP BY site_uid),
  land AS (
    SELECT site_uid, count(*) FILTER (WHERE theme = 'cover') AS covers, count(*) FILTER (WHERE theme = 'use') AS uses,
      list([class, CAST(share AS VARCHAR)] ORDER BY class) FILTER (WHERE theme = 'cover' AND class IS NOT NULL) AS cover,
      list([class, CAST(share AS VARCHAR)] ORDER BY class) FILTER (WHERE theme = 'use' AND class IS NOT NULL) AS use
    FROM ${table('site_land')} GROUP BY site_uid)
  SELECT s.site_uid, s.geom_kind = 'point' AS is_point, coalesce(lower(trim(s.setting)), 'unknown') AS setting,
    s.cap_dc_mw IS NOT NULL OR s.cap_ac_mw IS NOT NULL AS capacity, s.inst_start IS NOT NULL OR s.inst_end IS NOT NULL AS installed,
    s.mount IS NOT NULL AS mount, s.tilt_deg IS NOT NULL AND s.azimuth_deg IS NOT NULL AS orientation,
    s.country_iso3 IS NOT NULL OR coalesce(u.country, false) AS country, s.admin1 IS NOT NULL OR coalesce(u.region, false) AS region,
    b.share AS building_share, coalesce(l.covers, 0) > 0 AS has_cover, coalesce(l.uses, 0) > 0 AS has_use, l.cover, l.use
  FROM ${table('sites')} s LEFT JOIN units u USING (site_uid) LEFT JOIN buildings b USING (site_uid) LEFT JOIN land l USING (site_uid)
  ORDER BY s.site_uid`;

/** What the attached lake knows of every site, in order of the ids; null where it has no tables of enrichment yet. */
export async function readScoreInputs(database: DuckDb): Promise<readonly ScoreInputs[] | null> {
  for (const { name } of [SITE_ADMIN, SITE_BUILDINGS, SITE_LAND])
    if (!(await hasTable(database, LAKE, name))) return null;
  const rows = await database.all(SELECT);
  return rows.map(toInputs);
}

/** Scores of sites, as a step: written anew where anything that they are made of has changed. */
export function scoreStep(inputs: readonly ScoreInputs[]): EnrichStep {
  return {
    kind: 'scores',
    rulesVersion: SCORE_RULES_VERSION,
    options: contentHash(inputs),
    sources: [],
    async make() {
      const rows = inputs.map(scoreSite);
      const counts: Record<string, number> = {};
      for (const { classification } of rows) counts[classification] = (counts[classification] ?? 0) + 1;
      return { filled: filled(SITE_SCORES, rows), counts, warnings: [] };
    },
  };
}

const SETTINGS: readonly string[] = ['rooftop', 'ground', 'water'] satisfies Setting[];

function toInputs(row: Record<string, unknown>): ScoreInputs {
  const setting = String(row['setting']);
  return {
    siteUid: String(row['site_uid']),
    isPoint: row['is_point'] === true,
    setting: isSetting(setting) ? setting : 'unknown',
    hasCapacity: row['capacity'] === true,
    hasInstalled: row['installed'] === true,
    hasMount: row['mount'] === true,
    hasOrientation: row['orientation'] === true,
    hasCountry: row['country'] === true,
    hasRegion: row['region'] === true,
    buildingShare: typeof row['building_share'] === 'number' ? row['building_share'] : null,
    cover: row['has_cover'] === true ? sharesOf(row['cover']) : null,
    use: row['has_use'] === true ? sharesOf(row['use']) : null,
  };
}

function isSetting(text: string): text is Setting {
  return SETTINGS.includes(text);
}

function sharesOf(list: unknown): ClassShares {
  const pairs = Array.isArray(list) ? list.filter((pair): pair is [string, string] => Array.isArray(pair)) : [];
  return Object.fromEntries(pairs.map(([name, share]) => [name, Number(share)]));
}
