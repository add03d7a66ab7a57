import { z } from 'zod';
import { REPOSITORIES } from './fetch/remote-file.js';

/** Units that a column may be in, by what they measure. */
export const AREA_UNITS = ['m2', 'km2', 'ha', 'acre', 'ft2'] as const;
/** Units of power; p stands for peak, which changes no number. */
export const POWER_UNITS = ['W', 'kW', 'MW', 'GW', 'Wp', 'kWp', 'MWp', 'GWp'] as const;

const text = z.string().min(1);
const columns = z.union([text, z.array(text).min(1)], { error: 'expected the name of a column, or several' });
const constant = z.union([z.string(), z.number(), z.boolean()]);

/** What every rule may say: the columns (the first that has a value wins) or a value for all rows. */
const common = {
  column: columns.optional(),
  value: constant.optional().describe('for every row'),
  map: z
    .record(z.string(), z.union([z.string(), z.number(), z.null()]))
    .optional()
    .describe('values of the source to ours'),
};

function ruleOf<Shape extends z.ZodRawShape>(extra: Shape) {
  const rule = z
    .strictObject({ ...common, ...extra })
    .refine((one: { column?: unknown; value?: unknown }) => (one.column === undefined) !== (one.value === undefined), {
      message: 'expected either column or value',
    })
    .refine((one: { column?: unknown; kind?: unknown }) => !Array.isArray(one.kind) || isBeside(one.kind, one.column), {
      message: 'expected one kind, or a list of as many as there are columns',
    });
  return z.union([text.transform((column) => ({ column })), rule]).optional();
}

function isBeside(list: readonly unknown[], columns: unknown): boolean {
  return Array.isArray(columns) && columns.length === list.length;
}

/** One for all columns, or one for each. */
function kinds<const Kind extends string>(...words: readonly [Kind, ...Kind[]]) {
  const kind = z.enum(words);
  const error = `expected one of ${words.join(', ')}, or a list of these, one for each column`;
  return z.union([kind, z.array(kind)], { error }).default(words.at(-1)!);
}

const power = ruleOf({
  unit: z.enum(POWER_UNITS).default('MW'),
  kind: kinds('reported', 'estimated', 'unknown'),
});
const date = {
  censored: z
    .enum(['before', 'after'])
    .optional()
    .describe('before: the value is the latest day that it can be, after: the earliest'),
};

/** Harmonised columns, and where their values come from. */
export const fieldMapSchema = z.strictObject({
  native_id: ruleOf({}),
  source_split: ruleOf({}),
  area_src: ruleOf({
    unit: z.enum(AREA_UNITS).default('m2'),
    kind: kinds('panel', 'site', 'unknown'),
  }),
  cap_dc: power,
  cap_ac: power,
  installed: ruleOf({
    ...date,
    quarter: text.optional().describe('column of the quarter of a year: 1 to 4, or 2017Q4'),
  }).describe('year, year and quarter, month, day or an interval of these; <2016-06 is open'),
  observed: ruleOf({}).describe('the day of the image or survey that shows it'),
  mount: ruleOf({}),
  tilt_deg: ruleOf({}),
  azimuth_deg: ruleOf({}).describe('from north, clockwise'),
  setting: ruleOf({}).describe('rooftop, ground, water or unknown'),
  confidence: ruleOf({ scale: z.number().positive().default(1).describe('the value that means certain') }),
  country_iso3: ruleOf({}),
  admin1: ruleOf({}),
});

// Strict: a misspelt key would fetch everything.
const filtersSchema = z.strictObject({
  include_patterns: z.array(z.string()).default([]),
  exclude_patterns: z.array(z.string()).default([]),
  use_regex: z.boolean().default(false),
});

const numberLike = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'expected a number')
    .transform(Number),
]);
const degrees = z.number().finite();
const isLon = (x: number): boolean => x >= -180 && x <= 360;

/**
 * One data set of a manifest: the published format, and beside it what heliocube needs to know. Published manifests have more
 * fields than these: they are kept in silence where nothing here has a similar name.
 */
export const datasetSchema = z.looseObject({
  doi: text.describe('DOI, or URL where there is none'),
  repo: z
    .enum([...REPOSITORIES, 'local'])
    .describe('local: files that are here, `doi` is the path of a file or folder'),
  compression: z.string().nullish(),
  label_fmt: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .describe('yolo, mask, png and tif make labels of texts and images; all others are told by their files'),
  label_files: z
    .array(z.string())
    .nullish()
    .describe('patterns, as in file_filters: which files are labels; the others are looked at for places only'),
  background: z.array(z.number()).nullish().describe('values of mask images that are no label; 0 by default'),
  crs: z.string().nullish().describe('of files that do not say'),
  geom_type: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]).nullish(),
  label_count: z.union([numberLike, z.array(numberLike)]).nullish(),
  keep_cols: z.array(z.string()).nullish(),
  skip: z.boolean().default(false),
  max_mb: numberLike.nullish(),
  file_filters: filtersSchema.nullish(),
  version: z.string().nullish(),
  api: z.string().nullish().describe('root of the repository, where it is not the public one'),
  layer: z.string().nullish(),
  x: z.string().nullish(),
  y: z.string().nullish(),
  field_map: fieldMapSchema.prefault({}),
  null_values: z.array(constant).default([]).describe('beside -9999, empty text, nan, NA, null and None'),
  where: z.string().nullish().describe('SQL over the harmonised geometry columns and the source’s: rows that it keeps'),
  license: z.string().nullish(),
  citation: z.string().nullish(),
  expected_count: z.number().int().nonnegative().nullish(),
  checksums: z
    .record(z.string(), z.string().regex(/^(md5|sha1|sha256):[0-9a-f]+$/i, 'expected ALGORITHM:HEX'))
    .default({}),
  priority: z.number().int().min(1).max(1000).default(100).describe('1 is best: whose geometry stands for a site'),
  extent: z
    .tuple([degrees, degrees, degrees, degrees])
    .refine(
      ([west, south, east, north]) => south < north && south >= -90 && north <= 90 && isLon(west) && isLon(east),
      {
        error: 'expected west, south, east, north in degrees, south below north',
      },
    )
    .nullish()
    .describe('west, south, east, north of the data, in degrees: tells swapped axes'),
});

/** A data set as a manifest says it, checked, with defaults. */
export type ManifestEntry = z.output<typeof datasetSchema>;
/** Where the values of harmonised columns come from. */
export type FieldMap = z.output<typeof fieldMapSchema>;
