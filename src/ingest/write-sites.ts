import { sqlName, sqlString, type DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { throwIfAborted } from '../io/abort.js';
import { LAKE } from '../lake/attach.js';
import { flag, real, text } from '../lake/column.js';
import { appendStaged, createStaged } from '../lake/stage.js';
import { SCHEMA, type Table } from '../lake/tables.js';
import { Deduplicator, type Deduplicated, type FeaturePair, type SiteMember } from '../sites/deduplicate.js';
import type { DedupRules } from '../sites/site-feature.js';
import { readSiteFeatures } from './read-site-features.js';
import { DUPLICATES, SITE_MEMBERS, SITES } from './tables.js';

type MemberRow = SiteMember & { readonly groupUid: string };

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
  const all = new Deduplicator();
  let features = 0;
  for await (const feature of readSiteFeatures(database)) {
    if (features++ % 4096 === 0) throwIfAborted(signal);
    all.add(feature);
  }
  const found = all.finish(rules);
  await stage(database, found, signal);
  try {
    for (const { name } of [SITES, SITE_MEMBERS, DUPLICATES])
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${name}`);
    for (const statement of insertions(runId)) await database.run(statement);
  } finally {
    for (const { name } of [MEMBERS, PAIRS]) await database.run(`DROP TABLE IF EXISTS temp.staged_${name}`);
  }
  const sites = found.groups.size;
  await assertWhole(database, sites);
  const pairs: Record<string, number> = {};
  for (const pair of found.pairs) pairs[pair.class] = (pairs[pair.class] ?? 0) + 1;
  return { features, sites, merged: features - sites, pairs, splitChains: found.splitChains };
}

async function stage(database: DuckDb, found: Deduplicated, signal?: AbortSignal): Promise<void> {
  await createStaged(database, MEMBERS);
  const members = found.members.map((member) => ({
    ...member,
    groupUid: found.groups.get(member.siteUid)!,
  }));
  await appendStaged(database, MEMBERS, members, signal);
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
       FROM temp.staged_members m JOIN ${features} f ON f.feature_uid = m.feature_uid ORDER BY m.site_uid, m.feature_uid`,
    `${into(DUPLICATES)} SELECT ${run}, p.a_uid, p.b_uid, a.dataset, b.dataset, p.class, p.iou, p.iomin, p.gap_m, p.merged
       FROM temp.staged_pairs p JOIN ${features} a ON a.feature_uid = p.a_uid JOIN ${features} b ON b.feature_uid = p.b_uid
       ORDER BY p.a_uid, p.b_uid`,
    `${into(SITES)} ${selectSites(run)}`,
  ];
}

/**
 * Members in order of their worth: the canonical one, then by the data set's priority, the newer, the smaller uid. What grows with
 * extent (capacity) is taken only from members that are as large as the site, or points of it.
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
  const provenance = TAKEN.map((one) => `'${one.columns.join('+')}', ${best('feature_uid', one)}`);
  const canonical = ['dataset', 'geometry', 'geom_kind', 'xmin', 'ymin', 'xmax', 'ymax', 'lon', 'lat', 'area_geod_m2'];
  const cells = ['h3_r15', 'h3_r5', 'h3_r7', 'h3_r9', 'h3_r12'];
  const list = SITES.columns.map(({ name }) => {
    if (name === 'site_uid' || name === 'members' || name === 'datasets' || name === 'group_uid') return `s.${name}`;
    if (name === 'provenance') return 'CAST(s.provenance AS JSON)';
    if (name === 'setting') return `coalesce(s.setting, 'unknown')`;
    return canonical.includes(name) || cells.includes(name) ? `c.${name}` : `s.${name}`;
  });
  return `WITH ranked AS (
      SELECT m.site_uid, m.relation, m.group_uid, f.*, row_number() OVER (PARTITION BY m.site_uid
        ORDER BY m.relation <> 'canonical', d.priority, f.observed_at DESC NULLS LAST, f.feature_uid) AS place
      FROM temp.staged_members m JOIN ${LAKE}.${SCHEMA}.features f ON f.feature_uid = m.feature_uid
        JOIN ${LAKE}.${SCHEMA}.datasets d ON d.dataset = f.dataset),
    summed AS (
      SELECT site_uid, CAST(count(*) AS INTEGER) AS members, CAST(count(DISTINCT dataset) AS INTEGER) AS datasets,
        any_value(group_uid) AS group_uid, ${taken.join(', ')}, json_object(${provenance.join(', ')}) AS provenance
      FROM ranked GROUP BY site_uid)
    SELECT ${run}, ${list.join(', ')}
    FROM summed s JOIN ${LAKE}.${SCHEMA}.features c ON c.feature_uid = s.site_uid ORDER BY c.h3_r15, s.site_uid`;
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
