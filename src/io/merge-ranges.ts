/** Bytes of one object. */
export type PlainRange = { readonly offset: number; readonly length: number };

/** When reading one long range beats reading two. */
export type MergeOptions = {
  /** Ranges with at most so many bytes between them become one. */
  readonly gapBytes: number;
  /** A merged range is at most so long; a single longer one stays alone. */
  readonly maxBytes: number;
};

/** One read that serves the ranges at `members` (indices into the given list). */
export type MergedRange = PlainRange & { readonly members: readonly number[] };

/** Puts ranges that are near each other (or overlap) into common reads, in order of their offset. Pure. */
export function mergeRanges(ranges: readonly PlainRange[], options: MergeOptions): MergedRange[] {
  const order = ranges.map((_, index) => index).sort((a, b) => ranges[a]!.offset - ranges[b]!.offset || a - b);
  const merged: { offset: number; end: number; members: number[] }[] = [];
  for (const index of order) {
    const { offset, length } = ranges[index]!;
    const last = merged.at(-1);
    const end = Math.max(last?.end ?? 0, offset + length);
    if (last !== undefined && offset - last.end <= options.gapBytes && end - last.offset <= options.maxBytes) {
      last.end = end;
      last.members.push(index);
    } else {
      merged.push({ offset, end: offset + length, members: [index] });
    }
  }
  return merged.map(({ offset, end, members }) => ({ offset, length: end - offset, members }));
}
