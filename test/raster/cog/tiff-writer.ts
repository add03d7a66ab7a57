import { deflateSync } from 'node:zlib';
import { storedBytes, type DataType } from '../../../src/grid/dtype.js';

/** One tag as it is written: TIFF field type and values (text for ASCII, bytes for UNDEFINED). */
export type TagSpec = { readonly tag: number; readonly type: number; readonly values: readonly number[] | string };

/** One image of a test file. Samples come from `value`, so that a test can compute what it expects. */
export type ImageSpec = {
  readonly width: number;
  readonly height: number;
  readonly bands?: number;
  readonly dtype?: Exclude<DataType, 'bool' | 'float16'>;
  /** Bits of packed unsigned samples; overrides the type's own. */
  readonly bits?: number;
  readonly value: (pixel: { band: number; row: number; col: number }) => number;
  /** Tile size in pixels; strips where left out. */
  readonly tile?: { readonly width: number; readonly height: number };
  readonly rowsPerStrip?: number;
  readonly planar?: boolean;
  readonly compression?: 'none' | 'deflate' | 'packbits' | 'lzw';
  readonly predictor?: 1 | 2 | 3;
  readonly fillOrder?: 1 | 2;
  readonly subfileType?: number;
  /** Bytes behind the last sample of every chunk, which some writers leave there. */
  readonly surplus?: number;
  /** Chunks (by their number) that are not stored. */
  readonly sparse?: (chunk: number) => boolean;
  readonly tags?: readonly TagSpec[];
};

export type TiffSpec = {
  readonly images: readonly ImageSpec[];
  readonly littleEndian?: boolean;
  readonly big?: boolean;
  /** Text behind the header, where GDAL puts its structural metadata. */
  readonly ghost?: string;
  /** Where pixels lie: behind all directories (as in a COG), or before them. */
  readonly pixels?: 'last' | 'first';
  /** Indexes of images that hang in the first image's SubIFDs instead of the chain. */
  readonly subImages?: readonly number[];
};

const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 11: 4, 12: 8, 13: 4, 16: 8 };
const COMPRESSION = { none: 1, lzw: 5, deflate: 8, packbits: 32_773 } as const;

/** A whole TIFF file in memory. */
export function writeTiff(spec: TiffSpec): Uint8Array {
  const big = spec.big ?? false;
  const chunks = spec.images.map((image) => encodeChunks(image, spec.littleEndian ?? true));
  const start = align((big ? 16 : 8) + (spec.ghost?.length ?? 0));
  // Directory sizes do not depend on the offsets in them, so two passes settle every position.
  const zero = chunks.map((list) => list.map(() => 0));
  const headerBytes = spec.images.reduce((sum, image, i) => sum + directoryBytes(spec, image, zero[i]!, chunks[i]!), 0);
  const pixelBytes = chunks.flat().reduce((sum, chunk) => sum + align(chunk?.length ?? 0), 0);
  const first = spec.pixels === 'first';
  let at = first ? start : start + headerBytes;
  const offsets = chunks.map((list) =>
    list.map((chunk) => {
      if (chunk === null) return 0;
      const offset = at;
      at += align(chunk.length);
      return offset;
    }),
  );
  const out = new Uint8Array(start + headerBytes + pixelBytes);
  writeDirectories(out, spec, first ? start + pixelBytes : start, { offsets, chunks });
  for (const [i, list] of chunks.entries())
    for (const [j, chunk] of list.entries()) if (chunk) out.set(chunk, offsets[i]![j]!);
  return out;
}

type Chunks = readonly (Uint8Array | null)[];
type Pixels = { readonly offsets: readonly (readonly number[])[]; readonly chunks: readonly Chunks[] };

function writeDirectories(out: Uint8Array, spec: TiffSpec, start: number, { offsets, chunks }: Pixels): void {
  const { big = false, littleEndian = true, subImages = [] } = spec;
  const view = new DataView(out.buffer);
  const positions: number[] = [];
  let at = start;
  for (const [i, image] of spec.images.entries()) {
    positions.push(at);
    at += directoryBytes(spec, image, offsets[i]!, chunks[i]!);
  }
  const chain = spec.images.map((_, i) => i).filter((i) => !subImages.includes(i));
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  view.setUint16(2, big ? 43 : 42, littleEndian);
  if (big) view.setUint16(4, 8, littleEndian);
  writeOffset(view, big ? 8 : 4, positions[chain[0]!]!, spec);
  if (spec.ghost !== undefined) out.set(Buffer.from(spec.ghost, 'latin1'), big ? 16 : 8);
  for (const [i, image] of spec.images.entries()) {
    const link = chain.indexOf(i);
    const next = link >= 0 && link + 1 < chain.length ? positions[chain[link + 1]!]! : 0;
    const children = i === chain[0] ? subImages.map((child) => positions[child]!) : [];
    writeDirectory(view, positions[i]!, { spec, tags: tagsOf(spec, image, offsets[i]!, chunks[i]!, children), next });
  }
}

function writeDirectory(
  view: DataView,
  at: number,
  { spec, tags, next }: { spec: TiffSpec; tags: TagSpec[]; next: number },
): void {
  const { big = false, littleEndian = true } = spec;
  const entryBytes = big ? 20 : 12;
  if (big) view.setBigUint64(at, BigInt(tags.length), littleEndian);
  else view.setUint16(at, tags.length, littleEndian);
  const entries = at + (big ? 8 : 2);
  let heap = entries + tags.length * entryBytes + (big ? 8 : 4);
  for (const [i, { tag, type, values }] of tags.entries()) {
    const entry = entries + i * entryBytes;
    const length = values.length * TYPE_BYTES[type]!;
    view.setUint16(entry, tag, littleEndian);
    view.setUint16(entry + 2, type, littleEndian);
    if (big) view.setBigUint64(entry + 4, BigInt(values.length), littleEndian);
    else view.setUint32(entry + 4, values.length, littleEndian);
    const field = entry + (big ? 12 : 8);
    const inline = length <= (big ? 8 : 4);
    if (!inline) writeOffset(view, field, heap, spec);
    writeValues(view, inline ? field : heap, { tag, type, values }, littleEndian);
    if (!inline) heap += align(length);
  }
  writeOffset(view, entries + tags.length * entryBytes, next, spec);
}

function writeOffset(view: DataView, at: number, value: number, { big = false, littleEndian = true }: TiffSpec): void {
  if (big) view.setBigUint64(at, BigInt(value), littleEndian);
  else view.setUint32(at, value, littleEndian);
}

function writeValues(view: DataView, at: number, { type, values }: TagSpec, littleEndian: boolean): void {
  for (let i = 0; i < values.length; i++) {
    const value = typeof values === 'string' ? values.charCodeAt(i) : values[i]!;
    const to = at + i * TYPE_BYTES[type]!;
    if (type === 3) view.setUint16(to, value, littleEndian);
    else if (type === 4 || type === 13) view.setUint32(to, value, littleEndian);
    else if (type === 11) view.setFloat32(to, value, littleEndian);
    else if (type === 12) view.setFloat64(to, value, littleEndian);
    else if (type === 16) view.setBigUint64(to, BigInt(value), littleEndian);
    else view.setUint8(to, value);
  }
}

function directoryBytes(spec: TiffSpec, image: ImageSpec, offsets: readonly number[], chunks: Chunks): number {
  const { big = false, subImages = [] } = spec;
  const tags = tagsOf(spec, image, offsets, chunks, spec.images.indexOf(image) === 0 ? subImages.map(() => 0) : []);
  const outside = tags
    .map(({ type, values }) => values.length * TYPE_BYTES[type]!)
    .filter((length) => length > (big ? 8 : 4));
  const entries = (big ? 16 : 6) + tags.length * (big ? 20 : 12);
  return align(entries + outside.reduce((sum, length) => sum + align(length), 0));
}

function tagsOf(
  spec: TiffSpec,
  image: ImageSpec,
  offsets: readonly number[],
  chunks: Chunks,
  children: readonly number[],
): TagSpec[] {
  const { width, height, bands = 1, dtype = 'uint8', tile } = image;
  const long = spec.big === true ? 16 : 4;
  const lengths = chunks.map((chunk) => chunk?.length ?? 0);
  const format = dtype.startsWith('float') ? 3 : dtype.startsWith('int') ? 2 : 1;
  const own: TagSpec[] = [
    { tag: 254, type: 4, values: [image.subfileType ?? 0] },
    { tag: 256, type: 4, values: [width] },
    { tag: 257, type: 4, values: [height] },
    { tag: 258, type: 3, values: new Array<number>(bands).fill(image.bits ?? storedBytes(dtype) * 8) },
    { tag: 259, type: 3, values: [COMPRESSION[image.compression ?? 'none']] },
    { tag: 262, type: 3, values: [1] },
    { tag: 277, type: 3, values: [bands] },
    { tag: 284, type: 3, values: [image.planar === true ? 2 : 1] },
    { tag: 317, type: 3, values: [image.predictor ?? 1] },
    { tag: 339, type: 3, values: new Array<number>(bands).fill(format) },
  ];
  if (image.fillOrder !== undefined) own.push({ tag: 266, type: 3, values: [image.fillOrder] });
  if (children.length > 0) own.push({ tag: 330, type: long, values: children });
  if (tile === undefined) {
    own.push({ tag: 273, type: long, values: offsets }, { tag: 279, type: long, values: lengths });
    own.push({ tag: 278, type: 4, values: [image.rowsPerStrip ?? height] });
  } else {
    own.push({ tag: 324, type: long, values: offsets }, { tag: 325, type: long, values: lengths });
    own.push({ tag: 322, type: 3, values: [tile.width] }, { tag: 323, type: 3, values: [tile.height] });
  }
  const given = image.tags ?? [];
  const kept = own.filter(({ tag }) => !given.some((other) => other.tag === tag));
  return [...kept, ...given].sort((a, b) => a.tag - b.tag);
}

function encodeChunks(image: ImageSpec, littleEndian: boolean): (Uint8Array | null)[] {
  const { width, height, bands = 1, planar = false, tile } = image;
  const rows = tile?.height ?? image.rowsPerStrip ?? height;
  const columns = tile?.width ?? width;
  const chunks: (Uint8Array | null)[] = [];
  for (let plane = 0; plane < (planar ? bands : 1); plane++) {
    for (let row = 0; row < height; row += rows) {
      for (let col = 0; col < width; col += columns) {
        const size = { width: columns, height: tile === undefined ? Math.min(rows, height - row) : rows };
        const sparse = image.sparse?.(chunks.length) ?? false;
        chunks.push(sparse ? null : encodeChunk(image, { plane, row, col }, size, littleEndian));
      }
    }
  }
  return chunks;
}

function encodeChunk(
  image: ImageSpec,
  { plane, row, col }: { plane: number; row: number; col: number },
  size: { width: number; height: number },
  littleEndian: boolean,
): Uint8Array {
  const { bands = 1, planar = false, dtype = 'uint8', predictor = 1 } = image;
  const samples = planar ? 1 : bands;
  const lines: Uint8Array[] = [];
  for (let r = 0; r < size.height; r++) {
    const line: number[] = [];
    for (let c = 0; c < size.width; c++) {
      for (let s = 0; s < samples; s++) {
        const inside = row + r < image.height && col + c < image.width;
        line.push(inside ? image.value({ band: planar ? plane : s, row: row + r, col: col + c }) : 0);
      }
    }
    if (image.bits !== undefined) lines.push(packBits(line, image.bits));
    else if (predictor === 3) lines.push(floatPredict(line, dtype, samples));
    else lines.push(writeSamples(predictor === 2 ? difference(line, samples) : line, dtype, littleEndian));
  }
  return compress(Buffer.concat([...lines, Buffer.alloc(image.surplus ?? 0, 0x5a)]), image);
}

/** Samples in a type's bytes; values wrap as the type does. */
function writeSamples(values: readonly number[], dtype: string, littleEndian: boolean): Uint8Array {
  const bits = Number(/\d+$/.exec(dtype)![0]);
  const view = new DataView(new ArrayBuffer((values.length * bits) / 8));
  for (let i = 0; i < values.length; i++) {
    const at = (i * bits) / 8;
    if (dtype === 'float32') view.setFloat32(at, values[i]!, littleEndian);
    else if (dtype === 'float64') view.setFloat64(at, values[i]!, littleEndian);
    else if (bits === 8) view.setUint8(at, values[i]!);
    else if (bits === 16) view.setUint16(at, values[i]!, littleEndian);
    else if (bits === 32) view.setUint32(at, values[i]!, littleEndian);
    else view.setBigUint64(at, BigInt.asUintN(64, BigInt(values[i]!)), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

function difference(line: readonly number[], samples: number): number[] {
  return line.map((value, i) => (i < samples ? value : value - line[i - samples]!));
}

/** TIFF Technical Note 3: big-endian bytes of the row as planes, each byte minus the one `samples` before it. */
function floatPredict(line: readonly number[], dtype: string, samples: number): Uint8Array {
  const bytes = writeSamples(line, dtype, false);
  const size = bytes.length / line.length;
  const planes = new Uint8Array(bytes.length);
  for (let i = 0; i < line.length; i++)
    for (let b = 0; b < size; b++) planes[b * line.length + i] = bytes[i * size + b]!;
  return planes.map((value, i) => (i < samples ? value : value - planes[i - samples]!));
}

function packBits(line: readonly number[], bits: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((line.length * bits) / 8));
  let at = 0;
  for (const value of line) {
    for (let bit = bits - 1; bit >= 0; bit--, at++) out[at >> 3]! |= ((value >> bit) & 1) << (7 - (at & 7));
  }
  return out;
}

function compress(bytes: Uint8Array, { compression = 'none', fillOrder = 1 }: ImageSpec): Uint8Array {
  const encoded = { none: same, deflate: deflateSync, packbits: literalPackBits, lzw: literalLzw }[compression](bytes);
  return fillOrder === 2 ? encoded.map(reverseBits) : new Uint8Array(encoded);
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}

function reverseBits(value: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) if ((value & (1 << bit)) !== 0) out |= 0x80 >> bit;
  return out;
}

/** PackBits that stores everything as literal runs. */
function literalPackBits(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < bytes.length; i += 128) {
    const run = bytes.subarray(i, i + 128);
    parts.push(Uint8Array.of(run.length - 1), run);
  }
  return Buffer.concat(parts);
}

/** LZW that stores literals only and clears the table before codes grow past 9 bits. */
function literalLzw(bytes: Uint8Array): Uint8Array {
  const codes: number[] = [];
  for (let i = 0; i < bytes.length; i += 250) codes.push(256, ...bytes.subarray(i, i + 250));
  codes.push(257);
  return packBits(codes, 9);
}

/** TIFF 6.0 §2: values begin on word boundaries; eight serves BigTIFF. */
function align(length: number): number {
  return Math.ceil(length / 8) * 8;
}
