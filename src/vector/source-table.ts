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
  /** CRS of this record where it is not the table's: labels of images of several zones lie in one file. */
  readonly crs?: Crs;
  /** The part of the data set (train, test …) that the place of the file or image names. */
  readonly split?: string | null;
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
  /** Name of the file in its data set, with slashes; its path by default. */
  readonly name?: string | undefined;
  /** Values of a mask image that are no label; 0 by default. */
  readonly background?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
};
