import type { ChunkRow } from '../cube/records.js';

/** How many chunks are references and how many are not, and how many for each reason. */
export type StorageSummary = {
  readonly virtual: number;
  readonly native: number;
  /** Sorted by name. */
  readonly reasons: Readonly<Record<string, number>>;
};

/** Count chunks by storage; null where the build did not ask for references. Pure. */
export function summariseStorage(chunks: readonly ChunkRow[]): StorageSummary | null {
  const counts = { virtual: 0, native: 0 };
  const reasons = new Map<string, number>();
  for (const { storage, storageReason } of chunks) {
    if (storage === undefined || storageReason === undefined) continue;
    counts[storage]++;
    reasons.set(storageReason, (reasons.get(storageReason) ?? 0) + 1);
  }
  if (reasons.size === 0) return null;
  return { ...counts, reasons: Object.fromEntries([...reasons].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}
