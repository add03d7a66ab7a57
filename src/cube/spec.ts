import { z } from 'zod';
import { RESAMPLINGS } from '../native/kernels.js';
import { DATA_TYPES } from '../grid/dtype.js';

const finite = z.number().finite();
const positive = finite.positive();
const SIZE_LIMIT = 16_384;

/** Half floats are read, and not written: few readers of Zarr know them. */
const WRITTEN_TYPES = DATA_TYPES.filter((type) => type !== 'float16');
const typeError = `expected one of ${WRITTEN_TYPES.join(', ')} (float16 is not written, use float32)`;
const DTYPE = z.enum(WRITTEN_TYPES as [string, ...string[]], { error: typeError });
/** Ways to fuse candidates that a specification may name. */
export const MOSAICS = ['first', 'last', 'min', 'max', 'mean', 'median', 'count'] as const;

const groupby = z
  .string()
  .regex(
    /^(?:solar_day|time|id|dekad|season|P(?:[1-9]\d*[DWMY]|T[1-9]\d*H))$/,
    'expected solar_day, time, id, dekad, season or an ISO 8601 period such as P1D, P1W, P1M, P1Y, P10D or PT6H',
  );

/** One place where items come from; a build may name several. */
export const sourceSchema = z.strictObject({
  stac: z
    .string()
    .min(1)
    .describe('static catalogue, collection, item, item collection, API root, .parquet or .ndjson'),
  collections: z.array(z.string()).optional(),
  datetime: z.string().optional().describe('RFC 3339 instant or interval, open ends with ..'),
  ids: z.array(z.string()).optional(),
  bbox: z
    .array(finite)
    .length(4)
    .optional()
    .describe('west, south, east, north in degrees; west > east crosses the antimeridian'),
  intersects: z.record(z.string(), z.unknown()).optional().describe('GeoJSON geometry'),
  query: z.record(z.string(), z.unknown()).optional(),
  limit: z.number().int().positive().optional(),
});

const labelsSchema = z
  .strictObject({
    path: z.string().min(1),
    layer: z.string().optional(),
    crs: z.string().optional().describe('for files that do not say'),
    where: z.string().optional().describe('SQL over the harmonised columns'),
    x: z.string().optional().describe('column of a CSV with longitudes or eastings, where its name does not say so'),
    y: z.string().optional().describe('column of a CSV with latitudes or northings'),
    h3: z.number().int().min(0).max(15).default(10).describe('resolution of the cover'),
  })
  .refine(({ x, y }) => (x === undefined) === (y === undefined), { message: 'x and y go together' });

const gridSchema = z.strictObject({
  crs: z.string().default('auto'),
  resolution: z
    .union([positive, z.tuple([positive, positive])], { error: 'expected a size in units of the CRS, or [x, y]' })
    .optional(),
  extent: z
    .union([z.enum(['labels', 'items']), z.tuple([finite, finite, finite, finite])], {
      error: 'expected labels, items, or [xmin, ymin, xmax, ymax]',
    })
    .optional(),
  anchor: z.enum(['edge', 'center', 'floating']).default('edge'),
  chunk: z.number().int().min(16).max(SIZE_LIMIT).default(512),
  shard: z.number().int().min(16).max(SIZE_LIMIT).nullable().default(null),
});

const range = z.tuple([finite, finite]).refine(([from, to]) => from <= to, { message: 'from must not exceed to' });

const maskSchema = z
  .strictObject({
    band: z.string(),
    values: z.array(finite).min(1).optional(),
    range: range.optional().describe('closed'),
    bits: z.array(z.number().int().min(0).max(31)).min(1).optional().describe('masked where any of these bits is set'),
    invert: z.boolean().default(false),
    dilate: finite.nonnegative().default(0).describe('metres'),
  })
  .refine((mask) => [mask.values, mask.range, mask.bits].filter((rule) => rule !== undefined).length === 1, {
    message: 'expected exactly one of values, range, bits',
  });

const nodataError = 'expected a number, nan, or a list of them and of ranges [from, to]';
const nodataValue = z.union([finite, z.literal('nan').transform(() => Number.NaN)], { error: nodataError });
const nodataEntry = z.union([nodataValue, range], { error: nodataError });
const nodataRule = z.union([nodataValue, z.array(nodataEntry).min(1)], { error: nodataError });

const icechunkSchema = z.strictObject({
  icechunk: z.string().min(1).describe('folder of a repository, or s3://BUCKET/PREFIX'),
  virtual: z
    .enum(['none', 'auto'])
    .default('none')
    .describe('auto: chunks that equal one tile of a source are references'),
});

/** The specification of a build, with its defaults; aliases are resolved before. */
export const specSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, 'expected letters, digits and _ . - only'),
  source: z
    .union([sourceSchema, z.array(sourceSchema).min(1)], {
      error: 'expected { stac: PATH_OR_URL, … } or a list of these',
    })
    .transform((source) => (Array.isArray(source) ? source : [source])),
  labels: labelsSchema.optional(),
  bands: z.array(z.string().min(1)).min(1),
  grid: gridSchema.prefault({}),
  time: z.strictObject({ groupby: groupby.default('solar_day') }).prefault({}),
  sortby: z.array(z.string()).default([]),
  mask: maskSchema.nullable().default(null),
  mosaic: z.enum(MOSAICS).default('first'),
  nodata: z
    .union([nodataRule, z.record(z.string(), nodataRule)], { error: nodataError })
    .nullable()
    .default(null)
    .describe('a value, or a list of values and closed ranges [from, to], of which the first is written'),
  scale: z.union([z.boolean(), z.literal('auto')], { error: 'expected true, false or auto' }).default(false),
  dtype: z
    .union([DTYPE, z.record(z.string(), DTYPE)], { error: typeError })
    .nullable()
    .default(null),
  resampling: z
    .union([z.enum(RESAMPLINGS), z.record(z.string(), z.enum(RESAMPLINGS))], {
      error: `expected one of ${RESAMPLINGS.join(', ')}, or one for each band`,
    })
    .default('nearest')
    .transform((value) => (typeof value === 'string' ? { '*': value } : value)),
  antialias: z.boolean().default(true),
  clip: z
    .strictObject({
      mode: z.enum(['chunks', 'pixels', 'none']).default('chunks'),
      buffer: finite.nonnegative().default(0),
    })
    .prefault({}),
  output: z
    .strictObject({
      cube: z.union([z.string(), icechunkSchema], { error: 'expected a path, or { icechunk: PLACE }' }).optional(),
      lake: z.string().optional(),
      codec: z
        .strictObject({
          name: z.enum(['blosc', 'zstd', 'gzip', 'none']).default('blosc'),
          level: z.number().int().min(0).optional(),
        })
        .refine(({ name, level = 0 }) => level <= (name === 'zstd' ? 22 : 9), {
          path: ['level'],
          message: 'blosc and gzip have levels 0 to 9, zstd 0 to 22',
        })
        .prefault({}),
    })
    .prefault({}),
});

/** A checked specification with every default filled in. Paths are still as written. */
export type BuildSpec = z.output<typeof specSchema>;
/** One source of items. */
export type SourceSpec = BuildSpec['source'][number];
/** Which pixels are masked. */
export type MaskSpec = NonNullable<BuildSpec['mask']>;
/** How candidates of a time step become one plane. */
export type Mosaic = BuildSpec['mosaic'];

/** JSON Schema of the file that `cube build` takes, for editors. */
export function specJsonSchema(): unknown {
  return z.toJSONSchema(specSchema, { io: 'input' });
}
