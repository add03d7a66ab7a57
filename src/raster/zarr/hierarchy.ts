import { CubeError, isCubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { joinUrl } from '../../io/location.js';
import type { ChunkRefs } from '../chunk-ref.js';
import { isObject, member, parseMetadataJson, text, type JsonObject } from './json.js';
import { isNodePath, joinPath } from './node-url.js';

/** A group or array of a store, its metadata unchecked but for what tells its kind. */
export type ZarrNode = {
  readonly kind: 'group' | 'array';
  readonly version: 2 | 3;
  /** Below the store's root; '' is the root. */
  readonly path: string;
  readonly url: string;
  readonly json: JsonObject;
  readonly attributes: JsonObject;
  /** Where an array's chunks are, in stores that say so; null where they are objects below `url`. */
  readonly refs: ChunkRefs | null;
};

/** The nodes of a store as far as they are known or can be asked for. */
export type Hierarchy = {
  readonly root: ZarrNode;
  /** Null where there is no such node, or its path would leave the store. */
  node(path: string): Promise<ZarrNode | null>;
  /** Paths of every node below the root where consolidated metadata tells them, else null. */
  readonly known: readonly string[] | null;
};

type Access = { readonly sources: SourceFactory; readonly url: string; readonly signal: AbortSignal | undefined };

/** Open the node at `url` and whatever consolidated metadata it has. Errors: `not-found`, `denied`, `invalid-data`. */
export async function openHierarchy(sources: SourceFactory, url: string, signal?: AbortSignal): Promise<Hierarchy> {
  const access: Access = { sources, url, signal };
  const root = await readNode(access, '');
  if (root === null)
    throw new CubeError({ kind: 'not-found', url, what: 'no zarr.json, .zgroup, .zarray or .zmetadata' });
  const consolidated = await readConsolidated(access, root);
  const cache = new Map<string, Promise<ZarrNode | null>>([['', Promise.resolve(root)]]);
  const node = (path: string): Promise<ZarrNode | null> => {
    if (path !== '' && !isNodePath(path)) return Promise.resolve(null);
    const known = cache.get(path) ?? (consolidated === null ? readNode(access, path, root.version) : null);
    if (known === null) return Promise.resolve(consolidated!.get(path) ?? null);
    cache.set(path, known);
    return known;
  };
  return { root, node, known: consolidated === null ? null : [...consolidated.keys()] };
}

/** Read one node's own documents; without `version` both are tried, v3 first. */
async function readNode(access: Access, path: string, version?: 2 | 3): Promise<ZarrNode | null> {
  const base = joinUrl(access.url, path);
  const probe = new Probe(access);
  if (version !== 2) {
    const json = await probe.read(joinUrl(base, 'zarr.json'));
    if (json !== null) return nodeV3(json, path, base);
    if (version === 3) return probe.absent();
  }
  const [array, group, consolidated, attributes] = await Promise.all(
    ['.zarray', '.zgroup', '.zmetadata', '.zattrs'].map((key) =>
      key === '.zmetadata' && path !== '' ? null : probe.read(joinUrl(base, key)),
    ),
  );
  const json = array ?? group ?? (consolidated == null ? null : { zarr_format: 2 });
  if (json === null || json === undefined) return probe.absent();
  return nodeV2(array == null ? 'group' : 'array', json, attributes ?? {}, path, base);
}

/** Reads documents that may be absent. Buckets that hide their listing answer 403 for those too. */
class Probe {
  readonly #access: Access;
  #denied: unknown = null;

  constructor(access: Access) {
    this.#access = access;
  }

  async read(url: string): Promise<JsonObject | null> {
    const { sources, signal } = this.#access;
    try {
      const { bytes } = await sources.open(url).read('all', signal === undefined ? {} : { signal });
      return parseMetadataJson(bytes, url);
    } catch (error) {
      if (isCubeError(error, 'not-found')) return null;
      if (!isCubeError(error, 'denied')) throw error;
      this.#denied = error;
      return null;
    }
  }

  /** Null, unless something was denied: then nobody knows, and that is the error. */
  absent(): null {
    if (this.#denied !== null) throw this.#denied;
    return null;
  }
}

async function readConsolidated(access: Access, root: ZarrNode): Promise<Map<string, ZarrNode> | null> {
  if (root.kind === 'array') return null;
  if (root.version === 3) {
    const inline = member(root.json, 'consolidated_metadata');
    const entries = isObject(inline) ? member(inline, 'metadata') : undefined;
    return isObject(entries) ? consolidatedV3(entries, access.url) : null;
  }
  const url = joinUrl(access.url, '.zmetadata');
  const document = await new Probe(access).read(url);
  const entries = document === null ? undefined : member(document, 'metadata');
  return isObject(entries) ? consolidatedV2(entries, access.url) : null;
}

/**
 * The nodes of a store whose metadata documents are all known, by path ('' is the root). Keys are those of the store:
 * "a/.zarray", "a/zarr.json"; others are left out, and so are paths that leave the store. Errors: `invalid-data`.
 */
export function nodesOf(documents: ReadonlyMap<string, JsonObject>, root: string): Map<string, ZarrNode> {
  const nodes = new Map<string, ZarrNode>();
  for (const [key, json] of documents) {
    const match = /^(?:(.+)\/)?(zarr\.json|\.zarray|\.zgroup)$/.exec(key);
    const path = match?.[1] ?? '';
    if (match === null || (path !== '' && !isNodePath(path))) continue;
    const url = joinUrl(root, path);
    if (match[2] === 'zarr.json') nodes.set(path, nodeV3(json, path, url));
    else if (!nodes.has(path) || match[2] === '.zarray') {
      const kind = match[2] === '.zarray' ? 'array' : 'group';
      nodes.set(path, nodeV2(kind, json, documents.get(joinPath(path, '.zattrs')) ?? {}, path, url));
    }
  }
  return nodes;
}

function consolidatedV3(entries: JsonObject, root: string): Map<string, ZarrNode> {
  const nodes = new Map<string, ZarrNode>();
  for (const [path, json] of Object.entries(entries)) {
    if (isNodePath(path) && isObject(json)) nodes.set(path, nodeV3(json, path, joinUrl(root, path)));
  }
  return nodes;
}

function consolidatedV2(entries: JsonObject, root: string): Map<string, ZarrNode> {
  const nodes = new Map<string, ZarrNode>();
  for (const [key, json] of Object.entries(entries)) {
    const match = /^(?:(.+)\/)?\.z(array|group)$/.exec(key);
    const path = match?.[1] ?? '';
    if (match === null || path === '' || !isNodePath(path) || !isObject(json)) continue;
    const attributes = member(entries, joinPath(path, '.zattrs'));
    const kind = match[2] === 'array' ? 'array' : 'group';
    nodes.set(path, nodeV2(kind, json, isObject(attributes) ? attributes : {}, path, joinUrl(root, path)));
  }
  return nodes;
}

function nodeV3(json: JsonObject, path: string, url: string): ZarrNode {
  const kind = text(json, 'node_type');
  if (member(json, 'zarr_format') !== 3 || (kind !== 'array' && kind !== 'group')) {
    throw new CubeError({
      kind: 'invalid-data',
      url,
      what: 'zarr.json is neither an array nor a group of Zarr format 3',
    });
  }
  const attributes = member(json, 'attributes');
  return { kind, version: 3, path, url, json, attributes: isObject(attributes) ? attributes : {}, refs: null };
}

function nodeV2(
  kind: 'array' | 'group',
  json: JsonObject,
  attributes: JsonObject,
  path: string,
  url: string,
): ZarrNode {
  if (member(json, 'zarr_format') !== 2) {
    const what = `.z${kind} has zarr_format ${JSON.stringify(member(json, 'zarr_format'))}, expected 2`;
    throw new CubeError({ kind: 'invalid-data', url, what });
  }
  return { kind, version: 2, path, url, json, attributes, refs: null };
}
