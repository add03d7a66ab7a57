import type { FusedLayout } from '../codec/tile-coding.js';
import { bytesOf } from '../native/sample-bytes.js';
import { PART_FIELDS, TILE_FIELDS } from '../native/tile-batch.js';
import { tileBatchKernel } from '../native/tiles.js';
import type { WantedPart } from './plan-tiles.js';
import type { TileReading } from './tile-reading.js';

/**
 * Where a tile of a batch is: in memory, a file of its own (a path), or in the open file. `head`: so many of its bytes are
 * likely enough.
 */
export type BatchTile = {
  readonly parts: readonly WantedPart[];
  readonly source: Uint8Array | string | { readonly offset: number; readonly length: number; readonly head: number };
};

/**
 * Decode tiles of one layout into the destinations, in threads; gives 0 or a value of `FAILURE` for each. `file` is the
 * descriptor that tiles which are not in memory are read from, or -1. An abort begins no further tile.
 */
export async function decodeBatch(
  { destinations, signal, threads }: TileReading,
  { coding, bytes }: FusedLayout,
  tiles: readonly BatchTile[],
  file = -1,
): Promise<Int32Array> {
  const cancel = new Int32Array(new SharedArrayBuffer(4));
  const stop = () => void Atomics.store(cancel, 0, 1);
  signal?.addEventListener('abort', stop, { once: true });
  const used = new Map<number, number>();
  for (const { parts } of tiles) for (const { plane } of parts) if (!used.has(plane)) used.set(plane, used.size);
  try {
    return await tileBatchKernel()({
      file,
      inputs: tiles.flatMap(({ source }) => (source instanceof Uint8Array ? [source] : [])),
      paths: tiles.flatMap(({ source }) => (typeof source === 'string' ? [source] : [])),
      tiles: tileTable(tiles),
      parts: partTable(tiles, used),
      destinations: [...used.keys()].map((plane) => bytesOf(destinations[plane]!)),
      coding,
      tileBytes: bytes,
      threads,
      cancel,
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function tileTable(tiles: readonly BatchTile[]): Float64Array {
  const table = new Float64Array(tiles.length * TILE_FIELDS);
  let [inputs, paths] = [0, 0];
  const place = (source: BatchTile['source']) => {
    if (source instanceof Uint8Array) return [inputs++, 0, 0, 0];
    if (typeof source === 'string') return [-2 - paths++, 0, 0, 0];
    return [-1, source.offset, source.length, source.head];
  };
  tiles.forEach(({ source, parts }, i) => table.set([...place(source), parts.length], i * TILE_FIELDS));
  return table;
}

function partTable(tiles: readonly BatchTile[], used: ReadonlyMap<number, number>): Float64Array {
  const table = new Float64Array(tiles.reduce((sum, { parts }) => sum + parts.length, 0) * PART_FIELDS);
  let at = 0;
  for (const { parts } of tiles) {
    for (const { plane, from, to, width, height } of parts) {
      const ends = [to.start, to.rowStride, height, width];
      table.set([used.get(plane)!, from.start, from.rowStride, from.colStride, ...ends], at);
      at += PART_FIELDS;
    }
  }
  return table;
}
