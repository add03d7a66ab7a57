import type { NativeDiff } from './binding.js';
import type { ChunkChange, IcechunkDiff } from './types.js';

type DiffJson = Omit<IcechunkDiff, 'chunks'> & { readonly chunks: readonly Omit<ChunkChange, 'indices'>[] };

/** Gives each array its part of the indices. */
export function parseDiff({ json, indices }: NativeDiff): IcechunkDiff {
  const diff = JSON.parse(json) as DiffJson;
  let start = 0;
  const chunks = diff.chunks.map((change) => {
    const end = start + change.count * change.rank;
    const part = { ...change, indices: indices.slice(start, end) };
    start = end;
    return part;
  });
  return { ...diff, chunks };
}
