import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { filled } from '../../lake/tables.js';
import { harmonise } from '../../vector/harmonise.js';
import type { PlacedSite } from './admin-shares.js';
import type { EnrichStep, MadeTable } from './enrich-step.js';
import { measureZones, uncovered, type SiteZones, type Zone } from './measure-zones.js';
import { openZones, type OpenedZones, type ZoneSource, type ZoneType } from './open-zones.js';
import {
  SITE_BUILDINGS,
  SITE_LAND,
  type BuildingRow,
  type EnrichmentSource,
  type LandRow,
  type LandTheme,
} from './tables.js';

/** Raised whenever the same zones and sites would give other rows. */
const BUILDING_RULES = 1;
const LAND_RULES = 1;

/** Where patches of land come from; one of them at least. */
export type LandSources = { readonly cover?: ZoneSource; readonly use?: ZoneSource };

const LAND_TYPES: Readonly<Record<LandTheme, ZoneType>> = { cover: 'land_cover', use: 'land_use' };

/** Buildings under sites, as a step. Problems: those of opening the source. */
export async function buildingStep(source: ZoneSource, signal?: AbortSignal): Promise<EnrichStep> {
  const opened = await openZones('building', source, signal);
  return {
    kind: 'buildings',
    rulesVersion: BUILDING_RULES,
    options: null,
    sources: [sourceOf(opened)],
    async make(db, sites): Promise<MadeTable> {
      const { zones, warnings } = await readZones(db, opened, sites, signal);
      const measured = await measureZones(db, zones, sites, signal);
      const rows = measured.flatMap((site) => buildingRows(site, zones, opened));
      const covered = measured.filter(({ all }) => all.share > 0).length;
      return { filled: filled(SITE_BUILDINGS, rows), counts: { covered, free: measured.length - covered }, warnings };
    },
  };
}

/** Land cover and land use of sites, as a step. Problems: those of opening the sources. */
export async function landStep(land: LandSources, signal?: AbortSignal): Promise<EnrichStep> {
  const themes: { readonly theme: LandTheme; readonly opened: OpenedZones }[] = [];
  for (const theme of ['cover', 'use'] as const) {
    const source = land[theme];
    if (source !== undefined) themes.push({ theme, opened: await openZones(LAND_TYPES[theme], source, signal) });
  }
  return {
    kind: 'land',
    rulesVersion: LAND_RULES,
    options: themes.map(({ theme }) => theme),
    sources: themes.map(({ opened }) => sourceOf(opened)),
    async make(db, sites): Promise<MadeTable> {
      const rows: LandRow[] = [];
      const warnings: string[] = [];
      const counts: Record<string, number> = {};
      for (const { theme, opened } of themes) {
        const read = await readZones(db, opened, sites, signal);
        const measured = await measureZones(db, read.zones, sites, signal);
        for (const site of measured) rows.push(...landRows(site, theme, opened));
        warnings.push(...read.warnings);
        counts[theme] = measured.filter(({ all }) => all.share > 0).length;
      }
      return { filled: filled(SITE_LAND, rows), counts, warnings };
    },
  };
}

function sourceOf({ source, release, license }: EnrichmentSource): EnrichmentSource {
  return { source, release, license };
}

/** The zones around the sites, valid; their class is the subtype, else the class, else `unknown`. */
async function readZones(
  db: DuckDb,
  opened: OpenedZones,
  sites: readonly PlacedSite[],
  signal: AbortSignal | undefined,
): Promise<{ readonly zones: Zone[]; readonly warnings: string[] }> {
  const table = await opened.table(sites, 0, null);
  if (table.records.length === 0) return { zones: [], warnings: [] };
  const { rows, quarantine } = await harmonise(db, table, opened.source, signal);
  const ids = new Map(table.records.map(({ record, id }) => [record, id]));
  const zones = rows
    .filter(({ geometry }) => geometry.kind === 'polygons')
    .map(({ labelId, geometry, properties: { subtype, class: kind } }) => {
      const id = ids.get(labelId);
      if (id == null) throw new CubeError({ kind: 'invalid-data', url: table.url, what: 'a feature without an id' });
      const named = [subtype, kind].find((value) => typeof value === 'string' && value !== '');
      return { id, class: typeof named === 'string' ? named : 'unknown', geometry };
    });
  const lost = quarantine.map(({ reason }) => reason);
  return { zones, warnings: lost.length === 0 ? [] : [`${opened.source}: ${lost.length} left out: ${lost[0]!}`] };
}

/** A row a building, and what of the site is on none. */
function buildingRows(site: SiteZones, zones: readonly Zone[], { source, release }: EnrichmentSource): BuildingRow[] {
  const { siteUid, isPoint } = site;
  const rows = site.zones.map(({ zone, share, areaM2 }): BuildingRow => {
    const { id, class: kind } = zones[zone]!;
    return { siteUid, buildingId: id, class: kind, share, areaM2: isPoint ? null : areaM2, source, release };
  });
  const rest = uncovered(site);
  return rest === null ? rows : [...rows, { siteUid, buildingId: null, class: null, ...rest, source, release }];
}

/** A row a class, and what of the site is of none. Classes may overlap; within one, area counts once. */
function landRows(site: SiteZones, theme: LandTheme, { source, release }: EnrichmentSource): LandRow[] {
  const { siteUid, isPoint } = site;
  const rows = [...site.classes].map(([name, { share, areaM2, zones }]): LandRow => ({
    siteUid,
    theme,
    class: name,
    share,
    areaM2: isPoint ? null : areaM2,
    zones,
    source,
    release,
  }));
  const rest = uncovered(site);
  return rest === null ? rows : [...rows, { siteUid, theme, class: null, ...rest, zones: 0, source, release }];
}
