import { BLOB, blobValue, INTEGER } from '@duckdb/node-api';
import type { DuckDb } from '../../duckdb/connection.js';
import { throwIfAborted } from '../../io/abort.js';
import { SHARE_ROUNDING, SharedAreas, type Share } from '../../sites/shared-areas.js';
import { appendColumns } from '../../vector/append-chunks.js';
import type { Geometry } from '../../vector/label.js';
import { formatWkb, parseWkb } from '../../vector/wkb.js';
import type { PlacedSite } from './admin-shares.js';

/** A building, or a patch of land. */
export type Zone = { readonly id: string; readonly class: string; readonly geometry: Geometry };

/** Part of a site that some zones cover together, counted once where they overlap. */
export type Covered = { readonly share: number; readonly areaM2: number; readonly zones: number };

/** How a site lies in zones. */
export type SiteZones = {
  readonly siteUid: string;
  readonly isPoint: boolean;
  readonly areaM2: number;
  /** Zone by zone. */
  readonly zones: readonly Share[];
  /** Class by class, in order of the names. */
  readonly classes: ReadonlyMap<string, Covered>;
  /** By all zones together. */
  readonly all: Covered;
};

type Group = { readonly site: number; readonly shares: readonly Share[]; covered: Covered };

/**
 * Measure how sites lie in zones. Zones that overlap (parts of a building, uses of one place) are united by GEOS before they are measured
 * together; all others are added up.
 */
export async function measureZones(
  db: DuckDb,
  zones: readonly Zone[],
  sites: readonly PlacedSite[],
  signal?: AbortSignal,
): Promise<SiteZones[]> {
  const geometries = zones.map(({ geometry }) => geometry);
  const places = sites.map(({ geometry }) => geometry);
  const areas = new SharedAreas(geometries, places);
  const found = sites.map((_, site) => groupsOf(areas.shares(site), site, zones));
  throwIfAborted(signal);
  const groups = found.flatMap(({ classes, all }) => [...classes.values(), all]);
  await uniteOverlaps(db, groups, geometries, places);
  return sites.map(({ siteUid, geometry }, site) => {
    const { shares, classes, all } = found[site]!;
    return {
      siteUid,
      isPoint: geometry.kind === 'points',
      areaM2: areas.areaOf(site),
      zones: shares,
      classes: new Map([...classes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { covered }]) => [name, covered])),
      all: all.covered,
    };
  });
}

function groupsOf(shares: readonly Share[], site: number, zones: readonly Zone[]) {
  const byClass = new Map<string, Share[]>();
  for (const share of shares) {
    const name = zones[share.zone]!.class;
    byClass.set(name, [...(byClass.get(name) ?? []), share]);
  }
  const group = (some: readonly Share[]): Group => ({ site, shares: some, covered: sumOf(some) });
  return { shares, classes: new Map([...byClass].map(([name, some]) => [name, group(some)])), all: group(shares) };
}

function sumOf(shares: readonly Share[]): Covered {
  const sum = (read: (share: Share) => number) => shares.reduce((total, one) => total + read(one), 0);
  return {
    share: Math.min(
      1,
      sum(({ share }) => share),
    ),
    areaM2: sum(({ areaM2 }) => areaM2),
    zones: shares.length,
  };
}

/** Of the groups whose zones overlap, the area of their union instead of the sum. */
async function uniteOverlaps(
  db: DuckDb,
  groups: readonly Group[],
  zones: readonly Geometry[],
  sites: readonly Geometry[],
): Promise<void> {
  const several = groups.filter(({ shares, site }) => shares.length > 1 && sites[site]!.kind === 'polygons');
  const used = [...new Set(several.flatMap(({ shares }) => shares.map(({ zone }) => zone)))].sort((a, b) => a - b);
  const some = used.map((zone) => zones[zone]!);
  const among = new SharedAreas(some, some);
  const overlaps = new Map(used.map((zone, i) => [zone, among.shares(i).map(({ zone: other }) => used[other]!)]));
  const wanted = several.filter(({ shares }) => {
    const members = new Set(shares.map(({ zone }) => zone));
    return shares.some(({ zone }) => overlaps.get(zone)!.some((other) => other !== zone && members.has(other)));
  });
  if (wanted.length === 0) return;
  const united = await unionsOf(db, wanted, zones);
  const areas = new SharedAreas(
    united,
    wanted.map(({ site }) => sites[site]!),
  );
  for (const [i, group] of wanted.entries()) {
    const share = areas.shares(i).find(({ zone }) => zone === i);
    group.covered = { share: share?.share ?? 0, areaM2: share?.areaM2 ?? 0, zones: group.shares.length };
  }
}

async function unionsOf(db: DuckDb, groups: readonly Group[], zones: readonly Geometry[]): Promise<Geometry[]> {
  const members = groups.flatMap(({ shares }, i) => shares.map(({ zone }) => ({ i, zone })));
  await db.run('CREATE OR REPLACE TEMP TABLE members (i INTEGER, wkb BLOB)');
  await appendColumns(db.connection, 'members', [
    { type: INTEGER, values: members.map(({ i }) => i) },
    { type: BLOB, values: members.map(({ zone }) => blobValue(formatWkb(zones[zone]!))) },
  ]);
  const rows = await db.all(
    'SELECT i, ST_AsWKB(ST_CollectionExtract(ST_Union_Agg(ST_GeomFromWKB(wkb)), 3)) AS wkb FROM members GROUP BY i ORDER BY i',
  );
  await db.run('DROP TABLE members');
  return rows.map(({ wkb }) => {
    const geometry = wkb instanceof Uint8Array ? parseWkb(wkb) : null;
    return geometry?.kind === 'polygons' ? geometry : { kind: 'polygons', polygons: [] };
  });
}

/** What of a site no zone covers, or null where that is rounding. */
export function uncovered({
  all,
  areaM2,
  isPoint,
}: SiteZones): { readonly share: number; readonly areaM2: number | null } | null {
  const share = 1 - all.share;
  return share <= SHARE_ROUNDING ? null : { share, areaM2: isPoint ? null : share * areaM2 };
}
