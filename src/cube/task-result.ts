import type { ChunkRow, FailureRow } from './records.js';
import type { ChunkReference } from './storage.js';

/** Statistics of one label and band, or the values they are made of. Coverage weighted, exactextract's definitions. */
export type BandStatistics = {
  readonly count: number;
  readonly sum: number;
  readonly mean: number | null;
  readonly stdev: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly median: number | null;
};

/** What one band adds to a label's statistics. */
export type LabelBandPart =
  | { readonly kind: 'statistics'; readonly band: string; readonly statistics: BandStatistics }
  /** Values and coverage of the valid pixels, row by row; the label goes on in other chunks. */
  | {
      readonly kind: 'values';
      readonly band: string;
      readonly values: readonly number[];
      readonly weights: readonly number[];
    };

/** What a task found of one label in its chunk. */
export type LabelPart = {
  readonly labelId: number;
  /** Sum of the covered fractions of the chunk's pixels, valid or not. */
  readonly coverage: number;
  readonly bands: readonly LabelBandPart[];
};

/** The receipt of a finished task: everything the lake and a resumed build need of it. Plain JSON. */
export type TaskResult = {
  readonly key: string;
  readonly hash: string;
  readonly chunks: readonly ChunkRow[];
  readonly failures: readonly FailureRow[];
  readonly labels: readonly LabelPart[];
  /** Versions of the objects that no planned version guards (chunks of Zarr sources), by URL. */
  readonly objects: readonly SourceObject[];
  readonly counters: TaskCounters;
  /** Chunks that are ranges of source files; left out where there are none. */
  readonly references?: readonly ChunkReference[];
};

/** The version of an object that a task read. `url` as it may be printed; `size` null where the object was absent. */
export type SourceObject = { readonly url: string; readonly size: number | null; readonly etag: string | null };

/** Work that a task did. */
export type TaskCounters = { readonly bytesRead: number; readonly tilesDecoded: number; readonly bytesWritten: number };
