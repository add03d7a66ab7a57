import { unflatten } from '../../grid/flat-index.js';
import { chunkGrid } from '../../raster/level.js';
import {
  coordinateBytes,
  coordinateChunkKey,
  kerchunkDocuments,
  kerchunkLayout,
  kerchunkUrl,
  referencedFiles,
} from './kerchunk-metadata.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import type { VirtualArray, VirtualGroup, VirtualStore } from './virtual-store.js';

/**
 * A dataset of references as kerchunk's JSON, version 1 (Zarr v2 keys → text, "base64:…" or [url, offset, length]), in pieces
 * that give the document one after the other. Missing chunks have no key. Pure.
 */
export function* kerchunkJson(store: Pick<VirtualStore, 'groups'>): Generator<string> {
  yield `{"version":1,"heliocube":${JSON.stringify({ files: referencedFiles(store) })},"refs":{`;
  let first = true;
  for (const { key, json } of kerchunkDocuments(store)) {
    yield entry(key, JSON.stringify(JSON.stringify(json)), first);
    first = false;
  }
  for (const group of store.groups) {
    for (const coordinate of group.coordinates) {
      const key = joinPath(group.path, `${coordinate.name}/${coordinateChunkKey(coordinate)}`);
      const bytes = Buffer.from(coordinateBytes(coordinate)).toString('base64');
      yield entry(key, JSON.stringify(`base64:${bytes}`), first);
    }
    for (const array of group.arrays) yield* arrayEntries(group, array);
  }
  yield '}}\n';
}

function* arrayEntries(group: VirtualGroup, array: VirtualArray): Generator<string> {
  const { refs } = array;
  const stored = kerchunkGrid(array);
  const urls = refs.files.map(({ url }) => JSON.stringify(kerchunkUrl(url)));
  for (let i = 0; i < refs.file.length; i++) {
    const file = refs.file[i]!;
    if (file === 0) continue;
    // One chunk holds all interleaved bands, so that the order of the chunks is the same.
    const key = joinPath(group.path, `${array.name}/${unflatten(i, stored).join('.')}`);
    yield entry(key, `[${urls[file - 1]!},${refs.offsets[i]},${refs.lengths[i]}]`, false);
  }
}

function kerchunkGrid(array: VirtualArray): number[] {
  const { shape, chunks } = kerchunkLayout(array);
  return chunkGrid({ shape, chunkShape: chunks });
}

function entry(key: string, json: string, first: boolean): string {
  return `${first ? '' : ','}\n${JSON.stringify(key)}:${json}`;
}
