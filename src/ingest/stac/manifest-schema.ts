import { z } from 'zod';
import { PROVIDERS } from './providers.js';

const text = z.string().min(1);
const percent = z.number().min(0).max(100);
const count = z.number().int().positive();
const names = z.array(text).min(1);

const searchSchema = z.looseObject({
  max_cloud_cover: percent.nullish().describe('percent; items that do not say stay'),
  date_range: text.nullish().describe('RFC 3339 interval'),
  buffer_meters: z.number().min(0).max(1_000_000).nullish().describe('around sites'),
  max_items_per_location: count.nullish().describe('the least cloudy, of equals the newest'),
});

/**
 * One catalogue of a manifest: the published format, and beside it what heliocube needs to know. Other fields of published
 * manifests describe the catalogue and are kept in silence.
 */
export const stacSourceSchema = z
  .looseObject({
    provider: z
      .enum(PROVIDERS.map(({ name }) => name) as [string, ...string[]])
      .nullish()
      .describe('a catalogue that is known by name'),
    catalog_uri: text.nullish().describe('URL or path of an API, catalogue, item collection, .parquet or .ndjson'),
    parquet_uri: text.nullish().describe('the same items as stac-geoparquet; read in place of a static catalogue'),
    catalog_type: z.enum(['api', 'static']).nullish(),
    data_type: text.nullish().describe('"vector": not imagery, left out here'),
    include_collections: names.nullish(),
    search_parameters: searchSchema.nullish(),
    cql_filter: text
      .nullish()
      .describe('CQL2 text; an item is left out where it is false, not where the item does not say'),
    bbox: z.array(z.number()).length(4).nullish().describe('west, south, east, north; instead of sites'),
    priority: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .describe('1 is best: whose row stands for an item of two catalogues'),
    skip: z.boolean().default(false),
  })
  .refine((one) => one.provider != null || one.catalog_uri != null || one.parquet_uri != null, {
    message: 'expected catalog_uri, parquet_uri or provider',
  });

/** A catalogue as a manifest says it, checked, with defaults. */
export type StacSourceEntry = z.output<typeof stacSourceSchema>;
