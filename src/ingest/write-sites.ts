import { sqlName, sqlString, type DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { LAKE } from '../lake/attach.js';
import { flag, real, text } from '../lake/column.js';
import { appendStaged, createStaged } from '../lake/stage.js';
import { SCHEMA, type Table } from '../lake/tables.js';
import type { Deduplicated, FeaturePair, SiteMember } from '../sites/deduplicate.js';
import type { DedupRules } from '../sites/site-feature.js';
import { collectGarbage } from './collect-garbage.js';
import { findSites } from './find-sites.js';
import { limitMemory, resetMemoryLimit } from './memory-limit.js';
import { DUPLICATES, SITE_MEMBERS, SITES } from './tables.js';

/** `alone`: the site has no other member. */
type MemberRow = SiteMember & { readonly groupUid: string; readonly alone: boolean };

const MEMBERS: Table<MemberRow> = {
  name: 'members',
  comment: '',
  sortedBy: [],
  columns: [
    text('site_uid', (row) => row.siteUid),
    text('feature_uid', (row) => row.featureUid),
    text('relation', (row) => row.relation),
    real('iou', (row) => row.iou),
    real('iomin', (row) => row.iomin),
    text('group_uid', (row) => row.groupUid),
    flag('alone', (row) => row.alone),
  ],
};

const PAIRS: Table<FeaturePair> = {
  name: 'pairs',
  comment: '',
  sortedBy: [],
  columns: [
    text('a_uid', (row) => row.aUid),
    text('b_uid', (row) => row.bUid),
    text('class', (row) => row.class),
    real('iou', (row) => row.iou),
    real('iomin', (row) => row.iomin),
    real('gap_m', (row) => row.gapM),
    flag('merged', (row) => row.merged),
  ],
};

/** Columns of a site that come from the best member that has them, as one: whoever tells one tells all of a group. */
const TAKEN: readonly { readonly columns: readonly string[]; readonly extent?: true }[] = [
  { columns: ['cap_dc_mw', 'cap_ac_mw', 'cap_kind'], extent: true },
  { columns: ['inst_start', 'inst_end'] },
  { columns: ['observed_at'] },
  { columns: ['mount'] },
  { columns: ['tilt_deg'] },
  { columns: ['azimuth_deg'] },
  { columns: ['setting'] },
  { columns: ['confidence'] },
  { columns: ['country_iso3'] },
  { columns: ['admin1'] },
];

/** Members that are made into rows at a time. */
const STAGED_ROWS = 65_536;

/** What was merged, counted. */
export type SitesWritten = {
  readonly features: number;
  readonly sites: number;
  /** Features that are no site's canonical one. */
  readonly merged: number;
  readonly pairs: Readonly<Record<string, number>>;
  readonly splitChains: number;
};

/**
 * Deduplicate all features of the attached lake and replace its sites, members and pairs, within the caller's transaction. Every
 * feature becomes a member of one site. Problem: `lake` where that does not hold.
 */
export async function writeSites(
  database: DuckDb,
  runId: string,
  rules: DedupRules,
  signal?: AbortSignal,
): Promise<SitesWritten> {
  await limitMemory(database);
  const found = await stageSites(database, rules, signal);
  collectGarbage();
  try {
    await resetMemoryLimit(database); // joins and aggregates of all sites do not go to disk
    for (const { name } of [SITES, SITE_MEMBERS, DUPLICATES])
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${name}`);
    for (const statement of insertions(runId)) await database.run(statement);
    await assertWhole(database, found.sites);
  } finally {
    // A failure above has ended the transaction, and matters more.
    for (const { name } of [MEMBERS, PAIRS])
      await database.run(`DROP TABLE IF EXISTS temp.staged_${name}`).catch(() => {});
  }
  return found;
}

/** Deduplicate, and stage members and pairs. What this takes of memory is free again when the rows are written. */
async function stageSites(database: DuckDb, rules: DedupRules, signal: AbortSignal | undefined): Promise<SitesWritten> {
  const found = await findSites(database, rules, { signal });
  await stage(database, found, signal);
  const pairs: Record<string, number> = {};
  for (const pair of found.pairs) pairs[pair.class] = (pairs[pair.class] ?? 0) + 1;
  const { features } = found;
  const sites = found.groups.size;
  return { features, sites, merged: features - sites, pairs, splitChains: found.splitChains };
}

async function stage(database: DuckDb, found: Deduplicated, signal?: AbortSignal): Promise<void> {
  await createStaged(database, MEMBERS);
  const together = new Set(
    found.members.flatMap(({ featureUid, siteUid }) => (featureUid === siteUid ? [] : [siteUid])),
  );
  for (let start = 0; start < found.members.length; start += STAGED_ROWS) {
    const members = found.members.slice(start, start + STAGED_ROWS).map((member) => ({
      ...member,
      groupUid: found.groups.get(member.siteUid)!,
      alone: !together.has(member.siteUid),
    }));
    await appendStaged(database, MEMBERS, members, signal);
  }
  await createStaged(database, PAIRS);
  await appendStaged(database, PAIRS, found.pairs, signal);
}

function insertions(runId: string): string[] {
  const run = sqlString(runId);
  const features = `${LAKE}.${SCHEMA}.features`;
  const into = ({ name, columns }: Table<never>) =>
    `INSERT INTO ${LAKE}.${SCHEMA}.${name} (${['run_id', ...columns.map((column) => column.name)].map(sqlName).join(', ')})`;
  return [
    `${into(SITE_MEMBERS)} SELECT ${run}, m.site_uid, m.feature_uid, f.dataset, m.relation, m.iou, m.iomin
       FROM ${features} f JOIN temp.staged_members m ON m.feature_uid = f.feature_uid ORDER BY m.site_uid, m.feature_uid`,
    `${into(DUPLICATES)} SELECT ${run}, p.a_uid, p.b_uid, a.dataset, b.dataset, p.class, p.iou, p.iomin, p.gap_m, p.merged
       FROM temp.staged_pairs p JOIN ${features} a ON a.feature_uid = p.a_uid JOIN ${features} b ON b.feature_uid = p.b_uid
       ORDER BY p.a_uid, p.b_uid`,
    `${into(SITES)} ${selectSites(run)}`,
  ];
}

/**
 * Members in order of their worth: the canonical one, then by the data set's priority, the newer, the smaller uid. What grows with
 * extent (capacity) is taken only from members that are as large as the site, or points of it. A site of one member is that member: most are,
 * and they need no aggregates.
 */
function selectSites(run: string): string {
  const known = ({ columns }: (typeof TAKEN)[number]) =>
    `(${columns.map((name) => (name === 'setting' ? `setting <> 'unknown'` : `${name} IS NOT NULL`)).join(' OR ')})`;
  const where = (one: (typeof TAKEN)[number]) =>
    `${known(one)}${one.extent === true ? ` AND relation IN ('canonical', 'exact', 'same', 'point_in')` : ''}`;
  const best = (value: string, one: (typeof TAKEN)[number]) => `arg_min(${value}, place) FILTER (WHERE ${where(one)})`;
  const taken = TAKEN.flatMap((one) =>
    one.columns.map((name) => `arg_min(struct_pack(v := ${name}), place) FILTER (WHERE ${where(one)}).v AS ${name}`),
  );
  const provenance = (uid: (one: (typeof TAKEN)[number]) => string) =>
    `json_object(${TAKEN.map((one) => `'${one.columns.join('+')}', ${uid(one)}`).join(', ')})`;
  const features = `${LAKE}.${SCHEMA}.features`;
  return `WITH ranked AS (
      SELECT m.site_uid, m.relation, m.group_uid, f.*, row_number() OVER (PARTITION BY m.site_uid
        ORDER BY m.relation <> 'canonical', d.priority, f.observed_at DESC NULLS LAST, f.feature_uid) AS place
      FROM ${features} f JOIN temp.staged_members m ON m.feature_uid = f.feature_uid
        JOIN ${LAKE}.${SCHEMA}.datasets d ON d.dataset = f.dataset
      WHERE NOT m.alone),
    summed AS (
      SELECT site_uid, CAST(count(*) AS INTEGER) AS members, CAST(count(DISTINCT dataset) AS INTEGER) AS datasets,
        any_value(group_uid) AS group_uid, ${taken.join(', ')}, ${provenance((one) => best('feature_uid', one))} AS provenance
      FROM ranked GROUP BY site_uid),
    single AS (
      SELECT f.*, m.site_uid, m.group_uid FROM ${features} f JOIN temp.staged_members m ON m.feature_uid = f.feature_uid WHERE m.alone),
    made AS (
      SELECT ${siteColumns('several')} FROM ${features} c JOIN summed s ON s.site_uid = c.feature_uid
      UNION ALL
      SELECT ${siteColumns('one')} FROM (
        SELECT *, ${provenance((one) => `CASE WHEN ${known(one)} THEN site_uid END`)} AS own FROM single) c)
    SELECT ${run}, * FROM made ORDER BY h3_r15, site_uid`;
}

/** The columns of a site, of which `c` is the canonical feature: of several members as they were summed up, or of one. */
function siteColumns(members: 'several' | 'one'): string {
  const isSummed = members === 'several';
  const from = isSummed ? 's' : 'c';
  const canonical = ['dataset', 'geometry', 'geom_kind', 'xmin', 'ymin', 'xmax', 'ymax', 'lon', 'lat', 'area_geod_m2'];
  const cells = ['h3_r15', 'h3_r5', 'h3_r7', 'h3_r9', 'h3_r12'];
  return SITES.columns
    .map(({ name }) => {
      if (name === 'members' || name === 'datasets') return isSummed ? `s.${name}` : `1::INTEGER AS ${name}`;
      if (name === 'provenance') return `CAST(${isSummed ? 's.provenance' : 'c.own'} AS JSON) AS provenance`;
      if (name === 'setting') return `coalesce(${from}.setting, 'unknown') AS setting`;
      return canonical.includes(name) || cells.includes(name) ? `c.${name}` : `${from}.${name}`;
    })
    .join(', ');
}

/** No feature vanishes: as many members as features, each once, and a site for each canonical one. */
async function assertWhole(database: DuckDb, sites: number): Promise<void> {
  const count = (what: string, table: string) => `(SELECT count(${what}) FROM ${LAKE}.${SCHEMA}.${table})`;
  const [found] = await database.all(
    `SELECT ${count('*', 'features')} AS features, ${count('*', 'site_members')} AS members,
       ${count('DISTINCT feature_uid', 'site_members')} AS distinct_members, ${count('*', 'sites')} AS sites,
       ${count('DISTINCT site_uid', 'site_members')} AS member_sites`,
  );
  const { features, members, distinct_members: distinct, sites: stored, member_sites: named } = found!;
  if (features === members && members === distinct && stored === named && stored === BigInt(sites)) return;
  const what = `${String(features)} features, ${String(members)} members (${String(distinct)} distinct), ${String(stored)} sites of ${sites}`;
  throw new CubeError({ kind: 'lake', what: `features and sites do not add up: ${what}` });
}
