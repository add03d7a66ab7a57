import type { Affine, Size } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import type { DataType } from '../grid/dtype.js';
import { chunkGrid, type RasterLevel } from './level.js';
import type { Raster, RasterBand, RasterDimension } from './raster.js';

/** One level as people want to see it. */
export type LevelSummary = {
  readonly size: Size | null;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Number of chunks, and how many of them the file says are missing (null where only reading tells). */
  readonly chunks: number;
  readonly missing: number | null;
  /** Encoded bytes of all chunks, or null where only reading tells. */
  readonly storedBytes: number | null;
  readonly dtype: DataType;
  readonly codecs: readonly string[];
  readonly transform: Affine | null;
  readonly mask: boolean;
};

/** What `cube inspect` prints: plain data, no chunk references. */
export type RasterSummary = {
  readonly url: string;
  readonly driver: Raster['driver'];
  readonly crs: Crs | null;
  readonly dimensions: readonly RasterDimension[];
  readonly bands: readonly RasterBand[];
  readonly levels: readonly LevelSummary[];
  readonly problems: readonly string[];
};

/** Summarise an opened raster. Pure. */
export function summariseRaster(raster: Raster): RasterSummary {
  const { url, driver, dimensions, bands, problems } = raster;
  const levels = raster.levels.map((level, i) => summariseLevel(level, (raster.masks[i] ?? null) !== null));
  return { url, driver, crs: raster.levels[0]?.crs ?? null, dimensions, bands, levels, problems };
}

/** The summary as text, one fact a line. */
export function formatSummary(summary: RasterSummary): string {
  const lines = [`${summary.url} (${summary.driver})`, `  crs        ${formatCrs(summary.crs)}`];
  const sizes = summary.dimensions.map(({ name, size }) => `${name} ${size}`).join(', ');
  lines.push(`  dimensions ${sizes}`);
  for (const [i, band] of summary.bands.slice(0, MAX_BANDS).entries())
    lines.push(`  band ${i + 1}     ${formatBand(band)}`);
  if (summary.bands.length > MAX_BANDS) lines.push(`  …          ${summary.bands.length - MAX_BANDS} more bands`);
  for (const [i, level] of summary.levels.entries()) lines.push(...formatLevel(level, i));
  for (const problem of summary.problems) lines.push(`  problem    ${problem}`);
  return lines.join('\n');
}

/** Hyperspectral files have hundreds of bands that say the same. */
const MAX_BANDS = 16;

function summariseLevel(level: RasterLevel, mask: boolean): LevelSummary {
  const { shape, chunkShape, dtype, transform, axes, refs } = level;
  const size = axes === null ? null : { width: shape[axes.x]!, height: shape[axes.y]! };
  const chunks = chunkGrid(level).reduce((product, count) => product * count, 1);
  const codecs = level.codecs.map((codec) => codec.name);
  const ranges = refs.kind === 'ranges' || refs.kind === 'files' ? refs.lengths : null;
  const missing = ranges === null ? null : ranges.reduce((count, length) => count + (length === 0 ? 1 : 0), 0);
  const storedBytes = ranges === null ? null : ranges.reduce((sum, length) => sum + length, 0);
  return { size, shape, chunkShape, chunks, missing, storedBytes, dtype, codecs, transform, mask };
}

function formatCrs(crs: Crs | null): string {
  if (crs === null) return 'none';
  return crs.kind === 'epsg' ? `EPSG:${crs.code}` : crs.text;
}

function formatBand({ name, dtype, nodata, scale, offset, unit }: RasterBand): string {
  const parts: string[] = [dtype];
  if (name !== null) parts.push(`"${name}"`);
  if (nodata.length > 0) parts.push(`nodata ${nodata.join(', ')}`);
  if (scale !== 1 || offset !== 0) parts.push(`scale ${scale}, offset ${offset}`);
  if (unit !== null) parts.push(`unit ${unit}`);
  return parts.join('; ');
}

function formatLevel(level: LevelSummary, i: number): string[] {
  const extent = level.size === null ? level.shape.join(' × ') : `${level.size.width} × ${level.size.height}`;
  const missing = level.missing === null || level.missing === 0 ? '' : `, ${level.missing} missing`;
  const bytes = level.storedBytes === null ? '' : `, ${level.storedBytes} bytes`;
  const lines = [
    `  level ${i}    ${extent}, chunks of ${level.chunkShape.join(' × ')} (${level.chunks}${missing}${bytes})`,
    `             ${level.dtype}, ${level.codecs.join(' → ')}${level.mask ? ', with mask' : ''}`,
  ];
  if (level.transform !== null) lines.push(`             transform ${level.transform.join(' ')}`);
  return lines;
}
