import { SHARE_ROUNDING, SharedAreas } from '../../sites/shared-areas.js';
import type { Geometry } from '../../vector/label.js';
import type { AdminUnit, UnitName } from './admin-unit.js';

/** How it is known that a site belongs to a unit. */
export type AdminMethod =
  /** By its share of the site's area. */
  | 'area'
  /** The unit holds the site's point. */
  | 'contains'
  /** No unit touches the site; this is the nearest one within reach. */
  | 'nearest'
  /** What of the site lies in no unit: at sea, or where the source has none. */
  | 'outside';

/** A row of `site_admin`: a site and a unit, or a site and what of it is in none. */
export type AdminRow = {
  readonly siteUid: string;
  readonly level: number;
  /** Null of what lies outside. */
  readonly code: string | null;
  readonly name: string | null;
  readonly countryIso3: string | null;
  /** Of the site's area, 0 to 1; of its points. The shares of a site and level add up to 1. */
  readonly share: number;
  /** As measured; null of points and of the nearest. */
  readonly areaM2: number | null;
  /** The unit with the largest share (of equals, with the smaller code); no row of what lies outside is. */
  readonly isBest: boolean;
  readonly method: AdminMethod;
  /** Metres to the unit; 0 but for the nearest, null of what lies outside. */
  readonly distanceM: number | null;
  readonly source: string;
  readonly release: string;
};

/** A site, as far as this needs it. */
export type PlacedSite = { readonly siteUid: string; readonly geometry: Geometry };

type Found = {
  readonly unit: UnitName & { readonly source: string; readonly release: string };
  share: number;
  areaM2: number;
};

/**
 * The units of every site, level by level. Where units overlap (disputed areas) shares are scaled to add up to 1. A site that touches
 * no unit belongs to the nearest one within `nearestM` metres; of a level below countries to one of its own country. Pure.
 */
export function* adminShares(
  units: readonly AdminUnit[],
  sites: readonly PlacedSite[],
  nearestM: number,
): Generator<AdminRow> {
  const areas = new SharedAreas(
    units.map(({ geometry }) => geometry),
    sites.map(({ geometry }) => geometry),
  );
  const levels = [...new Set(units.map(({ level }) => level))].sort((a, b) => a - b);
  const sources = new Map(levels.map((level) => [level, sourcesOf(units.filter((unit) => unit.level === level))]));
  for (const [number, site] of sites.entries()) {
    const shares = areas.shares(number);
    let country: string | null | undefined = levels[0] === 0 ? null : undefined;
    for (const level of levels) {
      const found = new Map<string, Found>();
      for (const { zone, share, areaM2 } of shares)
        if (units[zone]!.level === level) add(found, units[zone]!, share, areaM2);
      if (found.size > 0) {
        const isPoint = site.geometry.kind === 'points';
        const rows = rowsOf(site.siteUid, level, [...found.values()], { isPoint, ...sources.get(level)! });
        if (level === 0) country = rows.find(({ isBest }) => isBest)!.countryIso3;
        yield* rows;
        continue;
      }
      const near = areas.near(number, nearestM).find(({ zone }) => isAllowed(units[zone]!, level, country));
      if (near !== undefined) {
        const unit = units[near.zone]!;
        if (level === 0) country = unit.countryIso3;
        yield {
          ...identity(site.siteUid, unit),
          share: 1,
          areaM2: null,
          isBest: true,
          method: 'nearest',
          distanceM: near.gapM,
        };
      } else if (level === 0) yield outside(site.siteUid, level, 1, areas.areaOf(number), sources.get(level)!);
    }
  }
}

function isAllowed(unit: AdminUnit, level: number, country: string | null | undefined): boolean {
  return unit.level === level && (level === 0 || country === undefined || unit.countryIso3 === country);
}

/** Units of one code (a country in several records) are one. */
function add(found: Map<string, Found>, unit: AdminUnit, share: number, areaM2: number): void {
  const known = found.get(unit.code);
  if (known === undefined) found.set(unit.code, { unit, share, areaM2 });
  else {
    known.share += share;
    known.areaM2 += areaM2;
  }
}

type LevelFacts = { readonly isPoint: boolean; readonly source: string; readonly release: string };

function rowsOf(siteUid: string, level: number, found: Found[], { isPoint, ...from }: LevelFacts): AdminRow[] {
  const sum = found.reduce((total, { share }) => total + share, 0);
  const scale = sum > 1 ? 1 / sum : 1;
  const rank = ({ share }: Found) => Math.round(share / SHARE_ROUNDING);
  const ranked = found.sort((a, b) => rank(b) - rank(a) || (a.unit.code < b.unit.code ? -1 : 1));
  const rows = ranked.map(({ unit, share, areaM2 }, place): AdminRow => ({
    ...identity(siteUid, unit),
    share: share * scale,
    areaM2: isPoint ? null : areaM2,
    isBest: place === 0,
    method: isPoint ? 'contains' : 'area',
    distanceM: 0,
  }));
  const rest = 1 - sum;
  if (rest <= SHARE_ROUNDING) return rows;
  const measured = found.reduce((total, { areaM2 }) => total + areaM2, 0);
  return [...rows, outside(siteUid, level, rest, isPoint ? 0 : (measured / sum) * rest, from)];
}

function identity(siteUid: string, { level, code, name, countryIso3, source, release }: Found['unit']) {
  return { siteUid, level, code, name, countryIso3, source, release };
}

function outside(
  siteUid: string,
  level: number,
  share: number,
  areaM2: number,
  from: { readonly source: string; readonly release: string },
): AdminRow {
  const none = { code: null, name: null, countryIso3: null, isBest: false, distanceM: null };
  return { siteUid, level, ...none, share, areaM2: areaM2 > 0 ? areaM2 : null, method: 'outside', ...from };
}

function sourcesOf(units: readonly AdminUnit[]): { readonly source: string; readonly release: string } {
  const all = (values: string[]) => [...new Set(values)].sort().join(' + ');
  return { source: all(units.map(({ source }) => source)), release: all(units.map(({ release }) => release)) };
}
