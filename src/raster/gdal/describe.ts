import { endianness } from 'node:os';
import { CubeError } from '../../errors.js';
import { scaleAffine, type Affine } from '../../grid/affine.js';
import type { Crs } from '../../grid/crs.js';
import { memoryBytes, type DataType } from '../../grid/dtype.js';
import type { ObjectIdentity } from '../../io/byte-source.js';
import { parseNodata } from '../cog/nodata.js';
import type { RasterLevel } from '../level.js';
import type { Raster, RasterBand } from '../raster.js';
import { dataTypeOf } from './data-type.js';
import type { BandFacts, DatasetFacts, OverviewFacts, Xy } from './protocol.js';

/** Whose dataset it is. */
export type GdalFile = {
  readonly url: string;
  readonly name: string;
  readonly driver: string;
  readonly identity: ObjectIdentity;
};

/** Short blocks are read some at a time, up to so many rows and columns. */
const CHUNK_SIDE = 512;
/** GDAL decodes blocks whole. */
const MAX_BLOCK_BYTES = 2 ** 28;

/** What GDAL says of a dataset with bands, as a raster; its levels have windows in place of bytes. Problems: `unsupported` by name. */
export function describeDataset(dataset: DatasetFacts, file: GdalFile): Raster {
  const { url } = file;
  const { bands } = dataset;
  const dtype = commonType(url, bands);
  const problems: string[] = [];
  const described = bands.map((band) => describeBand(band, dtype, problems));
  const facts = { crs: crsOf(dataset.crs), transform: affineOf(dataset.transform), dtype, bands: bands.length };
  const fill = parseNodata(nodataText(bands[0]!), dtype).fill;
  const full = bands[0]!.size;
  const level = (band: OverviewFacts, overview: number | null) =>
    levelOf(band, file, { ...facts, fill, full, overview });
  const overviews = overviewsOf(bands, problems).map(({ band, index }) => level(band, index));
  const levels = [level(bands[0]!, null), ...overviews];
  const dimension = (name: string, size: number) => ({ name, size, timesMs: null });
  return {
    url,
    driver: 'gdal',
    levels,
    masks: levels.map(() => null),
    bands: described,
    dimensions: [dimension('band', bands.length), dimension('y', full.y), dimension('x', full.x)],
    problems,
  };
}

function commonType(url: string, bands: readonly BandFacts[]): DataType {
  const types = [...new Set(bands.map((band) => dataTypeOf(url, band.type)))];
  if (types.length === 1) return types[0]!;
  throw new CubeError({
    kind: 'unsupported',
    url,
    feature: `bands of several types (${types.join(', ')}) through GDAL`,
  });
}

function describeBand(band: BandFacts, dtype: DataType, problems: string[]): RasterBand {
  const nodata = parseNodata(nodataText(band), dtype);
  if (nodata.problem !== null && !problems.includes(nodata.problem)) problems.push(nodata.problem);
  return {
    name: band.description === '' ? null : band.description,
    dtype,
    nodata: nodata.values,
    scale: band.scale ?? 1,
    offset: band.offset ?? 0,
    unit: band.unit === '' ? null : band.unit,
  };
}

function nodataText({ nodata }: BandFacts): string | null {
  return nodata === null ? null : String(nodata);
}

type LevelFacts = {
  readonly crs: Crs | null;
  readonly transform: Affine | null;
  readonly dtype: DataType;
  readonly bands: number;
  readonly fill: number | bigint;
  readonly full: Xy;
  readonly overview: number | null;
};

function levelOf(band: OverviewFacts, { url, name, driver, identity }: GdalFile, facts: LevelFacts): RasterLevel {
  const { crs, transform, dtype, bands, fill, full, overview } = facts;
  const { size, block } = band;
  const bytes = block.x * block.y * memoryBytes(dtype);
  if (bytes > MAX_BLOCK_BYTES) {
    throw new CubeError({
      kind: 'unsupported',
      url,
      feature: `blocks of ${block.x} by ${block.y} samples through GDAL`,
    });
  }
  const scale = { x: full.x / size.x, y: full.y / size.y };
  return {
    url,
    identity,
    dtype,
    shape: [bands, size.y, size.x],
    chunkShape: [1, chunkSide(block.y, size.y), chunkSide(block.x, size.x)],
    edge: 'clipped',
    codecs: [{ name: 'bytes', endian: endianness() === 'LE' ? 'little' : 'big' }],
    fill,
    axes: { band: 0, y: 1, x: 2 },
    crs,
    transform: transform === null ? null : scaleAffine(transform, scale),
    refs: { kind: 'windows', url, source: { name, driver, overview } },
  };
}

/** Whole blocks, several of them where they are small. */
function chunkSide(block: number, size: number): number {
  return Math.min(size, block * Math.max(1, Math.floor(CHUNK_SIDE / block)));
}

/** Overviews that all bands have in one size, from fine to coarse. */
function overviewsOf(bands: readonly BandFacts[], problems: string[]): { band: OverviewFacts; index: number }[] {
  const found = bands[0]!.overviews.map((band, index) => ({ band, index }));
  const common = found.filter(({ index, band: { size } }) =>
    bands.every(({ overviews }) => overviews[index]?.size.x === size.x && overviews[index]?.size.y === size.y),
  );
  if (common.length < found.length) problems.push('an overview that not all bands have is left out');
  return common.sort((a, b) => b.band.size.x - a.band.size.x);
}

function crsOf(crs: number | string | null): Crs | null {
  if (crs === null) return null;
  return typeof crs === 'number' ? { kind: 'epsg', code: crs } : { kind: 'wkt2', text: crs };
}

function affineOf(transform: readonly number[] | null): Affine | null {
  if (transform === null || transform.length !== 6) return null;
  const [c, a, b, f, d, e] = transform;
  return [a!, b!, c!, d!, e!, f!];
}
