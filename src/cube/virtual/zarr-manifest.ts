import { unflatten } from '../../grid/flat-index.js';
import { chunkGrid } from '../../raster/level.js';
import { MANIFEST_FILE, MANIFEST_TRANSFORMER } from '../../raster/refs/manifest.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import type { Json } from '../../stac/item.js';
import { arrayDocument, arrayJson, metadataBytes } from '../writer/array-json.js';
import { coordinateArray } from '../writer/layout.js';
import { fileVersions } from './kerchunk-metadata.js';
import type { VirtualArray, VirtualGroup, VirtualStore } from './virtual-store.js';
import { coordinateObjects } from './zarr-metadata.js';

/** A file of a store, by its path below the root; a long text comes in pieces. */
export type StoreFile = { readonly key: string; readonly bytes: Uint8Array | Iterable<string> };

type JsonObject = { readonly [key: string]: Json };

/**
 * A dataset of references as a Zarr v3 store whose arrays have their chunks in manifests: the storage transformer
 * "chunk-manifest-json" (zarr-specs, issue 287, as VirtualiZarr wrote it), a `manifest.json` beside the array's metadata with
 * { "0.0.0": { path, offset, length } }. Readers that do not know the transformer refuse the array, as the core specification
 * asks for. Versions of the files stand in the transformer's configuration. Coordinates are plain arrays. Pure.
 */
export function* manifestFiles({ groups }: Pick<VirtualStore, 'groups'>): Generator<StoreFile> {
  for (const group of groups) {
    const json = { zarr_format: 3, node_type: 'group', attributes: group.attributes };
    const root = group.path === '' ? { ...json, consolidated_metadata: consolidated(groups) } : json;
    yield { key: joinPath(group.path, 'zarr.json'), bytes: metadataBytes(root) };
    for (const coordinate of group.coordinates) {
      for (const { key, bytes } of coordinateObjects(coordinate)) yield { key: joinPath(group.path, key), bytes };
    }
    for (const array of group.arrays) {
      const path = joinPath(group.path, array.name);
      yield { key: joinPath(path, 'zarr.json'), bytes: metadataBytes(manifestArrayJson(array)) };
      yield { key: joinPath(path, MANIFEST_FILE), bytes: manifestText(array) };
    }
  }
}

function manifestArrayJson(array: VirtualArray): JsonObject {
  const configuration = { manifest: `./${MANIFEST_FILE}`, heliocube: { files: fileVersions(array.refs.files) } };
  const transformer = { name: MANIFEST_TRANSFORMER, configuration };
  return { ...arrayDocument({ ...array, codecs: array.codecs.v3 as Json }), storage_transformers: [transformer] };
}

/** The metadata of every node below the root, which a remote folder could not list. */
function consolidated(groups: readonly VirtualGroup[]): JsonObject {
  const entries = groups.flatMap(({ path, attributes, coordinates, arrays }): [string, Json][] => [
    ...(path === '' ? [] : [[path, { zarr_format: 3, node_type: 'group', attributes }] satisfies [string, Json]]),
    ...coordinates.map(coordinateArray).map((array): [string, Json] => [joinPath(path, array.name), arrayJson(array)]),
    ...arrays.map((array): [string, Json] => [joinPath(path, array.name), manifestArrayJson(array)]),
  ]);
  return { kind: 'inline', must_understand: false, metadata: Object.fromEntries(entries) };
}

/** Missing chunks have no entry. */
function* manifestText(array: VirtualArray): Generator<string> {
  const { files, file, offsets, lengths } = array.refs;
  const grid = chunkGrid(array);
  const paths = files.map(({ url }) => JSON.stringify(url));
  let separator = '{\n';
  for (let i = 0; i < file.length; i++) {
    if (file[i] === 0) continue;
    const key = JSON.stringify(unflatten(i, grid).join('.'));
    yield `${separator}${key}:{"path":${paths[file[i]! - 1]!},"offset":${offsets[i]},"length":${lengths[i]}}`;
    separator = ',\n';
  }
  yield separator === '{\n' ? '{}\n' : '\n}\n';
}
