import type { SampleArray } from './kernels.js';
import type { LabelCoverage } from './label-coverage-contract.js';

/** Where the window of a label lies in samples: sample of its first pixel, samples from row to row, its size. */
export type LabelPlace = {
  readonly offset: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
};

/** One plane and the labels that are measured on it. */
export type MeasureRequest = {
  readonly samples: SampleArray;
  /** One a sample, 0 where it has no data; null: all have. */
  readonly valid: Uint8Array | null;
  /** Values without data. NaN never has any. */
  readonly nodata: readonly number[];
  readonly coverage: LabelCoverage;
  /** Numbers of labels in `coverage`, and the place of each. */
  readonly which: Uint32Array;
  /** Offset, stride, width and height of each label's place. */
  readonly places: Float64Array;
  /** Whether the variance is wanted. */
  readonly spread: boolean;
  /** Whether median, majority, minority and variety are wanted. */
  readonly order: boolean;
  /** Threads that many labels may use, this one included; 1 where not given. */
  readonly threads?: number;
};

/**
 * Writes the `FIXED_STATISTICS` numbers of every label; answers 0 or a negative code. Where nothing counts, count, sum and
 * variety are 0 and the rest NaN; so is what is not wanted.
 */
export type MeasureLabels = (request: MeasureRequest, out: Float64Array) => number;
