import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import { storedBytes, type DataType } from '../../grid/dtype.js';
import type { ChunkRefs } from '../chunk-ref.js';
import { codecChain } from './codec-chain.js';
import { numberOf, numbersOf, type Directory } from './directory.js';
import { imageSize } from './find-images.js';
import { parseSampleFormat, samplesPerPixel, type SampleFormat } from './sample-format.js';
import { Tag } from './tags.js';

/** What one directory says of its pixels: the part of a `RasterLevel` that has nothing to do with the ground. */
export type ImageLayout = {
  readonly dtype: DataType;
  readonly bandCount: number;
  readonly planar: boolean;
  /** (y, x, band), or (band, y, x) where planar. */
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly edge: 'padded' | 'clipped';
  readonly codecs: readonly CodecSpec[];
  readonly refs: ChunkRefs;
};

/** What the tags of an image are checked against. */
export type LayoutContext = {
  /** For messages: without query and user info. */
  readonly url: string;
  /** What the file is opened by: its tiles are read from there. */
  readonly place: string;
  readonly fileSize: number;
  readonly littleEndian: boolean;
};

/** A chunk this large cannot be one unit of work; real tiles have some MiB. */
const MAX_CHUNK_BYTES = 2 ** 29;
/** References cost 16 bytes each: 256 MiB. */
const MAX_CHUNKS = 2 ** 24;
/** An uncompressed strip larger than this is read in parts. */
const STRIP_PART_BYTES = 2 ** 20;

type ChunkGrid = { readonly chunk: readonly [height: number, width: number]; readonly tiled: boolean };

/** Shape, chunking, codecs and references of one image. Errors: `unsupported` by name, `invalid-data`. */
export function parseImageLayout(directory: Directory, context: LayoutContext): ImageLayout {
  const { url, place } = context;
  const { width, height } = checkedSize(directory, url);
  const bandCount = samplesPerPixel(directory, url);
  const format = parseSampleFormat(directory, bandCount, url);
  const planar = isPlanar(directory, bandCount, url);
  const { chunk, tiled } = chunkGrid(directory, { width, height }, url);
  const samples = planar ? 1 : bandCount;
  const layout = { format, chunkWidth: chunk[1], chunkSamples: samples, planar, littleEndian: context.littleEndian };
  const codecs = codecChain(directory, layout, url);
  const rowBytes = Math.ceil((chunk[1] * samples * format.bits) / 8);
  const base = { dtype: format.dtype, bandCount, planar, edge: tiled ? 'padded' : 'clipped', codecs } as const;
  const shapeOf = (rows: number, columns: number, bands: number) =>
    planar ? [bands, rows, columns] : [rows, columns, bands];
  const shape = shapeOf(height, width, bandCount);
  const planes = planar ? bandCount : 1;
  const chunks = Math.ceil(height / chunk[0]) * Math.ceil(width / chunk[1]) * planes;
  if (chunks > MAX_CHUNKS)
    throw new CubeError({ kind: 'unsupported', url, feature: `${chunks} tiles or strips in one image` });
  const extent = { tiled, chunks, height, rows: chunk[0], rowBytes, raw: isRaw(directory) };
  const ranges = chunkRanges(directory, extent, context);
  const split = splitStrip(extent, planes);
  if (split !== null) {
    const refs = { kind: 'ranges', url: place, ...splitRanges(ranges, extent, split) } as const;
    return { ...base, shape, chunkShape: shapeOf(split, chunk[1], samples), refs };
  }
  assertChunkBytes(format, chunk[0] * chunk[1] * samples, url);
  return {
    ...base,
    shape,
    chunkShape: shapeOf(chunk[0], chunk[1], planar ? 1 : bandCount),
    refs: { kind: 'ranges', url: place, ...ranges },
  };
}

function checkedSize(directory: Directory, url: string): { width: number; height: number } {
  const { width, height } = imageSize(directory);
  const sound = (size: number) => Number.isInteger(size) && size >= 1 && size <= 2 ** 31 - 1;
  if (sound(width) && sound(height)) return { width, height };
  const what = `an image of ${width} by ${height} pixels`;
  throw new CubeError({ kind: 'invalid-data', url, what, offset: directory.offset });
}

function isPlanar(directory: Directory, bandCount: number, url: string): boolean {
  const configuration = numberOf(directory, Tag.PlanarConfiguration, 1);
  if (configuration === 1 || bandCount === 1) return false;
  if (configuration === 2) return true;
  const what = `planar configuration ${configuration}`;
  throw new CubeError({ kind: 'invalid-data', url, what, offset: directory.offset });
}

function chunkGrid(directory: Directory, size: { width: number; height: number }, url: string): ChunkGrid {
  const tiled = numbersOf(directory, Tag.TileWidth) !== null || numbersOf(directory, Tag.TileOffsets) !== null;
  const rows = tiled ? numberOf(directory, Tag.TileLength, 0) : numberOf(directory, Tag.RowsPerStrip, size.height);
  const columns = tiled ? numberOf(directory, Tag.TileWidth, 0) : size.width;
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1) {
    const what = `${tiled ? 'tiles' : 'strips'} of ${columns} by ${rows} pixels`;
    throw new CubeError({ kind: 'invalid-data', url, what, offset: directory.offset });
  }
  return { chunk: [tiled ? rows : Math.min(rows, size.height), columns], tiled };
}

type Extents = {
  readonly tiled: boolean;
  readonly chunks: number;
  readonly height: number;
  readonly rows: number;
  readonly rowBytes: number;
  /** Not compressed, so that a strip's length follows from its shape. */
  readonly raw: boolean;
};
type Ranges = { readonly offsets: Float64Array; readonly lengths: Float64Array };

function isRaw(directory: Directory): boolean {
  return numberOf(directory, Tag.Compression, 1) === 1;
}

/** Offsets and lengths of all tiles or strips. A file without lengths (allowed before TIFF 6.0) gets them computed. */
function chunkRanges(directory: Directory, extents: Extents, { url, fileSize }: LayoutContext): Ranges {
  const fail = (what: string) => new CubeError({ kind: 'invalid-data', url, what, offset: directory.offset });
  const { chunks, tiled } = extents;
  // Some writers put strip tags on tiled images; libtiff takes either.
  const offsets =
    numbersOf(directory, tiled ? Tag.TileOffsets : Tag.StripOffsets) ?? numbersOf(directory, Tag.StripOffsets);
  if (offsets === null) throw fail(`no ${tiled ? 'tile' : 'strip'} offsets`);
  if (offsets.length < chunks) throw fail(`${offsets.length} offsets for ${chunks} ${tiled ? 'tiles' : 'strips'}`);
  const given =
    numbersOf(directory, tiled ? Tag.TileByteCounts : Tag.StripByteCounts) ?? numbersOf(directory, Tag.StripByteCounts);
  const lengths = given ?? computedLengths(offsets, extents, fileSize);
  if (lengths === null) throw fail('no byte counts of compressed data');
  if (lengths.length < chunks) throw fail(`${lengths.length} byte counts for ${chunks} ${tiled ? 'tiles' : 'strips'}`);
  for (let i = 0; i < chunks; i++) {
    if (!isPosition(offsets[i]!) || !isPosition(lengths[i]!))
      throw fail(`chunk ${i} at ${offsets[i]}, ${lengths[i]} bytes long`);
    // Sparse tiles have neither; a length without an offset (the header lies there) is no tile either.
    if (offsets[i] === 0) lengths[i] = 0;
  }
  return { offsets: offsets.slice(0, chunks), lengths: lengths.slice(0, chunks) };
}

function computedLengths(
  offsets: Float64Array,
  { raw, chunks, rows, height, tiled, rowBytes }: Extents,
  fileSize: number,
) {
  if (!raw) return chunks === 1 ? Float64Array.of(Math.max(0, fileSize - offsets[0]!)) : null;
  const perPlane = Math.ceil(height / rows);
  const last = height - (perPlane - 1) * rows;
  return Float64Array.from(
    { length: chunks },
    (_, i) => (!tiled && i % perPlane === perPlane - 1 ? last : rows) * rowBytes,
  );
}

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Rows of the parts in which a large uncompressed single strip is read, or null where strips stay whole. */
function splitStrip({ tiled, raw, chunks, height, rowBytes }: Extents, planes: number): number | null {
  if (tiled || !raw || chunks !== planes || height * rowBytes <= STRIP_PART_BYTES) return null;
  return Math.max(1, Math.floor(STRIP_PART_BYTES / rowBytes));
}

function splitRanges({ offsets, lengths }: Ranges, { height, rowBytes }: Extents, rows: number): Ranges {
  const parts = Math.ceil(height / rows);
  const split = {
    offsets: new Float64Array(parts * offsets.length),
    lengths: new Float64Array(parts * offsets.length),
  };
  for (let plane = 0; plane < offsets.length; plane++) {
    for (let part = 0; part < parts; part++) {
      if (lengths[plane] === 0) continue;
      const start = part * rows * rowBytes;
      const end = Math.min(start + rows * rowBytes, height * rowBytes);
      split.offsets[plane * parts + part] = offsets[plane]! + start;
      split.lengths[plane * parts + part] = end - start;
    }
  }
  return split;
}

function assertChunkBytes(format: SampleFormat, samples: number, url: string): void {
  const bytes = samples * storedBytes(format.dtype);
  if (bytes <= MAX_CHUNK_BYTES) return;
  throw new CubeError({
    kind: 'unsupported',
    url,
    feature: `a tile or strip of ${bytes} bytes (at most ${MAX_CHUNK_BYTES})`,
  });
}
