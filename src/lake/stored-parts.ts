import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { CubeError } from '../errors.js';
import { DATA_TYPES, type DataType } from '../grid/dtype.js';
import type { PlaneAxes } from '../raster/level.js';
import type { Raster, RasterDimension } from '../raster/raster.js';
import { parsePlain } from './plain-json.js';
import type { LevelRow } from './reference-rows.js';
import { codecChain } from './stored-codecs.js';

/** References cost 16 bytes each: 256 MiB. */
export const MAX_CHUNKS = 2 ** 24;

const dtype = z.enum(DATA_TYPES as readonly [DataType, ...DataType[]]);
const place = z.int().min(0);
/** NaN and infinities too. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'not a number');
const url = z.string();
const separator = z.enum(['/', '.']);
const keys = { base: url, prefix: z.string(), separator };
const identity = z.strictObject({ size: place, etag: z.string().nullable(), modifiedMs: z.int().exactOptional() });
const layout = z.strictObject({
  innerChunks: z.int().min(1).max(MAX_CHUNKS),
  indexLocation: z.enum(['start', 'end']),
  indexChecksum: z.boolean(),
});

/** What the texts of a row must hold. */
export const PARTS = {
  dtype,
  driver: z.enum(['geotiff', 'zarr', 'kerchunk', 'icechunk', 'hdf5', 'gdal']) satisfies z.ZodType<Raster['driver']>,
  codecs: codecChain,
  edge: z.enum(['padded', 'clipped']),
  axes: z.strictObject({ y: place, x: place, band: place.nullable() }).nullable() satisfies z.ZodType<PlaneAxes | null>,
  fill: z.union([anyNumber, z.bigint()]),
  bands: z.array(z.strictObject({ name: z.string().nullable(), dtype, unit: z.string().nullable() })),
  nodata: z.array(z.array(anyNumber)),
  dimensions: z.array(
    z.strictObject({ name: z.string(), size: place, timesMs: z.array(z.number()).nullable() }),
  ) satisfies z.ZodType<RasterDimension[]>,
  problems: z.array(z.string()),
  transform: z.array(anyNumber).length(6),
  refs: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ranges'), url }),
    z.strictObject({ kind: z.literal('objects'), ...keys }),
    z.strictObject({ kind: z.literal('shards'), ...keys, shardShape: z.array(z.int().min(1)), layout }),
    z.strictObject({
      kind: z.literal('files'),
      files: z.array(z.strictObject({ url, identity: identity.nullable() })),
    }),
  ]),
};

/** References of a level without their lists. */
export type RefsRule = z.output<(typeof PARTS)['refs']>;

/** The error of a row that does not hold together: somebody changed it, or another version of us wrote it. */
export function damagedRows(href: string, what: string): CubeError {
  return new CubeError({
    kind: 'lake',
    what: `the rows of ${href} in cube.levels and cube.refs are not what was stored: ${what}`,
    fix: 'scan it anew: `cube refs scan HREF --lake LAKE --again`',
  });
}

/** The rule of a row's references. Problem: `lake`. */
export function rulesOf(row: LevelRow): RefsRule {
  return parsed(row, 'refs', PARTS.refs);
}

/** Scenes of one satellite say the same, thousands of times: their texts are looked into once. */
const knownParts = new LRUCache<string, { readonly value: unknown }>({ max: 1024 });
const MOST_KNOWN_LENGTH = 2048;

/** A JSON text of a row, parsed and checked; rows may share the value. Each field has one schema. Problem: `lake`. */
export function parsed<T>(row: LevelRow, field: keyof LevelRow, schema: z.ZodType<T>): T {
  const text = String(row[field]);
  const key = text.length > MOST_KNOWN_LENGTH || field === 'refs' ? null : `${field} ${text}`;
  const known = key === null ? undefined : knownParts.get(key);
  if (known !== undefined) return known.value as T;
  try {
    const value = checked(row, field, schema, parsePlain(text));
    if (key !== null) knownParts.set(key, { value });
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedRows(row.href, `${field} is not JSON`);
    throw error;
  }
}

/** A field of a row, checked. Problem: `lake`. */
export function checked<T>(row: LevelRow, field: keyof LevelRow, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damagedRows(row.href, `${[field, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'wrong'}`);
}
