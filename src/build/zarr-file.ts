import { prepareCodecs } from '../codec/prepare.js';
import { copyBlock } from '../cube/writer/block-copy.js';
import { encodeArrayChunk, objectKey } from '../cube/writer/encode.js';
import type { ArrayLayout } from '../cube/writer/layout.js';
import { ZarrStore } from '../cube/writer/zarr-store.js';
import { newSamples, type Samples } from '../grid/dtype.js';
import type { ArrayBlock } from './array-blocks.js';
import type { ArraySource, ArrayTarget } from './array-source.js';
import { elementCount, unflatten } from '../grid/flat-index.js';

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
    write: (block, samples) => writeChunks(store, array, block, samples),
    finish: () => store.seal(layout),
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

async function writeChunks(store: ZarrStore, array: ArrayLayout, block: ArrayBlock, samples: Samples): Promise<void> {
  const { chunk, dtype } = array;
  const first = block.start.map((from, d) => from / chunk[d]!);
  const counts = block.shape.map((size, d) => Math.ceil(size / chunk[d]!));
  const total = elementCount(counts);
  for (let i = 0; i < total; i++) {
    const place = unflatten(i, counts);
    const start = place.map((at, d) => at * chunk[d]!);
    const size = start.map((from, d) => Math.min(chunk[d]!, block.shape[d]! - from));
    const data = newSamples(dtype, elementCount(size));
    const to = { data, shape: size, start: size.map(() => 0) };
    copyBlock({ data: samples, shape: block.shape, start }, to, size);
    const bytes = encodeArrayChunk(array, data, size);
    const index = place.map((at, d) => at + first[d]!);
    if (bytes !== null) await store.writeObject(objectKey(array, index), bytes);
  }
}
