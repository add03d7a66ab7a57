import type { Label, QuarantinedRecord } from '../vector/label.js';
import type { Problem } from '../errors.js';
import type { ChunkStorage } from './storage.js';

/** One build, as a row of `runs`. Times are milliseconds UTC. */
export type RunRow = {
  readonly runId: string;
  readonly name: string;
  /** JSON text. */
  readonly spec: string;
  readonly planHash: string;
  readonly codeVersion: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly status: 'complete' | 'incomplete';
  readonly cubeHref: string | null;
  readonly cubeSnapshot: string | null;
};

/** A STAC item that was seen: a row of `items`. */
export type ItemRow = {
  readonly itemId: string;
  readonly collection: string | null;
  readonly datetime: number;
  /** Days since 1970-01-01, null where the item is in no group. */
  readonly solarDay: number | null;
  readonly timeIndex: number | null;
  /** GeoJSON text, lon/lat, or null. */
  readonly geometry: string | null;
  readonly bbox: readonly [number, number, number, number] | null;
  /** JSON text. */
  readonly properties: string;
  readonly used: boolean;
  readonly reasonUnused: string | null;
};

/** A raster that was read: a row of `assets`. */
export type AssetRow = {
  readonly itemId: string;
  readonly band: string;
  readonly href: string;
  /** "EPSG:32633" or WKT. */
  readonly crs: string | null;
  readonly transform: readonly number[] | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Values, and both ends of ranges. */
  readonly nodata: readonly number[];
  readonly scale: number;
  readonly offset: number;
  readonly etag: string | null;
  readonly size: number | null;
};

/** `empty`: all samples are the fill value and no object is stored. */
export type ChunkState = 'stored' | 'empty';

/** A chunk of the store: a row of `chunks`. */
export type ChunkRow = Partial<ChunkStorage> & {
  readonly array: string;
  readonly timeIndex: number | null;
  readonly yIndex: number;
  readonly xIndex: number;
  /** `empty`: every sample is the fill value, nothing is stored. */
  readonly state: ChunkState;
  /** Encoded, in the store or in the file that is referred to. */
  readonly bytes: number;
  /** Of the encoded bytes, hex; null when empty, and for references. */
  readonly sha256: string | null;
  /** Fractions of the chunk's pixels inside the grid; null where the array has no time (coverage, label). */
  readonly validFraction: number | null;
  readonly maskedFraction: number | null;
  readonly failedFraction: number | null;
};

/** A read that failed for good: a row of `failures`. */
export type FailureRow = {
  readonly array: string;
  readonly timeIndex: number | null;
  readonly yIndex: number;
  readonly xIndex: number;
  readonly itemId: string;
  readonly band: string;
  readonly kind: string;
  readonly attempts: number;
  readonly problem: Problem;
};

/** One label, time step and band: a row of `label_stats`. */
export type LabelStatsRow = {
  readonly labelId: number;
  /** Milliseconds UTC, equal to the cube's time. */
  readonly time: number;
  readonly band: string;
  readonly count: number;
  readonly sum: number;
  readonly mean: number | null;
  readonly stdev: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly median: number | null;
  readonly coverage: number;
};

/** Everything one build commits to the lake, in one transaction. */
export type RunRecords = {
  readonly run: RunRow;
  readonly items: readonly ItemRow[];
  readonly assets: readonly AssetRow[];
  readonly labels: readonly Label[];
  readonly chunks: readonly ChunkRow[];
  readonly failures: readonly FailureRow[];
  readonly labelStats: readonly LabelStatsRow[];
  readonly quarantine: readonly QuarantinedRecord[];
};

/** Port: where the tables of a run go. Committing a run id twice is one commit. */
export interface Lake {
  commit(
    records: RunRecords,
    options?: { signal?: AbortSignal },
  ): Promise<{ snapshotId: bigint; alreadyCommitted: boolean }>;
  hasRun(runId: string): Promise<boolean>;
  close(): Promise<void>;
}
