import type { Setting } from '../../sites/site-feature.js';
import {
  COMPLETENESS_FIELDS,
  CONTEXT_GROUPS,
  CONTEXT_SHARE,
  COVER_SENSITIVITY,
  GROUND_SHARE,
  OTHER_SENSITIVITY,
  ROOFTOP_SHARE,
  SCORE_RULES_VERSION,
  USE_SENSITIVITY,
} from './score-rules.js';

/** Shares of a site by class, 0 to 1. */
export type ClassShares = Readonly<Record<string, number>>;

/** All that scores are made of. What was not looked for is null. */
export type ScoreInputs = {
  readonly siteUid: string;
  readonly isPoint: boolean;
  /** As the source says. */
  readonly setting: Setting;
  readonly hasCapacity: boolean;
  readonly hasInstalled: boolean;
  readonly hasMount: boolean;
  /** Tilt and azimuth, both. */
  readonly hasOrientation: boolean;
  readonly hasCountry: boolean;
  readonly hasRegion: boolean;
  readonly buildingShare: number | null;
  readonly cover: ClassShares | null;
  readonly use: ClassShares | null;
};

/** What stands around a site. */
export type DevelopmentContext = keyof typeof CONTEXT_GROUPS | 'mixed' | 'unknown';

/** A row of `site_scores`. */
export type SiteScores = {
  readonly siteUid: string;
  readonly rulesVersion: number;
  readonly classification: Setting;
  /** Who says so. */
  readonly evidence: 'source' | 'buildings' | 'none';
  /** Whether buildings say the same as the source; null where one of them says nothing. */
  readonly agrees: boolean | null;
  /** 0 to 1. */
  readonly completeness: number;
  /** 0 to 1; null where no land was looked for. */
  readonly sensitivity: number | null;
  readonly context: DevelopmentContext;
  readonly inputs: ScoreInputs;
};

/** The scores of a site, by the rules of docs/enrich.md. Pure. */
export function scoreSite(inputs: ScoreInputs): SiteScores {
  const byBuildings = settingByBuildings(inputs);
  const bySource = inputs.setting === 'unknown' ? null : inputs.setting;
  const classification = bySource ?? byBuildings ?? 'unknown';
  return {
    siteUid: inputs.siteUid,
    rulesVersion: SCORE_RULES_VERSION,
    classification,
    evidence: bySource !== null ? 'source' : byBuildings !== null ? 'buildings' : 'none',
    agrees: bySource === null || byBuildings === null ? null : (bySource === 'rooftop') === (byBuildings === 'rooftop'),
    completeness: completeness(inputs, classification),
    sensitivity: sensitivity(inputs),
    context: developmentContext(inputs),
    inputs,
  };
}

/** A point beside a roof says nothing: addresses are points, too. */
function settingByBuildings({ buildingShare, isPoint }: ScoreInputs): 'rooftop' | 'ground' | null {
  if (buildingShare === null) return null;
  if (buildingShare >= ROOFTOP_SHARE) return 'rooftop';
  return buildingShare <= GROUND_SHARE && !isPoint ? 'ground' : null;
}

function completeness(inputs: ScoreInputs, classification: Setting): number {
  const known: Readonly<Record<(typeof COMPLETENESS_FIELDS)[number], boolean>> = {
    geometry: !inputs.isPoint,
    capacity: inputs.hasCapacity,
    installed: inputs.hasInstalled,
    mount: inputs.hasMount,
    orientation: inputs.hasOrientation,
    setting: classification !== 'unknown',
    country: inputs.hasCountry,
    region: inputs.hasRegion,
  };
  return COMPLETENESS_FIELDS.filter((field) => known[field]).length / COMPLETENESS_FIELDS.length;
}

/** The larger of what cover and what use says: the mean weight of the cover, the weighted share of protecting uses. */
function sensitivity({ cover, use }: ScoreInputs): number | null {
  if (cover === null && use === null) return null;
  const byCover = weighted(cover ?? {}, (name) => COVER_SENSITIVITY[name] ?? OTHER_SENSITIVITY);
  const byUse = weighted(use ?? {}, (name) => USE_SENSITIVITY[name] ?? 0);
  return Math.min(1, Math.max(byCover, byUse));
}

function weighted(shares: ClassShares, weight: (name: string) => number): number {
  return Object.entries(shares).reduce((sum, [name, share]) => sum + share * weight(name), 0);
}

function developmentContext({ cover }: ScoreInputs): DevelopmentContext {
  if (cover === null || Object.keys(cover).length === 0) return 'unknown';
  const groups = Object.entries(CONTEXT_GROUPS) as [keyof typeof CONTEXT_GROUPS, readonly string[]][];
  const found = groups.find(
    ([, classes]) => weighted(cover, (name) => (classes.includes(name) ? 1 : 0)) >= CONTEXT_SHARE,
  );
  return found === undefined ? 'mixed' : found[0];
}
