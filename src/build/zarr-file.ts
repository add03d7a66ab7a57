import { prepareCodecs } from '../codec/prepare.js';
import type { ArrayLayout } from '../cube/writer/layout.js';
import { storeChunks } from '../cube/writer/store-chunks.js';
import { ZarrStore } from '../cube/writer/zarr-store.js';
import type { ArraySource, ArrayTarget } from './array-source.js';

/** Sides of a tile that are taken over as they are; others become this many. */
const GOOD_SIDE = { least: 128, most: 2048, else: 1024 };

/**
 * A Zarr v3 store with one array named `data`, written in boxes of whole chunks. A Zarr array keeps its chunks, planes
 * get theirs from the source's tiles. A finished store that is there already is replaced by the finished new one.
 */
export async function createZarrFile(path: string, source: ArraySource, keepChunks: boolean): Promise<ArrayTarget> {
  const array = arrayLayout(source, keepChunks);
  const layout = { arrays: [array], coordinates: [], attributes: {} };
  await prepareCodecs([array.codec]);
  const store = await ZarrStore.open(path, 'overwrite');
  try {
    await store.writeArrays(layout);
  } catch (error) {
    await store.discard();
    throw error;
  }
  return {
    step: array.chunk,
    write: (block, samples) => storeChunks(store, array, block, samples),
    finish: async () => void (await store.seal(layout)),
    discard: () => store.discard(),
  };
}

function arrayLayout({ dtype, shape, dimensions, step }: ArraySource, keepChunks: boolean): ArrayLayout {
  const chunk = shape.map((size, d) => {
    const wanted = keepChunks ? step[d]! : d < shape.length - 2 ? 1 : goodSide(step[d]!);
    return Math.max(1, Math.min(size, wanted));
  });
  const codec = { name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' } as const;
  return { name: 'data', dtype, dimensions, shape, chunk, shard: null, codec, fill: 0, attributes: {} };
}

function goodSide(side: number): number {
  return side >= GOOD_SIDE.least && side <= GOOD_SIDE.most ? side : GOOD_SIDE.else;
}
