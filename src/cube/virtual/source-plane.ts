import type { Affine, Size } from '../../grid/affine.js';
import { formatCrs } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';
import { storedBytes, type DataType } from '../../grid/dtype.js';
import type { ChunkRef } from '../../raster/chunk-ref.js';
import { chunkRef, type RasterLevel } from '../../raster/level.js';
import { expressCodecs, type ExpressedCodecs } from '../../raster/refs/express-codecs.js';

/** One level of one band of one item, as tiles that another store may refer to. */
export type SourcePlane = {
  readonly level: RasterLevel;
  readonly crs: Crs | null;
  readonly transform: Affine | null;
  readonly size: Size;
  readonly tile: Size;
  /** Bands that are stored with each pixel; more than 1 where they are interleaved. */
  readonly bands: number;
  readonly dtype: DataType;
  readonly fill: number | bigint;
  readonly codecs: ExpressedCodecs;
  /** Where a tile is, by its row and column in the chunk grid. */
  readonly tileRef: (row: number, col: number) => ChunkRef;
};

/** A plane, or the property that keeps it from being referred to. */
export type PlaneResult =
  | { readonly plane: SourcePlane }
  | { readonly refused: { readonly property: string; readonly what: string } };

/** Dimensions of arrays made of planes that stand before (y, x): time. */
const LEAD = 1;

/**
 * A level's plane at an index (one number a dimension, those of x and y unused) as tiles to refer to. Refused are levels whose
 * tiles are no whole chunks of a Zarr array: compressed strips that are cut at the lower edge, codecs without a name in Zarr,
 * tiles that hold several entries of another dimension. Pure.
 */
export function sourcePlane(level: RasterLevel, at: readonly number[]): PlaneResult {
  const { axes, crs, transform, shape, chunkShape } = level;
  if (axes === null) return refused('dimensions', 'no x and y axes');
  // JSON has doubles: such a fill value would be another number.
  if (typeof level.fill === 'bigint' && !Number.isSafeInteger(Number(level.fill))) {
    return refused('nodata', `${level.fill} has more digits than metadata holds`);
  }
  const size = { width: shape[axes.x]!, height: shape[axes.y]! };
  const stored = { width: chunkShape[axes.x]!, height: chunkShape[axes.y]! };
  const interleaved = interleavedBands(level);
  if (typeof interleaved === 'string') return refused('chunk shape', interleaved);
  const cut = level.edge === 'clipped' && size.height % stored.height !== 0;
  // Plain samples can be taken row by row, so that chunks of fewer rows fit.
  const rows = cut && isPlain(level) ? commonDivisor(stored.height, size.height) : stored.height;
  if (cut && rows === stored.height) {
    return refused('chunk shape', `strips of ${stored.height} rows do not divide ${size.height} rows`);
  }
  const tile = { width: stored.width, height: rows };
  const { dtype, codecs, fill } = level;
  const expression = expressCodecs({
    dtype,
    codecs,
    rows: tile.height,
    columns: tile.width,
    bands: interleaved,
    lead: LEAD,
  });
  if ('refused' in expression) return refused('codecs', expression.refused);
  const unplaced = unplacedChunks(level);
  if (unplaced !== null) return refused('chunks', unplaced);
  const fixed = chunkShape.map((length, dimension) => Math.floor((at[dimension] ?? 0) / length));
  const storedRef = (row: number, col: number): ChunkRef =>
    chunkRef(
      level,
      fixed.map((index, dimension) => (dimension === axes.y ? row : dimension === axes.x ? col : index)),
    );
  const parts = stored.height / rows;
  const length = rows * tile.width * interleaved * storedBytes(dtype);
  const tileRef = (row: number, col: number): ChunkRef => {
    const ref = storedRef(Math.floor(row / parts), col);
    if (parts === 1 || ref.kind !== 'range') return ref;
    return { ...ref, offset: ref.offset + (row % parts) * length, length };
  };
  const { codecs: named } = expression;
  return { plane: { level, crs, transform, size, tile, bands: interleaved, dtype, fill, codecs: named, tileRef } };
}

/** What keeps chunks from being ranges of files, or null. */
function unplacedChunks({ refs }: RasterLevel): string | null {
  if (refs.kind === 'objects' || refs.kind === 'shards') return 'objects whose length is not known';
  if (refs.kind === 'shard-refs') return 'shards that are given as bytes';
  if (refs.kind === 'windows') return `windows that GDAL reads (${refs.source.driver}): they have no byte ranges`;
  if (refs.kind !== 'list') return null;
  const odd = refs.refs.find(({ kind }) => kind !== 'range' && kind !== 'missing');
  if (odd === undefined) return null;
  return odd.kind === 'inline' ? 'chunks that are given as bytes' : 'objects whose length is not known';
}

/** Whether pixels are upright: north up, east to the right. */
export function isUpright([a, b, , d, e]: Affine): boolean {
  return b === 0 && d === 0 && a > 0 && e < 0;
}

function isPlain({ codecs }: RasterLevel): boolean {
  return codecs.length === 1 && codecs[0]!.name === 'bytes';
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Bands of a tile where it holds those of whole pixels, 1 where it holds one, else what is in the way. */
function interleavedBands({ axes, shape, chunkShape }: RasterLevel): number | string {
  const { x, y, band } = axes!;
  const other = chunkShape.findIndex((length, d) => d !== x && d !== y && d !== band && length !== 1);
  if (other >= 0) return `tiles hold ${chunkShape[other]} entries of dimension ${other}`;
  if (band === null || chunkShape[band] === 1) return 1;
  const whole = chunkShape[band] === shape[band] && band === shape.length - 1 && y === band - 2 && x === band - 1;
  return whole ? shape[band]! : `tiles hold ${chunkShape[band]} of ${shape[band]} bands`;
}

function refused(property: string, what: string): PlaneResult {
  return { refused: { property, what } };
}

/** What must agree within an array, by name; the values are for comparing and for people. */
export function planeProperties(plane: SourcePlane): Readonly<Record<string, string>> {
  const { dtype, tile, bands, codecs, fill, size } = plane;
  return {
    size: `${size.height}×${size.width}`,
    dtype,
    'chunk shape': `${tile.height}×${tile.width}${bands > 1 ? `×${bands}` : ''}`,
    codecs: codecs.v3.map(codecText).join(' → '),
    nodata: String(fill),
  };
}

/** What tells one grid from another. */
export function gridKey({ crs, transform, size }: Pick<SourcePlane, 'crs' | 'transform' | 'size'>): string {
  return `${crs === null ? '' : formatCrs(crs)} ${transform?.join(' ') ?? ''} ${size.width} ${size.height}`;
}

function codecText(codec: Readonly<Record<string, unknown>>): string {
  const settings = codec['configuration'];
  return settings === undefined ? String(codec['name']) : `${String(codec['name'])}${JSON.stringify(settings)}`;
}
