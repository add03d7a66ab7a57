import type { Crs } from '../grid/crs.js';
import type { Json } from '../stac/item.js';
import type { RawGeometry } from './raw-geometry.js';

/** One record of a label file, before anything is changed. */
export type SourceRecord = {
  /** 1-based place in the file. */
  readonly record: number;
  readonly geometry: RawGeometry;
  /** The id that the format keeps beside the columns (GeoJSON's `id`), or null. */
  readonly id: string | null;
  readonly properties: { readonly [key: string]: Json };
};

/** A label file, read whole. */
export type SourceTable = {
  /** For messages and the quarantine. */
  readonly url: string;
  readonly crs: Crs;
  readonly records: readonly SourceRecord[];
  /** Columns whose text is a DATE or a TIMESTAMP, so that `where` can compare them as such. */
  readonly temporal: ReadonlyMap<string, 'DATE' | 'TIMESTAMP'>;
  readonly warnings: readonly string[];
};

/** What every reader is told. */
export type SourceOptions = {
  /** Absolute path of the file. */
  readonly path: string;
  /** Layer of a file that holds several. */
  readonly layer?: string | undefined;
  /** CRS that the user states; it wins over the file's. */
  readonly crs?: string | undefined;
  /** CRS of a file that does not say. */
  readonly crsIfAbsent?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};
