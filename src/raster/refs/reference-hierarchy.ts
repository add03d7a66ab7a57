import { CubeError } from '../../errors.js';
import { assertAccess } from '../../io/access.js';
import { elementCount, flatten } from '../../grid/flat-index.js';
import type { ChunkRef, ChunkRefs, ObjectGuard, ReferencedFile } from '../chunk-ref.js';
import { fileKey } from '../file-key.js';
import { chunkGrid } from '../level.js';
import { parseArrayMetadata } from '../zarr/array-metadata.js';
import { nodesOf, type Hierarchy, type ZarrNode } from '../zarr/hierarchy.js';
import type { JsonObject } from '../zarr/json.js';
import { isNodePath } from '../zarr/node-url.js';
import type { KnownFiles, Reference } from './parse-kerchunk.js';

/** References cost 20 bytes each. */
const MAX_CHUNKS = 2 ** 24;

/** One chunk of an array: its place in the chunk grid, and where its bytes are. */
export type PlacedReference = { readonly index: readonly number[]; readonly reference: Reference };

/** What a store of references is made of. */
export type ReferenceStore = {
  /** Where the references were read, for messages; what they name is judged as named by this document. */
  readonly url: string;
  readonly documents: ReadonlyMap<string, JsonObject>;
  /** Versions of the files, by URL as written, as far as they are known. */
  readonly known?: KnownFiles;
  /** The absolute URL of a file as the references write it. */
  readonly locate: (written: string) => string;
  /** The chunks of an array; those that are missing are left out. Asked for when an array is opened. */
  readonly chunksOf: (node: ZarrNode, grid: readonly number[]) => Promise<Iterable<PlacedReference>>;
};

/**
 * A store of references as a Zarr hierarchy; the references of an array are looked up when it is asked for. Errors:
 * `invalid-data`; `forbidden` where a remote document names local files or private addresses.
 */
export function referenceHierarchy({ url, documents, chunksOf, ...files }: ReferenceStore): Hierarchy {
  const nodes = nodesOf(documents, url);
  const root = nodes.get('') ?? emptyRoot(url);
  const opened = new Map<string, Promise<ZarrNode | null>>();
  const open = async (path: string): Promise<ZarrNode | null> => {
    const node = nodes.get(path) ?? null;
    if (node === null || node.kind === 'group') return node;
    return { ...node, refs: await arrayRefs(node, { url, ...files }, chunksOf) };
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
 * document that they are in. Errors: `unsupported` for too many chunks, `forbidden`, those of `chunksOf`.
 */
export async function arrayRefs(
  node: ZarrNode,
  files: Pick<ReferenceStore, 'url' | 'known' | 'locate'>,
  chunksOf: ReferenceStore['chunksOf'],
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
  return collect(await chunksOf(node, grid), grid, new FileTable(files));
}

function tryMetadata(node: ZarrNode) {
  try {
    return parseArrayMetadata({ ...node, refs: { kind: 'list', refs: [] } });
  } catch (error) {
    if (error instanceof CubeError) return null;
    throw error;
  }
}

/** Ranges compactly; a list where chunks are given as bytes or are whole objects. */
function collect(chunks: Iterable<PlacedReference>, grid: readonly number[], table: FileTable): ChunkRefs {
  const count = elementCount(grid);
  const file = new Uint32Array(count);
  const offsets = new Float64Array(count);
  const lengths = new Float64Array(count);
  const others = new Map<number, ChunkRef>();
  for (const { index: stated, reference } of chunks) {
    // A scalar's only chunk is "0" in Zarr v2.
    const index = grid.length === 0 ? [] : stated;
    if (index.length !== grid.length || index.some((value, d) => value >= grid[d]!)) continue;
    const i = flatten(index, grid);
    if (reference.kind === 'range') {
      file[i] = table.numberOf(reference.url, reference.guard);
      offsets[i] = reference.offset;
      lengths[i] = reference.length;
    } else if (reference.kind === 'object') {
      others.set(i, { kind: 'object', url: table.files[table.numberOf(reference.url) - 1]!.url });
    } else others.set(i, { kind: 'inline', bytes: reference.bytes });
  }
  const { files } = table;
  if (others.size === 0) return { kind: 'files', files, file, offsets, lengths };
  const refs = Array.from({ length: count }, (_, i): ChunkRef => {
    const other = others.get(i);
    if (other !== undefined) return other;
    const known = files[file[i]! - 1];
    if (known === undefined) return { kind: 'missing' };
    const range = { kind: 'range', url: known.url, offset: offsets[i]!, length: lengths[i]! } as const;
    const { identity, guard } = known;
    return { ...range, ...(identity === null ? {} : { identity }), ...(guard === undefined ? {} : { guard }) };
  });
  return { kind: 'list', refs };
}

/** The files that references name, each judged once. */
class FileTable {
  readonly files: ReferencedFile[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #document: string;
  readonly #known: KnownFiles;
  readonly #locate: (written: string) => string;

  constructor({ url, known = new Map(), locate }: Pick<ReferenceStore, 'url' | 'known' | 'locate'>) {
    this.#document = url;
    this.#known = known;
    this.#locate = locate;
  }

  /** 1 + the index of a file. What guards it is a part of its name. */
  numberOf(written: string, guard?: ObjectGuard): number {
    const key = fileKey(written, guard);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const url = this.#locate(written);
    assertAccess(url, this.#document);
    const identity = this.#known.get(written) ?? null;
    this.files.push({ url, identity, ...(guard === undefined ? {} : { guard }) });
    this.#numbers.set(key, this.files.length);
    return this.files.length;
  }
}
