/** One entry of a TIFF directory: types ASCII, SHORT, LONG and DOUBLE (TIFF 6.0 §2). */
export type Tag = { readonly id: number; readonly type: 2 | 3 | 4 | 12; readonly values: readonly number[] | string };

const TYPE_BYTES = { 2: 1, 3: 2, 4: 4, 12: 8 } as const;

/** Bytes of the file header, behind which the first directory stands. */
export const HEADER_BYTES = 8;

/** Header of a little endian classic TIFF whose first directory stands behind it. */
export function writeHeader(view: DataView): void {
  view.setUint16(0, 0x4949, true);
  view.setUint16(2, 42, true);
  view.setUint32(4, HEADER_BYTES, true);
}

/** Bytes of a directory with the values that do not fit into its entries. */
export function directorySize(tags: readonly Tag[]): number {
  const outside = tags.map(byteLengthOf).filter((length) => length > 4);
  return 2 + 12 * tags.length + 4 + outside.reduce((sum, length) => sum + length + (length % 2), 0);
}

/** A directory at `at`, its long values behind it; `next` is the place of the next one, 0 for none. */
export function writeDirectory(view: DataView, at: number, tags: readonly Tag[], next: number): void {
  view.setUint16(at, tags.length, true);
  let outside = at + 2 + 12 * tags.length + 4;
  for (const [index, tag] of tags.entries()) {
    const entry = at + 2 + 12 * index;
    view.setUint16(entry, tag.id, true);
    view.setUint16(entry + 2, tag.type, true);
    view.setUint32(entry + 4, tag.values.length, true);
    const length = byteLengthOf(tag);
    if (length <= 4) writeValues(view, entry + 8, tag);
    else {
      view.setUint32(entry + 8, outside, true);
      writeValues(view, outside, tag);
      outside += length + (length % 2);
    }
  }
  view.setUint32(at + 2 + 12 * tags.length, next, true);
}

function byteLengthOf({ type, values }: Tag): number {
  return TYPE_BYTES[type] * values.length;
}

function writeValues(view: DataView, at: number, { type, values }: Tag): void {
  for (let i = 0; i < values.length; i++) {
    const value = typeof values === 'string' ? values.charCodeAt(i) : values[i]!;
    if (type === 2) view.setUint8(at + i, value);
    else if (type === 3) view.setUint16(at + 2 * i, value, true);
    else if (type === 4) view.setUint32(at + 4 * i, value, true);
    else view.setFloat64(at + 8 * i, value, true);
  }
}
