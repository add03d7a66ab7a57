import { CubeError } from '../../errors.js';
import { elementCount } from '../../grid/flat-index.js';
import type { ChunkRefs } from '../chunk-ref.js';
import { chunkGrid } from '../level.js';
import { parseArrayMetadata } from '../zarr/array-metadata.js';
import { nodesOf, type Hierarchy, type ZarrNode } from '../zarr/hierarchy.js';
import type { JsonObject } from '../zarr/json.js';
import { isNodePath } from '../zarr/node-url.js';
import { ReferenceColumns, type ReferenceFiles } from './reference-columns.js';

/** References cost 20 bytes each. */
const MAX_CHUNKS = 2 ** 24;

/** What a store of references is made of. */
export type ReferenceStore = ReferenceFiles & {
  readonly documents: ReadonlyMap<string, JsonObject>;
  /** Puts the chunks of an array into its columns; those that are missing are left out. Asked for when an array is opened. */
  readonly fill: (node: ZarrNode, columns: ReferenceColumns) => Promise<void>;
};

/**
 * A store of references as a Zarr hierarchy; the references of an array are looked up when it is asked for. Errors:
 * `invalid-data`; `forbidden` where a remote document names local files or private addresses.
 */
export function referenceHierarchy({ url, documents, fill, ...files }: ReferenceStore): Hierarchy {
  const nodes = nodesOf(documents, url);
  const root = nodes.get('') ?? emptyRoot(url);
  const opened = new Map<string, Promise<ZarrNode | null>>();
  const open = async (path: string): Promise<ZarrNode | null> => {
    const node = nodes.get(path) ?? null;
    if (node === null || node.kind === 'group') return node;
    return { ...node, refs: await arrayRefs(node, { url, ...files }, fill) };
  };
  const node = (path: string): Promise<ZarrNode | null> => {
    if (path === '') return Promise.resolve(root);
    if (!isNodePath(path)) return Promise.resolve(null);
    const node = opened.get(path) ?? open(path);
    opened.set(path, node);
    return node;
  };
  return { root, node, known: [...nodes.keys()].filter((path) => path !== '') };
}

function emptyRoot(url: string): ZarrNode {
  return { kind: 'group', version: 2, path: '', url, json: { zarr_format: 2 }, attributes: {}, refs: null };
}

/**
 * The references of an array; none where its metadata cannot be read, which is refused by name when it is opened. `url` is the
 * document that they are in. Errors: `unsupported` for too many chunks, `forbidden`, those of `fill`.
 */
export async function arrayRefs(
  node: ZarrNode,
  files: ReferenceFiles,
  fill: ReferenceStore['fill'],
): Promise<ChunkRefs> {
  // What cannot be read is refused when it is opened, by name; its references need not be looked at.
  const metadata = tryMetadata(node);
  if (metadata === null) return { kind: 'list', refs: [] };
  // Stores refer to what is stored: shards, where chunks lie in them.
  const { shape, refs } = metadata;
  const grid = chunkGrid({ shape, chunkShape: refs.kind === 'shard-refs' ? refs.shardShape : metadata.chunkShape });
  const count = elementCount(grid);
  if (count > MAX_CHUNKS) {
    throw new CubeError({ kind: 'unsupported', url: node.url, feature: `references to ${count} chunks of one array` });
  }
  const columns = new ReferenceColumns(grid, files);
  await fill(node, columns);
  return columns.refs();
}

function tryMetadata(node: ZarrNode) {
  try {
    return parseArrayMetadata({ ...node, refs: { kind: 'list', refs: [] } });
  } catch (error) {
    if (error instanceof CubeError) return null;
    throw error;
  }
}
