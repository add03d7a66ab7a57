import type { ChunkRefs } from '../chunk-ref.js';
import type { ZarrNode } from '../zarr/hierarchy.js';
import type { JsonObject } from '../zarr/json.js';
import { readChunkIndex } from './chunk-index.js';
import { splitContiguous } from './contiguous.js';
import type { Dataset } from './dataset.js';
import { filterCodecs } from './filters.js';
import type { Metadata } from './metadata.js';

/** What a node takes besides the dataset itself. */
export type NodeFacts = {
  readonly path: string;
  readonly url: string;
  readonly attributes: JsonObject;
  readonly dimensionNames: readonly (string | null)[];
};

/** Where a dataset's chunks are, how large, and the filters that they went through. */
type Chunks = {
  readonly chunkShape: readonly number[];
  readonly refs: ChunkRefs;
  readonly codecs: readonly JsonObject[];
};

/** One decoded chunk must fit a typed array of 2 GiB. */
const MAX_CHUNK_BYTES = 2 ** 31;

/** A dataset as a node of Zarr version 3, its chunks as ranges of the file. Errors: `unsupported`, `invalid-data`. */
export async function arrayNode(metadata: Metadata, dataset: Dataset, facts: NodeFacts): Promise<ZarrNode> {
  const { shape, type, layout, fill } = dataset;
  const { chunkShape, refs, codecs } =
    layout.kind === 'contiguous'
      ? contiguousChunks(metadata, dataset, layout)
      : await indexedChunks(metadata, dataset, layout);
  const { path, url, attributes, dimensionNames } = facts;
  const json = {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: type.dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunkShape } },
    chunk_key_encoding: { name: 'default' },
    fill_value: fill,
    codecs: [{ name: 'bytes', configuration: { endian: type.endian } }, ...codecs],
    dimension_names: dimensionNames,
    attributes,
  };
  return { kind: 'array', version: 3, path, url, json, attributes, refs };
}

type LayoutOf<K> = Extract<Dataset['layout'], { readonly kind: K }>;

function contiguousChunks(
  metadata: Metadata,
  { shape, type, filters }: Dataset,
  layout: LayoutOf<'contiguous'>,
): Chunks {
  if (filters.length > 0) throw metadata.invalid('filters of a dataset without chunks');
  const { identity } = metadata.reader;
  const bytes = shape.reduce((product, size) => product * size, type.size);
  if (!Number.isSafeInteger(bytes)) throw metadata.unsupported(`dataset of ${shape.join(' × ')} samples`);
  if (bytes === 0) return { chunkShape: shape.map((size) => Math.max(1, size)), refs: nothing(), codecs: [] };
  if (layout.address === null)
    return { chunkShape: splitContiguous(shape, type.size, 0).chunkShape, refs: nothing(), codecs: [] };
  if (layout.length < bytes) throw metadata.invalid(`${layout.length} bytes of samples, expected ${bytes}`);
  const offset = metadata.base + layout.address;
  if (offset + bytes > identity.size)
    throw metadata.invalid(`samples at byte ${offset} reach past the end of the file`);
  const { chunkShape, chunkBytes, count } = splitContiguous(shape, type.size, identity.size - offset);
  const offsets = Float64Array.from({ length: count }, (_, i) => offset + i * chunkBytes);
  const files = [{ url: metadata.place, identity }];
  const lengths = new Float64Array(count).fill(chunkBytes);
  return {
    chunkShape,
    refs: { kind: 'files', files, file: new Uint32Array(count).fill(1), offsets, lengths },
    codecs: [],
  };
}

async function indexedChunks(metadata: Metadata, dataset: Dataset, layout: LayoutOf<'chunked'>): Promise<Chunks> {
  const { shape, maximum, type, filters } = dataset;
  const { chunkShape, index, plainEdges } = layout;
  const chunkBytes = chunkShape.reduce((product, size) => product * size, type.size);
  if (chunkBytes > MAX_CHUNK_BYTES) throw metadata.unsupported(`chunk of ${chunkBytes} bytes`);
  if (plainEdges && filters.length > 0 && shape.some((size, d) => size % chunkShape[d]! !== 0))
    throw metadata.unsupported('dataset whose chunks at the edge skip the filters');
  const chunks = await readChunkIndex(metadata, index, { shape, maximum, chunkShape, chunkBytes });
  return {
    chunkShape,
    refs: chunks.refs(metadata.reader.identity),
    codecs: chunkCodecs(metadata, dataset, chunks.masks),
  };
}

/** A chunk's mask has a bit for each filter that it skipped: one list of codecs says that only where all skipped the same. */
function chunkCodecs(metadata: Metadata, { filters, type }: Dataset, masks: readonly number[]): JsonObject[] {
  const [mask = 0, ...others] = masks;
  if (others.length === 0)
    return filterCodecs(
      metadata,
      filters.filter((_, i) => ((mask >>> i) & 1) === 0),
      type.size,
    );
  filterCodecs(metadata, filters, type.size); // a filter that is not read says more
  throw metadata.unsupported('dataset some of whose chunks skipped a filter');
}

/** No chunk is stored: all hold the fill value. */
function nothing(): ChunkRefs {
  return {
    kind: 'files',
    files: [],
    file: new Uint32Array(0),
    offsets: new Float64Array(0),
    lengths: new Float64Array(0),
  };
}
