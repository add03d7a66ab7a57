import { z } from 'zod';
import type { LevelRow } from './reference-rows.js';

/** A row of `levels` as it was found; `runId` is that of the commit. */
export type FoundLevel = LevelRow & { readonly runId: string };

/** Where each field of a row comes from: SQL over the columns of `levels`. Whole numbers travel as doubles. */
const FIELDS: { readonly [Field in keyof FoundLevel]: string } = {
  runId: 'run_id',
  levelId: 'level_id',
  scannedAt: 'CAST(epoch_ms(scanned_at) AS DOUBLE)',
  href: 'href',
  variable: 'variable',
  itemId: 'item_id',
  band: 'band',
  size: 'CAST(size AS DOUBLE)',
  etag: 'etag',
  modifiedMs: 'CAST(epoch_ms(last_modified) AS DOUBLE)',
  driver: 'driver',
  level: 'level',
  isMask: 'is_mask',
  levelHref: 'level_href',
  shape: 'CAST(shape AS DOUBLE[])',
  chunkShape: 'CAST(chunk_shape AS DOUBLE[])',
  edge: 'edge',
  axes: 'axes',
  dtype: 'dtype',
  codecs: 'codecs',
  codecFingerprint: 'codec_fingerprint',
  fill: 'fill',
  bands: 'bands',
  nodata: 'nodata',
  scale: 'scale',
  offset: '"offset"',
  crs: 'crs',
  transform: 'transform',
  dimensions: 'dimensions',
  problems: 'problems',
  refs: 'refs',
  chunks: 'CAST(chunks AS DOUBLE)',
};

const text = z.string();
const count = z.int().min(0);
/** NaN and infinities too. */
const numbers = z.array(z.custom<number>((value) => typeof value === 'number', 'not a number'));

/** What a row must be before its texts are looked into. */
const rowSchema: z.ZodType<FoundLevel> = z.strictObject({
  runId: text,
  levelId: text,
  scannedAt: z.int(),
  href: text,
  variable: text.nullable(),
  itemId: text.nullable(),
  band: text.nullable(),
  size: count.nullable(),
  etag: text.nullable(),
  modifiedMs: z.int().nullable(),
  driver: text,
  level: count,
  isMask: z.boolean(),
  levelHref: text,
  shape: z.array(count),
  chunkShape: z.array(z.int().min(1)),
  edge: text,
  axes: text,
  dtype: text,
  codecs: text,
  codecFingerprint: text,
  fill: text,
  bands: text,
  nodata: text,
  scale: numbers,
  offset: numbers,
  crs: text.nullable(),
  transform: numbers.nullable(),
  dimensions: text,
  problems: text,
  refs: text,
  chunks: count,
});

/** The columns of a SELECT over `levels` (named `l`) that `parseFoundLevel` reads. */
export function levelColumns(): string {
  return Object.entries(FIELDS)
    .map(([field, expression]) => `${expression} AS "${field}"`)
    .join(', ');
}

/** A row of that SELECT, or words for what is wrong with it. */
export function parseFoundLevel(row: Readonly<Record<string, unknown>>): FoundLevel | string {
  const parsed = rowSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? 'a row'}: ${issue?.message ?? 'not what was stored'}`;
}
