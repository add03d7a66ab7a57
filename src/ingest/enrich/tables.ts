import { flag, json, real, text, time, whole } from '../../lake/column.js';
import type { Table } from '../../lake/tables.js';
import type { AdminRow } from './admin-shares.js';
import type { SiteScores } from './score-site.js';

/** A run that wrote one of the tables of enrichment, which is replaced as a whole. */
export type EnrichmentRow = {
  /** Which table it is about. */
  readonly kind: string;
  /** Of sites, sources, their releases and the version of the rules: equal where nothing would change. */
  readonly contentKey: string;
  readonly rulesVersion: number;
  readonly sources: readonly EnrichmentSource[];
  readonly sites: number;
  readonly rows: number;
  readonly enrichedMs: number;
};

/** What was read, and of which state. */
export type EnrichmentSource = { readonly source: string; readonly release: string; readonly license: string | null };

/** See `EnrichmentRow`. */
export const ENRICHMENTS: Table<EnrichmentRow> = {
  name: 'enrichments',
  comment: 'One row is a table of enrichment that the lake holds, and what it was made of',
  sortedBy: ['kind'],
  columns: [
    text('kind', (row) => row.kind),
    text('content_key', (row) => row.contentKey),
    whole('rules_version', 'INTEGER', (row) => row.rulesVersion),
    json('sources', (row) => JSON.stringify(row.sources)),
    whole('sites', 'BIGINT', (row) => row.sites),
    whole('rows', 'BIGINT', (row) => row.rows),
    time('enriched_at', (row) => row.enrichedMs),
  ],
};

/** See `AdminRow`. */
export const SITE_ADMIN: Table<AdminRow> = {
  name: 'site_admin',
  comment:
    'One row is a site and an administrative unit that it lies in, with the share of the site, or what of it lies in none',
  sortedBy: ['site_uid', 'level', 'code'],
  columns: [
    text('site_uid', (row) => row.siteUid),
    whole('level', 'INTEGER', (row) => row.level),
    text('code', (row) => row.code),
    text('name', (row) => row.name),
    text('country_iso3', (row) => row.countryIso3),
    real('share', (row) => row.share),
    real('area_m2', (row) => row.areaM2),
    flag('is_best', (row) => row.isBest),
    text('method', (row) => row.method),
    real('distance_m', (row) => row.distanceM),
    text('source', (row) => row.source),
    text('release', (row) => row.release),
  ],
};

/** A site and a building that it lies on, or (null) what of it lies on none. Buildings that overlap are told each. */
export type BuildingRow = {
  readonly siteUid: string;
  readonly buildingId: string | null;
  readonly class: string | null;
  /** Of the site's area, 0 to 1. The row of no building is 1 less the share of all of them together. */
  readonly share: number;
  /** Null of points. */
  readonly areaM2: number | null;
  readonly source: string;
  readonly release: string;
};

/** See `BuildingRow`. */
export const SITE_BUILDINGS: Table<BuildingRow> = {
  name: 'site_buildings',
  comment: 'One row is a site and a building that it lies on, with the share of the site, or what of it lies on none',
  sortedBy: ['site_uid', 'building_id'],
  columns: [
    text('site_uid', (row) => row.siteUid),
    text('building_id', (row) => row.buildingId),
    text('class', (row) => row.class),
    real('share', (row) => row.share),
    real('area_m2', (row) => row.areaM2),
    text('source', (row) => row.source),
    text('release', (row) => row.release),
  ],
};

/** What covers the land, or what it is used for. */
export type LandTheme = 'cover' | 'use';

/** A site and a class of land, or (null) what of it is of none. */
export type LandRow = {
  readonly siteUid: string;
  readonly theme: LandTheme;
  readonly class: string | null;
  /** Of the site's area, 0 to 1; classes may overlap. */
  readonly share: number;
  /** Null of points. */
  readonly areaM2: number | null;
  /** Patches of that class. */
  readonly zones: number;
  readonly source: string;
  readonly release: string;
};

/** See `LandRow`. */
export const SITE_LAND: Table<LandRow> = {
  name: 'site_land',
  comment: 'One row is a site and a class of land cover or use, with the share of the site, or what of it is of none',
  sortedBy: ['site_uid', 'theme', 'class'],
  columns: [
    text('site_uid', (row) => row.siteUid),
    text('theme', (row) => row.theme),
    text('class', (row) => row.class),
    real('share', (row) => row.share),
    real('area_m2', (row) => row.areaM2),
    whole('zones', 'INTEGER', (row) => row.zones),
    text('source', (row) => row.source),
    text('release', (row) => row.release),
  ],
};

/** See `SiteScores`. */
export const SITE_SCORES: Table<SiteScores> = {
  name: 'site_scores',
  comment: 'One row is a site: how it stands, how complete it is and what is around it, by versioned rules',
  sortedBy: ['site_uid'],
  columns: [
    text('site_uid', (row) => row.siteUid),
    whole('rules_version', 'INTEGER', (row) => row.rulesVersion),
    text('site_classification', (row) => row.classification),
    text('classification_evidence', (row) => row.evidence),
    text('classification_agrees', (row) => (row.agrees === null ? null : row.agrees ? 'yes' : 'no')),
    real('completeness', (row) => row.completeness),
    real('environmental_sensitivity', (row) => row.sensitivity),
    text('development_context', (row) => row.context),
    json('inputs', (row) => JSON.stringify(row.inputs)),
  ],
};

/** All tables about sites that are made by enrichment. */
export const ENRICHED = [SITE_ADMIN, SITE_BUILDINGS, SITE_LAND, SITE_SCORES] as const;
