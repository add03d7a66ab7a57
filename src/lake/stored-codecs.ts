import { z } from 'zod';
import type { CodecSpec } from '../codec/codec-spec.js';

const size = z.int().min(1);
const dataType = z.string().max(16);
/** NaN and infinities too. */
const anyNumber = z.custom<number>((value) => typeof value === 'number');

/** The fields of every codec, as they come back from JSON. A new codec needs its line here. */
const CODECS: { readonly [Name in CodecSpec['name']]: z.ZodType<Extract<CodecSpec, { readonly name: Name }>> } = {
  zlib: z.strictObject({ name: z.literal('zlib') }),
  gzip: z.strictObject({ name: z.literal('gzip') }),
  zstd: z.strictObject({ name: z.literal('zstd') }),
  lzw: z.strictObject({ name: z.literal('lzw') }),
  packbits: z.strictObject({ name: z.literal('packbits') }),
  lz4: z.strictObject({ name: z.literal('lz4') }),
  blosc: z.strictObject({ name: z.literal('blosc') }),
  crc32c: z.strictObject({ name: z.literal('crc32c') }),
  fletcher32: z.strictObject({ name: z.literal('fletcher32') }),
  shuffle: z.strictObject({ name: z.literal('shuffle'), elementSize: size }),
  'bit-reverse': z.strictObject({ name: z.literal('bit-reverse') }),
  bytes: z.strictObject({
    name: z.literal('bytes'),
    endian: z.enum(['little', 'big']),
    surplus: z.literal('ignore').exactOptional(),
  }),
  'unpack-bits': z.strictObject({
    name: z.literal('unpack-bits'),
    bits: z.int().min(1).max(31),
    rowSamples: size,
    signed: z.boolean(),
  }),
  'float-predictor': z.strictObject({ name: z.literal('float-predictor'), rowSamples: size, samplesPerPixel: size }),
  lerc: z.strictObject({ name: z.literal('lerc'), samplesPerPixel: size, nodata: anyNumber.nullable() }),
  jpeg: z.strictObject({
    name: z.literal('jpeg'),
    tables: z.string().nullable(),
    toRgb: z.boolean(),
    samplesPerPixel: size,
  }),
  webp: z.strictObject({ name: z.literal('webp'), samplesPerPixel: size }),
  predictor: z.strictObject({ name: z.literal('predictor'), rowSamples: size, samplesPerPixel: size }),
  transpose: z.strictObject({ name: z.literal('transpose'), order: z.array(z.int().min(0).max(31)).max(32) }),
  delta: z.strictObject({ name: z.literal('delta'), storedType: dataType }),
  'fixed-scale-offset': z.strictObject({
    name: z.literal('fixed-scale-offset'),
    offset: anyNumber,
    scale: anyNumber,
    storedType: dataType,
  }),
};

/** A chain of codecs from JSON. */
export const codecChain: z.ZodType<CodecSpec[]> = z
  .array(z.union(Object.values(CODECS) as [z.ZodType<CodecSpec>, ...z.ZodType<CodecSpec>[]]))
  .max(32);
