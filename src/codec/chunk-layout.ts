import type { DataType } from '../grid/dtype.js';
import type { CodecSpec } from './codec-spec.js';

/** What a chunk holds and how it is stored. */
export type ChunkLayout = {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** In decode order. */
  readonly codecs: readonly CodecSpec[];
};
