import { endianness } from 'node:os';
import { storedBytes } from '../grid/dtype.js';
import { COMPRESSION, type TileCoding } from '../native/codec-types.js';
import { MAX_TILE_BYTES } from '../native/tile-batch.js';
import { isCompression, splitChain, type Chain, type Compression } from './chain.js';
import { sampleCount } from './chunk-shape.js';
import { PLAIN } from './decode-bytes.js';
import type { ChunkLayout } from './chunk-layout.js';

const MACHINE = endianness() === 'LE' ? 'little' : 'big';

/** A chain whose last step from bytes to bytes and step to samples are done at once. */
export type FusedSteps = {
  readonly chain: Chain;
  /** Compression that the same call undoes, or null where the bytes are plain. */
  readonly compression: Compression | null;
  /** Bytes from the start that must be right. */
  readonly needed: number;
};

/** A layout that one kernel call decodes; `bytes` of samples. */
export type FusedLayout = { readonly coding: TileCoding; readonly bytes: number };

/**
 * How a batch of tiles decodes chunks of this layout, or null where that takes more than compression, byte shuffle, byte
 * order and predictor. Errors: those of `splitChain`.
 */
export function fusedLayout({ dtype, shape, codecs }: ChunkLayout, url?: string): FusedLayout | null {
  // Both are changed once more when they are decoded.
  if (dtype === 'float16' || dtype === 'bool') return null;
  const count = sampleCount(shape);
  const chain = splitChain(codecs, dtype, url);
  const compression = chain.head.find(isCompression) ?? null;
  const [planes, ...more] = compression === null ? chain.head : chain.head.slice(1);
  if (more.length > 0 || (compression !== null && compression !== chain.head[0])) return null;
  if (chain.source.name !== 'bytes' && chain.source.name !== 'float-predictor') return null;
  if (count === null || count === 0 || chain.tail.some(({ name }) => name !== 'predictor')) return null;
  const bytes = count * storedBytes(dtype);
  if (bytes > MAX_TILE_BYTES) return null;
  const coding = tileCoding({ chain, compression, needed: bytes }, bytes);
  if (planes === undefined) return { coding, bytes };
  // The planes of a chunk are those of one row that is as long as the chunk.
  const fits = planes.name === 'shuffle' && planes.elementSize === coding.elementSize && coding.predictor === 1;
  return fits ? { coding: { ...coding, predictor: 4, rowSamples: count }, bytes } : null;
}

/** How the kernels undo compression, byte order and predictor of a chunk of `total` bytes of samples in one call. */
export function tileCoding({ chain, compression, needed }: FusedSteps, total: number): TileCoding {
  const { source, tail, surplus } = chain;
  const elementSize = storedBytes(chain.sourceType);
  const base = {
    ...PLAIN,
    elementSize,
    compression: compression === null ? COMPRESSION.none : COMPRESSION[compression.name],
    surplus,
    needed,
  };
  const rows = source.name === 'float-predictor' ? source : tail[0]?.name === 'predictor' ? tail[0] : null;
  const swapBytes = source.name === 'bytes' && source.endian !== MACHINE && elementSize > 1;
  if (rows === null) return { ...base, swapBytes };
  // Predictors work on whole rows.
  const row = rows.rowSamples * elementSize;
  return {
    ...base,
    swapBytes,
    predictor: source.name === 'float-predictor' ? 3 : 2,
    rowSamples: rows.rowSamples,
    samplesPerPixel: rows.samplesPerPixel,
    needed: Math.min(Math.ceil(needed / row) * row, total),
  };
}
