import type { DataType, Samples } from '../grid/dtype.js';
import type { ArrayBlock } from './array-blocks.js';

/** An array that is read box by box. */
export type ArraySource = {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Names of the dimensions, all different. */
  readonly dimensions: readonly string[];
  /** How the array is stored: reading boxes that are cut at multiples of `step`, `phase` elements before its first, decodes every chunk once. */
  readonly step: readonly number[];
  readonly phase: readonly number[];
  /** Samples of a box in C order: in `into`, which holds as many of this type, or in new memory. */
  readonly read: (block: ArrayBlock, signal: AbortSignal | undefined, into?: Samples) => Promise<Samples>;
};

/** An array that is written box by box, and is there when it is finished. */
export type ArrayTarget = {
  /** Boxes are cut at multiples of this; null: anywhere. */
  readonly step: readonly number[] | null;
  readonly write: (block: ArrayBlock, samples: Samples) => Promise<void>;
  readonly finish: () => Promise<void>;
  /** Leave nothing behind. */
  readonly discard: () => Promise<void>;
};
