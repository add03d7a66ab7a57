import type { DataType } from '../../grid/dtype.js';
import type { ChunkRefs } from '../../raster/chunk-ref.js';
import type { ExpressedCodecs } from '../../raster/refs/express-codecs.js';
import type { Attributes, CoordinateLayout } from '../writer/layout.js';

/** References of all chunks of an array, in C order of its chunk grid. */
export type FileRefs = Extract<ChunkRefs, { readonly kind: 'files' }>;

/** An array whose chunks are tiles of source files. Plain data. */
export type VirtualArray = {
  readonly name: string;
  readonly dtype: DataType;
  /** `time`, `y`, `x`, or `time`, `band`, `y`, `x` where the files interleave their bands. */
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** What a missing chunk holds. */
  readonly fill: number | bigint;
  readonly codecs: ExpressedCodecs;
  readonly attributes: Attributes;
  readonly refs: FileRefs;
};

/** Arrays that share a grid and a time axis, and their coordinates. */
export type VirtualGroup = {
  /** Below the store's root; '' is the root. */
  readonly path: string;
  readonly attributes: Attributes;
  readonly coordinates: readonly CoordinateLayout[];
  readonly arrays: readonly VirtualArray[];
};

/** A band of an item that is not in the store, and the property that keeps it out. */
export type Refusal = {
  readonly item: string;
  readonly band: string;
  readonly property: string;
  readonly what: string;
};

/** A dataset of references: parents stand before their children. */
export type VirtualStore = {
  readonly groups: readonly VirtualGroup[];
  readonly refused: readonly Refusal[];
  /** What is worth knowing and no refusal: differing offsets, overviews that are left out. */
  readonly notes: readonly string[];
};

/** Number of references that are not missing. */
export function countReferences({ groups }: Pick<VirtualStore, 'groups'>): number {
  let count = 0;
  for (const { arrays } of groups) {
    for (const { refs } of arrays) for (const file of refs.file) if (file !== 0) count++;
  }
  return count;
}
