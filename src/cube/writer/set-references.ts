import type { IcechunkSession } from '../../native/icechunk/contract.js';
import type { VirtualChecksum, VirtualRefs } from '../../native/icechunk/refs.js';
import type { ChunkReference } from '../storage.js';

/** Set chunks of (time, y, x) arrays that are ranges of other files; the arrays' metadata must be there. */
export async function setReferences(
  session: Pick<IcechunkSession, 'setVirtualRefs'>,
  references: readonly ChunkReference[],
): Promise<void> {
  const arrays = new Map<string, ChunkReference[]>();
  for (const reference of references) {
    const known = arrays.get(reference.array);
    if (known === undefined) arrays.set(reference.array, [reference]);
    else known.push(reference);
  }
  for (const [name, rows] of [...arrays].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    await session.setVirtualRefs(name, virtualRefs(rows));
  }
}

function virtualRefs(references: readonly ChunkReference[]): VirtualRefs {
  const files = new Map<
    string,
    { readonly number: number; readonly checksum: VirtualChecksum | null; readonly url: string }
  >();
  const location = references.map(({ url, checksum }) => {
    const key = JSON.stringify([url, checksum]);
    const known = files.get(key);
    if (known !== undefined) return known.number;
    files.set(key, { number: files.size, checksum, url });
    return files.size - 1;
  });
  return {
    indices: Uint32Array.from(references.flatMap(({ timeIndex, yIndex, xIndex }) => [timeIndex, yIndex, xIndex])),
    locations: Array.from(files.values(), ({ url }) => url),
    checksums: Array.from(files.values(), ({ checksum }) => checksum),
    location: Uint32Array.from(location),
    offsets: Float64Array.from(references, ({ offset }) => offset),
    lengths: Float64Array.from(references, ({ length }) => length),
  };
}
