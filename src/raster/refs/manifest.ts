import { CubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { joinUrl, resolveLocation } from '../../io/location.js';
import { openHierarchy, type Hierarchy, type ZarrNode } from '../zarr/hierarchy.js';
import { isObject, member, parseMetadataJson, text, type JsonObject } from '../zarr/json.js';
import { isPosition, parseKnownFiles } from './parse-kerchunk.js';
import type { PlacedReference } from './reference-columns.js';
import { arrayRefs } from './reference-hierarchy.js';

/** The storage transformer of Zarr v3 whose chunks are ranges of other files (zarr-specs, issue 287). */
export const MANIFEST_TRANSFORMER = 'chunk-manifest-json';

/** Where its entries are, beside the metadata of the array. */
export const MANIFEST_FILE = 'manifest.json';

/**
 * Open a Zarr store as `openHierarchy` does; an array with a chunk manifest has its references. They are read when the array is
 * asked for. Errors: those of `openHierarchy`, `forbidden` where a remote manifest names local files or private addresses.
 */
export async function openZarrHierarchy(sources: SourceFactory, url: string, signal?: AbortSignal): Promise<Hierarchy> {
  const plain = await openHierarchy(sources, url, signal);
  const opened = new Map<string, Promise<ZarrNode>>();
  const withRefs = (node: ZarrNode): Promise<ZarrNode> => {
    const known = opened.get(node.path) ?? readManifest(sources, node, signal);
    opened.set(node.path, known);
    return known;
  };
  const node = async (path: string): Promise<ZarrNode | null> => {
    const found = await plain.node(path);
    return found === null || manifestOf(found) === null ? found : withRefs(found);
  };
  return { ...plain, root: manifestOf(plain.root) === null ? plain.root : await withRefs(plain.root), node };
}

/** The configuration of an array's manifest; null where its chunks are objects of the store. */
function manifestOf({ kind, version, json }: ZarrNode): JsonObject | null {
  const transformers = kind === 'array' && version === 3 ? member(json, 'storage_transformers') : null;
  const [first] = Array.isArray(transformers) && transformers.length === 1 ? (transformers as unknown[]) : [];
  if (!isObject(first) || text(first, 'name') !== MANIFEST_TRANSFORMER) return null;
  const configuration = member(first, 'configuration');
  return isObject(configuration) ? configuration : {};
}

async function readManifest(sources: SourceFactory, node: ZarrNode, signal?: AbortSignal): Promise<ZarrNode> {
  const configuration = manifestOf(node)!;
  const name = text(configuration, 'manifest')?.replace(/^\.\//, '');
  if (name !== MANIFEST_FILE) {
    const feature = `a chunk manifest in ${JSON.stringify(member(configuration, 'manifest'))}`;
    throw new CubeError({ kind: 'unsupported', url: node.url, feature });
  }
  const url = joinUrl(node.url, MANIFEST_FILE);
  const { bytes } = await sources.open(url).read('all', signal === undefined ? {} : { signal });
  const entries = parseMetadataJson(bytes, url);
  const known = parseKnownFiles(configuration);
  const locate = (written: string) => resolveLocation(written, url);
  const plain = { ...node, json: { ...node.json, storage_transformers: [] } };
  const refs = await arrayRefs(plain, { url, known, locate }, async (_node, columns) =>
    columns.addAll(placed(entries, url)),
  );
  return { ...plain, refs };
}

function* placed(entries: JsonObject, url: string): Generator<PlacedReference> {
  for (const [key, entry] of Object.entries(entries)) {
    const path = isObject(entry) ? text(entry, 'path') : null;
    const [offset, length] = isObject(entry) ? [member(entry, 'offset'), member(entry, 'length')] : [];
    if (!/^\d+(\.\d+)*$/.test(key) || path === null || !isPosition(offset) || !isPosition(length)) {
      const what = `${JSON.stringify(key.slice(0, 100))} is no chunk with path, offset and length`;
      throw new CubeError({ kind: 'invalid-data', url, what });
    }
    // A missing chunk may be written as an entry without a place.
    if (path !== '')
      yield { index: key.split('.').map(Number), reference: { kind: 'range', url: path, offset, length } };
  }
}
