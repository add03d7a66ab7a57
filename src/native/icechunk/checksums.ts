import type { VirtualChecksum } from './refs.js';

/** Checksums as the addon takes and gives them: a column of times, and the few ETags by the index of their location. */
export type ChecksumColumns = {
  /** Milliseconds; NaN where the checksum is no time. */
  readonly modified: Float64Array;
  readonly etags: readonly (readonly [index: number, etag: string])[];
};

/** Columns of the checksums of `count` locations. */
export function checksumColumns(
  checksums: readonly (VirtualChecksum | null)[] | undefined,
  count: number,
): ChecksumColumns {
  const modified = new Float64Array(checksums?.length ?? count).fill(Number.NaN);
  const etags: (readonly [number, string])[] = [];
  for (const [index, checksum] of checksums?.entries() ?? []) {
    if (checksum?.kind === 'last-modified') modified[index] = checksum.timeMs;
    else if (checksum?.kind === 'etag') etags.push([index, checksum.etag]);
  }
  return { modified, etags };
}

/** The other way round. */
export function checksumsOf({ modified, etags }: ChecksumColumns): readonly (VirtualChecksum | null)[] {
  const checksums = Array.from(modified, (timeMs): VirtualChecksum | null =>
    Number.isNaN(timeMs) ? null : { kind: 'last-modified', timeMs },
  );
  for (const [index, etag] of etags) checksums[index] = { kind: 'etag', etag };
  return checksums;
}
