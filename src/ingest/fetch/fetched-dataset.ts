import type { LeftOut } from './remote-file.js';

/** A file that was fetched. */
export type FetchedFile = {
  /** Path within the record; of a member of an archive `a.zip/b.shp`. */
  readonly name: string;
  /** Absolute, with the file's own name; the parts of a shapefile lie side by side. Belongs to the cache: to read only. */
  readonly path: string;
  /** Of the file or its archive, without query and user info. */
  readonly url: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
};

/** A dataset that was fetched. */
export type FetchedDataset = {
  /** As the repository names it: a number at Figshare, a commit at Hugging Face; null where it has none. */
  readonly version: string | null;
  readonly license: string | null;
  /** By name. */
  readonly files: readonly FetchedFile[];
  readonly leftOut: readonly LeftOut[];
};
