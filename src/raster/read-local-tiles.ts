import type { LentFile } from '../io/byte-source.js';
import { throwIfAborted } from '../io/abort.js';
import { isLocal, pathOfUrl } from '../io/location.js';
import type { FusedLayout } from '../codec/tile-coding.js';
import type { RangeRef } from './chunk-ref.js';
import { chunkHead } from './chunk-head.js';
import { decodeBatch } from './decode-batch.js';
import { assertGuard, assertSame } from './assert-version.js';
import type { LocatedTile, TileReading } from './tile-reading.js';

type LocalTile = { readonly located: LocatedTile; readonly ref: RangeRef };
type LocalObject = { readonly located: LocatedTile; readonly path: string };
/** Tiles of one file that one batch decodes. */
type Group = { readonly url: string; readonly fused: FusedLayout; readonly tiles: LocalTile[] };

/**
 * Read the tiles that lie in local files and that one kernel call decodes, straight from the files. Gives the tiles that
 * are left: all others, and those that failed; reading these in the usual way says why, or succeeds. Problems: `aborted`,
 * and `changed` where a file is another version than planned or changes meanwhile.
 */
export async function readLocalTiles(reading: TileReading, tiles: readonly LocatedTile[]): Promise<LocatedTile[]> {
  const rest: LocatedTile[] = [];
  const groups = new Map<string, Map<FusedLayout, Group>>();
  const objects = new Map<FusedLayout, LocalObject[]>();
  for (const located of tiles) {
    const { ref, storage } = located;
    if (storage.fused !== null && ref.kind === 'object' && isLocal(ref.url)) {
      const list = objects.get(storage.fused) ?? [];
      objects.set(storage.fused, list);
      list.push({ located, path: pathOfUrl(ref.url) });
      continue;
    }
    if (storage.fused === null || ref.kind !== 'range') {
      rest.push(located);
      continue;
    }
    const ofFile = groups.get(ref.url) ?? new Map<FusedLayout, Group>();
    groups.set(ref.url, ofFile);
    const group = ofFile.get(storage.fused) ?? { url: ref.url, fused: storage.fused, tiles: [] };
    ofFile.set(storage.fused, group);
    group.tiles.push({ located, ref });
  }
  for (const ofFile of groups.values()) {
    for (const group of ofFile.values()) rest.push(...(await readGroup(reading, group)));
  }
  for (const [fused, list] of objects) rest.push(...(await readObjects(reading, fused, list)));
  return rest;
}

/** Files that are tiles: a chunk of a Zarr array each. */
async function readObjects(
  reading: TileReading,
  fused: FusedLayout,
  objects: readonly LocalObject[],
): Promise<LocatedTile[]> {
  throwIfAborted(reading.signal);
  const batch = objects.map(({ located, path }) => ({ parts: located.tile.parts, source: path }));
  const codes = await decodeBatch(reading, fused, batch);
  throwIfAborted(reading.signal);
  return objects.flatMap(({ located }, i) => (codes[i] === 0 ? [] : [located]));
}

async function readGroup(reading: TileReading, group: Group): Promise<LocatedTile[]> {
  throwIfAborted(reading.signal);
  const source = reading.sources.open(group.url);
  const all = group.tiles.map(({ located }) => located);
  if (source.lend === undefined) return all;
  return source.lend(async (file) => {
    const failed = await decodeFrom(file, reading, group, source.url);
    throwIfAborted(reading.signal);
    return failed;
  });
}

async function decodeFrom(
  file: LentFile,
  reading: TileReading,
  { fused, tiles }: Group,
  url: string,
): Promise<LocatedTile[]> {
  const { level } = reading;
  const expected = level.identity ?? file.identity;
  assertSame(url, expected, file.identity);
  for (const { ref } of tiles) {
    if (ref.identity !== undefined) assertSame(url, ref.identity, file.identity);
    if (ref.guard !== undefined) assertGuard(url, ref.guard, file.identity);
  }
  const batch = tiles.map(({ located, ref: { offset, length } }) => ({
    parts: located.tile.parts,
    source: { offset, length, head: chunkHead(level, located) ?? length },
  }));
  const codes = await decodeBatch(reading, fused, batch, file.descriptor);
  assertSame(url, expected, await file.check());
  return tiles.flatMap(({ located }, i) => (codes[i] === 0 ? [] : [located]));
}
