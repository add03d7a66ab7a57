import type { Size } from '../../grid/affine.js';
import { memoryBytes, type Samples } from '../../grid/dtype.js';
import type { SourceFactory } from '../../io/byte-source.js';
import type { RasterLevel } from '../../raster/level.js';
import type { Raster } from '../../raster/raster.js';
import { readPlane } from '../../raster/read-plane.js';
import { refuseMask, type MaskRows } from './mask-rows.js';

/** Bytes that are read at a time, in whole rows of blocks. */
const STRIP_BYTES = 2 ** 24;
/** Most of a row of blocks. */
const MAX_STRIP_BYTES = 2 ** 28;
/** Largest mask: it takes half a minute. */
const MAX_PIXELS = 2 ** 32;

/** Samples that are numbers. */
type Numbers = Exclude<Samples, BigInt64Array | BigUint64Array>;

/** The rows of a GeoTIFF of one band, read strip by strip; what its validity mask says is no data is 0. Problem: `unsupported` for more bands, other sizes. */
export function tiffMaskRows(raster: Raster, sources: SourceFactory, url: string, signal?: AbortSignal): MaskRows {
  const level = raster.levels[0]!;
  const { axes, shape, chunkShape, dtype } = level;
  const [band] = raster.bands;
  if (axes === null || band === undefined || raster.bands.length !== 1) {
    throw refuseMask(url, `of ${raster.bands.length} bands`, 'keep the one that holds the classes');
  }
  const size = { width: shape[axes.x]!, height: shape[axes.y]! };
  if (size.width * size.height > MAX_PIXELS) {
    throw refuseMask(url, `of ${size.width} by ${size.height} pixels`, 'cut it into smaller files');
  }
  const block = Math.min(size.height, chunkShape[axes.y]!);
  const blockBytes = block * size.width * memoryBytes(dtype);
  if (blockBytes > MAX_STRIP_BYTES) {
    throw refuseMask(url, `stored in rows of ${block} pixels, ${blockBytes} bytes each`, 'write it in smaller tiles');
  }
  const step = block * Math.max(1, Math.floor(STRIP_BYTES / blockBytes));
  const reading = { size, step, sources, url, signal };
  return { size, nodata: band.nodata, rows: rowsOf(level, raster.masks[0] ?? null, reading) };
}

type Reading = {
  readonly size: Size;
  /** Rows at a time. */
  readonly step: number;
  readonly sources: SourceFactory;
  readonly url: string;
  readonly signal: AbortSignal | undefined;
};

async function* rowsOf(
  level: RasterLevel,
  validity: RasterLevel | null,
  { size: { width, height }, step, sources, url, signal }: Reading,
): AsyncGenerator<Numbers> {
  const options = signal === undefined ? { threads: 1 } : { threads: 1, signal };
  for (let row = 0; row < height; row += step) {
    const window = { col: 0, row, width, height: Math.min(step, height - row) };
    const read = (from: RasterLevel) => readPlane(from, { at: from.shape.map(() => 0), window }, sources, options);
    const values = asNumbers(await read(level), url);
    if (validity !== null) clear(values, await read(validity));
    for (let y = 0; y < window.height; y++) yield values.subarray(y * width, (y + 1) * width);
  }
}

function asNumbers(samples: Samples, url: string): Numbers {
  if (!(samples instanceof BigInt64Array) && !(samples instanceof BigUint64Array)) return samples;
  const numbers = new Float64Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    numbers[i] = Number(samples[i]);
    if (!Number.isSafeInteger(numbers[i])) throw refuseMask(url, `of values above 2^53`, 'number its classes from 1');
  }
  return numbers;
}

/** 0 where the validity mask is 0. */
function clear(values: Numbers, validity: Samples): void {
  for (let i = 0; i < values.length; i++) if (Number(validity[i]) === 0) values[i] = 0;
}
