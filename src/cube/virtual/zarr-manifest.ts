import { join } from 'node:path';
import { unflatten } from '../../grid/flat-index.js';
import { writeFileAtomic } from '../../io/write-file.js';
import { chunkGrid } from '../../raster/level.js';
import { MANIFEST_FILE, MANIFEST_TRANSFORMER } from '../../raster/refs/manifest.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import type { Json } from '../../stac/item.js';
import { arrayJson, consolidatedJson, groupJson, metadataBytes } from '../writer/array-json.js';
import { coordinateArray } from '../writer/layout.js';
import { fileVersions } from './kerchunk-metadata.js';
import type { VirtualArray, VirtualGroup, VirtualStore } from './virtual-store.js';
import { coordinateObjects, prepareCoordinates, virtualArrayJson } from './zarr-metadata.js';

/**
 * Write a dataset of references as a Zarr v3 store whose arrays have their chunks in manifests: the storage transformer
 * "chunk-manifest-json" (zarr-specs, issue 287, as VirtualiZarr wrote it), a `manifest.json` beside the array's metadata with
 * { "0.0.0": { path, offset, length } }. Readers that do not know the transformer refuse the array, as the core specification
 * asks for. Versions of the files stand in the transformer's configuration. Coordinates are plain arrays. `folder` is new or
 * empty. Problem: `io`.
 */
export async function writeZarrManifests({ groups }: Pick<VirtualStore, 'groups'>, folder: string): Promise<void> {
  await prepareCoordinates(groups);
  const write = (key: string, bytes: Uint8Array | Iterable<string>) => writeFileAtomic(join(folder, key), bytes);
  for (const group of groups) {
    const json = group.path === '' ? consolidatedJson(group, nodes(groups)) : groupJson(group);
    await write(joinPath(group.path, 'zarr.json'), metadataBytes(json));
    for (const coordinate of group.coordinates) {
      for (const { key, bytes } of coordinateObjects(coordinate)) await write(joinPath(group.path, key), bytes);
    }
    for (const array of group.arrays) {
      const path = joinPath(group.path, array.name);
      await write(joinPath(path, 'zarr.json'), metadataBytes(manifestArrayJson(array)));
      await write(joinPath(path, MANIFEST_FILE), manifestText(array));
    }
  }
}

function manifestArrayJson(array: VirtualArray): { readonly [key: string]: Json } {
  const configuration = { manifest: `./${MANIFEST_FILE}`, heliocube: { files: fileVersions(array.refs.files) } };
  return { ...virtualArrayJson(array), storage_transformers: [{ name: MANIFEST_TRANSFORMER, configuration }] };
}

/** Every node below the root: a remote folder cannot be listed. */
function* nodes(groups: readonly VirtualGroup[]): Generator<[path: string, json: Json]> {
  for (const group of groups) {
    if (group.path !== '') yield [group.path, groupJson(group)];
    for (const array of group.coordinates.map(coordinateArray))
      yield [joinPath(group.path, array.name), arrayJson(array)];
    for (const array of group.arrays) yield [joinPath(group.path, array.name), manifestArrayJson(array)];
  }
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
