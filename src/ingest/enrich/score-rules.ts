/** Raised whenever a rule, a weight or a limit below changes; it stands in every row of `site_scores`. */
export const SCORE_RULES_VERSION = 1;

/** From this share of a site on buildings it stands on roofs. */
export const ROOFTOP_SHARE = 0.5;

/** Up to this share of a polygon on buildings it stands on the ground. */
export const GROUND_SHARE = 0.1;

/** What is known of a complete site; each counts the same. */
export const COMPLETENESS_FIELDS = [
  'geometry',
  'capacity',
  'installed',
  'mount',
  'orientation',
  'setting',
  'country',
  'region',
] as const;

/** Sensitivity of the classes of Overture's land cover; those that are not here count as `OTHER_SENSITIVITY`. */
export const COVER_SENSITIVITY: Readonly<Record<string, number>> = {
  mangrove: 1,
  wetland: 0.9,
  forest: 0.7,
  moss: 0.5,
  snow: 0.5,
  shrub: 0.4,
  grass: 0.3,
  crop: 0.15,
  barren: 0.1,
  urban: 0,
};

/** Sensitivity of uses of land that are there to protect it; other uses say nothing. */
export const USE_SENSITIVITY: Readonly<Record<string, number>> = { protected: 1, park: 0.5 };

/** Of a class of land cover that has no weight. */
export const OTHER_SENSITIVITY = 0.3;

/** What stands around a site, by the classes of land cover. */
export const CONTEXT_GROUPS = {
  built_up: ['urban'],
  agricultural: ['crop'],
  natural: ['mangrove', 'wetland', 'forest', 'moss', 'snow', 'shrub', 'grass', 'barren'],
} as const;

/** From this share on a group is the context of a site; else it is mixed. */
export const CONTEXT_SHARE = 0.5;
