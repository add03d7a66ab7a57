import { readTreeV1 } from './btree-v1.js';
import { readTreeV2 } from './btree-v2.js';
import { readExtensibleArray } from './extensible-array.js';
import { readFixedArray } from './fixed-array.js';
import type { Fields } from './fields.js';
import type { ChunkIndex } from './layout.js';
import type { Metadata } from './metadata.js';
import { StoredChunks, type ChunkedDataset } from './stored-chunks.js';

/** Every stored chunk of a dataset, whatever its index (specification VII and IV.A.2.i). Errors: `invalid-data`. */
export async function readChunkIndex(
  metadata: Metadata,
  index: ChunkIndex,
  dataset: ChunkedDataset,
): Promise<StoredChunks> {
  const chunks = new StoredChunks(metadata, dataset);
  if (index.address === null) return chunks;
  switch (index.kind) {
    case 'single':
      chunks.add(
        dataset.shape.map(() => 0),
        { address: index.address, length: index.length, mask: index.mask },
      );
      return chunks;
    case 'implicit':
      chunks.addImplicit(index.address);
      return chunks;
    case 'btree-v1':
      await addTreeV1(metadata, index.address, dataset, chunks);
      return chunks;
    case 'btree-v2':
      await addTreeV2(metadata, index.address, dataset, chunks);
      return chunks;
    case 'fixed-array':
      await readFixedArray(metadata, index.address, (i, element) => chunks.addElement(i, element));
      return chunks;
    case 'extensible-array':
      await readExtensibleArray(metadata, index.address, (i, element) => chunks.addElement(i, element));
      return chunks;
  }
}

/** III.A.1: a key has the chunk's bytes, its filter mask and its first sample in every dimension, and one more. */
async function addTreeV1(
  metadata: Metadata,
  root: number,
  dataset: ChunkedDataset,
  chunks: StoredChunks,
): Promise<void> {
  const keyBytes = 8 + 8 * (dataset.shape.length + 1);
  for (const { key, child } of await readTreeV1(metadata, root, { type: 1, keyBytes })) {
    const [length, mask] = [key.u32(), key.u32()];
    const place = dataset.chunkShape.map((size) => {
      const first = key.uint(8);
      if (first % size !== 0) throw key.fail(`a chunk begins at ${first}, which is no multiple of ${size}`);
      return first / size;
    });
    chunks.add(place, { address: child, length, mask });
  }
}

/** III.A.2: records of type 10 (no filters) and 11. Places count in chunks. */
async function addTreeV2(
  metadata: Metadata,
  root: number,
  dataset: ChunkedDataset,
  chunks: StoredChunks,
): Promise<void> {
  const { type, recordBytes, records } = await readTreeV2(metadata, root, [10, 11]);
  const rank = dataset.shape.length;
  const lengthBytes = recordBytes - metadata.sizes.offset - 4 - 8 * rank;
  for (const record of records) {
    const address = record.address();
    const { length, mask } = type === 10 ? { length: null, mask: 0 } : filtered(record, lengthBytes);
    const place = dataset.shape.map(() => record.uint(8));
    if (address !== null) chunks.add(place, { address, length, mask });
  }
}

function filtered(record: Fields, lengthBytes: number): { length: number; mask: number } {
  if (lengthBytes < 1 || lengthBytes > 8) throw record.fail(`lengths of ${lengthBytes} bytes`);
  return { length: record.uint(lengthBytes), mask: record.u32() };
}
