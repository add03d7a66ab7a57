import type { Message } from './object-header.js';
import type { Metadata } from './metadata.js';

/** How the places of a dataset's chunks are written down. Addresses are null where nothing was stored yet. */
export type ChunkIndex =
  | {
      readonly kind: 'btree-v1' | 'implicit' | 'fixed-array' | 'extensible-array' | 'btree-v2';
      readonly address: number | null;
    }
  /** `length` is null where no filter changes it; `mask` names filters that were skipped. */
  | { readonly kind: 'single'; readonly address: number | null; readonly length: number | null; readonly mask: number };

/** Where a dataset's samples are (specification IV.A.2.i). */
export type Layout =
  | { readonly kind: 'contiguous'; readonly address: number | null; readonly length: number }
  | {
      readonly kind: 'chunked';
      readonly chunkShape: readonly number[];
      readonly index: ChunkIndex;
      /** Chunks that reach over the array's edge are stored without the filters. */
      readonly plainEdges: boolean;
    };

/** Parse a data layout message of version 3 to 5. Older ones (before HDF5 1.6.3) and virtual datasets are `unsupported`. */
export function parseLayout(metadata: Metadata, { body, address }: Message): Layout {
  const fields = metadata.fields(body, address, 'data layout');
  const version = fields.version([3, 4, 5]);
  const kind = fields.u8();
  switch (kind) {
    case 0: {
      // Compact: the samples lie in the object header, which is a place in the file like any other.
      const length = fields.u16();
      const place = address + fields.at;
      fields.bytes(length);
      return { kind: 'contiguous', address: place, length };
    }
    case 1:
      return { kind: 'contiguous', address: fields.address(), length: fields.length() };
    case 2:
      return version === 3 ? parseChunked(metadata, body, address) : parseIndexed(metadata, body, address);
    case 3:
      throw metadata.unsupported('virtual dataset');
    default:
      throw fields.fail(`is of class ${kind}`);
  }
}

/** Version 3: a version 1 B-tree. The last of the dimensions is the size of an element. */
function parseChunked(metadata: Metadata, body: Uint8Array, at: number): Layout {
  const fields = metadata.fields(body, at, 'data layout');
  fields.skip(2);
  const rank = fields.u8() - 1;
  if (rank < 0) throw fields.fail('chunks without dimensions');
  const address = fields.address();
  const chunkShape = Array.from({ length: rank }, () => fields.u32());
  return { kind: 'chunked', chunkShape, index: { kind: 'btree-v1', address }, plainEdges: false };
}

/** Version 4 (and 5, whose chunks may be larger than 4 GiB): one of five indexes. */
function parseIndexed(metadata: Metadata, body: Uint8Array, at: number): Layout {
  const fields = metadata.fields(body, at, 'data layout');
  fields.skip(2);
  const flags = fields.u8();
  const rank = fields.u8() - 1;
  const sizeBytes = fields.u8();
  if (rank < 0 || sizeBytes < 1 || sizeBytes > 8) throw fields.fail('chunks without dimensions');
  const chunkShape = Array.from({ length: rank }, () => fields.uint(sizeBytes));
  fields.skip(sizeBytes);
  const plainEdges = (flags & 1) !== 0;
  const type = fields.u8();
  if (type === 1) {
    const filtered = (flags & 2) !== 0;
    const length = filtered ? fields.length() : null;
    const mask = filtered ? fields.u32() : 0;
    const index = { kind: 'single', length, mask, address: fields.address() } as const;
    return { kind: 'chunked', chunkShape, index, plainEdges };
  }
  const known = INDEXES[type];
  if (known === undefined) throw metadata.unsupported(`chunk index of type ${type}`);
  fields.skip(known.parameters);
  return { kind: 'chunked', chunkShape, index: { kind: known.kind, address: fields.address() }, plainEdges };
}

/** By type: the bytes of parameters that the index's own header repeats. */
const INDEXES: Readonly<
  Record<number, { readonly kind: Exclude<ChunkIndex['kind'], 'single' | 'btree-v1'>; readonly parameters: number }>
> = {
  2: { kind: 'implicit', parameters: 0 },
  3: { kind: 'fixed-array', parameters: 1 },
  4: { kind: 'extensible-array', parameters: 5 },
  5: { kind: 'btree-v2', parameters: 6 },
};
