import { canEncode } from '../codec/encode-chain.js';
import { alignedTile } from './aligned-tile.js';
import type { TaskGroup } from './executor.js';
import { isComposite } from './mosaic.js';
import type { PlanContext, TileChains } from './task.js';
import { chainKey, type TileChain } from './tile-chain.js';

/**
 * Decide which arrays of a cube can hold references to tiles, and how all of their chunks are stored: an array has one chain of
 * codecs, that of most of the tiles which lie under its chunks, of two equally frequent ones the first. Null where no tile
 * does, or where there is no encoder for chunks that cannot be references. One entry a band. Pure.
 */
export function planStorage(
  groups: Iterable<TaskGroup>,
  { bands, mosaic }: Pick<PlanContext, 'bands' | 'mosaic'>,
  form: Pick<TileChains, 'chunk' | 'local'>,
): TileChains {
  const found = bands.map(() => new Map<string, { chain: TileChain; count: number }>());
  for (const group of isComposite(mosaic) ? [] : groups) {
    for (const task of group) {
      if (task.kind !== 'pixels') continue;
      for (const { planes } of task.candidates) {
        for (const plane of planes) {
          const band = bands[plane.band]!;
          const tile = band.written ? alignedTile(task, plane, { ...form, band }) : 'no item';
          if (typeof tile !== 'string') count(found[plane.band]!, tile.chain);
        }
      }
    }
  }
  return { ...form, bands: bands.map(({ dtype }, index) => mostFrequent(found[index]!, dtype)) };
}

type Counts = Map<string, { chain: TileChain; count: number }>;

function count(counts: Counts, chain: TileChain): void {
  const key = chainKey(chain);
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { chain, count: 1 });
  else known.count++;
}

function mostFrequent(counts: Counts, dtype: PlanContext['bands'][number]['dtype']): TileChain | null {
  let best: { chain: TileChain; count: number } | null = null;
  for (const entry of counts.values()) {
    if (canEncode(entry.chain.codecs, dtype) && (best === null || entry.count > best.count)) best = entry;
  }
  return best === null ? null : best.chain;
}
