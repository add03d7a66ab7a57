import { CubeError } from '../../errors.js';
import { scaleAffine, type Affine } from '../../grid/affine.js';
import type { Crs } from '../../grid/crs.js';
import type { ByteSource, ReadResult } from '../../io/byte-source.js';
import { chunksBeyond, type RasterLevel } from '../level.js';
import type { Raster, RasterBand, RasterDimension } from '../raster.js';
import { placeOf } from '../place-of.js';
import { BlockReader } from './block-reader.js';
import { textOf, type Directory } from './directory.js';
import { findImages, imageSize } from './find-images.js';
import { parseGdalMetadata } from './gdal-metadata.js';
import { parseCrs } from './geo-crs.js';
import { isPixelPoint, parseGeoKeys } from './geo-keys.js';
import { parseTransform } from './geo-transform.js';
import { parseHeader } from './header.js';
import { parseImageLayout, type ImageLayout, type LayoutContext } from './image-layout.js';
import { parseNodata } from './nodata.js';
import { Tag } from './tags.js';

/** What opening a GeoTIFF takes. */
export type OpenGeoTiffOptions = {
  readonly signal?: AbortSignal;
  /** The file's first bytes, where the caller has read them already. */
  readonly head?: ReadResult;
  /** What the file is opened by. The source's URL has no query, which is what a remote file may need. */
  readonly openedBy?: string;
  /** Told behind which byte nothing of the header lies. */
  readonly onHeader?: (end: number) => void;
};

/** What all levels of a file share. */
type Ground = { readonly crs: Crs | null; readonly transform: Affine | null };

/**
 * Open a GeoTIFF or COG: levels, masks, bands and everything that contradicts itself, in one read where the header lies
 * in the bytes read first. Errors: `invalid-data` for bytes that are no sound TIFF, `unsupported` for what we do not read,
 * `changed` when the object changes meanwhile, and those of the source.
 */
export async function openGeoTiff(source: ByteSource, options: OpenGeoTiffOptions = {}): Promise<Raster> {
  const readOptions = options.signal === undefined ? {} : { signal: options.signal };
  const reader = await BlockReader.open(source, readOptions, options.head);
  const header = parseHeader(
    await reader.bytes({ offset: 0, length: Math.min(16, reader.identity.size) }, 'header'),
    source.url,
  );
  const images = await findImages(reader, header);
  options.onHeader?.(reader.end);
  const { littleEndian } = header;
  const context = {
    url: source.url,
    place: placeOf(source, options.openedBy),
    fileSize: reader.identity.size,
    littleEndian,
  };
  const problems = [...images.problems];
  const layout = parseImageLayout(images.main, context);
  const ground = parseGround(images.main, problems);
  const { bands, fill } = parseBands(images.main, layout, problems);
  const toLevel = (of: ImageLayout, levelFill: number | bigint): RasterLevel => {
    return placeLevel(of, { url: source.url, identity: reader.identity, fill: levelFill }, layout, ground);
  };
  const overviews = secondaryLayouts(images.overviews, context, problems).filter((overview) => {
    const same = overview.dtype === layout.dtype && overview.planar === layout.planar;
    if (!same) problems.push('an overview of another sample type or band order is left out');
    return same;
  });
  const levels = [layout, ...overviews].map((each) => toLevel(each, fill));
  const maskLevels = secondaryLayouts(images.masks, context, problems).map((mask) => toLevel(mask, 0));
  checkRanges(levels, reader.identity.size, problems);
  return {
    url: source.url,
    driver: 'geotiff',
    levels,
    masks: levels.map((level) => maskLevels.find((mask) => sameSize(mask, level)) ?? null),
    bands,
    dimensions: dimensionsOf(levels[0]!),
    problems,
  };
}

function parseGround(main: Directory, problems: string[]): Ground {
  const keys = parseGeoKeys(main);
  const crs = parseCrs(keys);
  const transform = parseTransform(main, isPixelPoint(keys));
  problems.push(...crs.problems, ...transform.problems);
  return { crs: crs.crs, transform: transform.transform };
}

function parseBands(
  main: Directory,
  layout: ImageLayout,
  problems: string[],
): { bands: RasterBand[]; fill: number | bigint } {
  const nodata = parseNodata(textOf(main, Tag.GdalNodata), layout.dtype);
  const metadata = parseGdalMetadata(textOf(main, Tag.GdalMetadata), layout.bandCount);
  if (nodata.problem !== null) problems.push(nodata.problem);
  problems.push(...metadata.problems);
  const bands = metadata.bands.map((band) => ({ ...band, dtype: layout.dtype, nodata: nodata.values }));
  return { bands, fill: nodata.fill };
}

/** Layouts of overviews or masks; one that we cannot read is left out, since the full image has all it shows. */
function secondaryLayouts(
  directories: readonly Directory[],
  context: LayoutContext,
  problems: string[],
): ImageLayout[] {
  return directories.flatMap((directory) => {
    try {
      return [parseImageLayout(directory, context)];
    } catch (error) {
      if (!(error instanceof CubeError)) throw error;
      const { width, height } = imageSize(directory);
      problems.push(`the overview or mask of ${width} by ${height} pixels is left out: ${error.message}`);
      return [];
    }
  });
}

type LevelFacts = Pick<RasterLevel, 'url' | 'identity' | 'fill'>;

/** Overviews carry no georeferencing of their own (G7): theirs is the full image's, scaled by the ratio of the sizes. */
function placeLevel(
  layout: ImageLayout,
  facts: LevelFacts,
  full: ImageLayout,
  { crs, transform }: Ground,
): RasterLevel {
  const axes = layout.planar ? { band: 0, y: 1, x: 2 } : { y: 0, x: 1, band: 2 };
  const size = (of: ImageLayout) => ({ width: of.shape[of.planar ? 2 : 1]!, height: of.shape[of.planar ? 1 : 0]! });
  const [own, whole] = [size(layout), size(full)];
  const scale = { x: whole.width / own.width, y: whole.height / own.height };
  const { dtype, shape, chunkShape, edge, codecs, refs } = layout;
  const scaled = transform === null ? null : scaleAffine(transform, scale);
  return { ...facts, dtype, shape, chunkShape, edge, codecs, axes, crs, transform: scaled, refs };
}

function sameSize(a: RasterLevel, b: RasterLevel): boolean {
  return a.shape[a.axes!.x] === b.shape[b.axes!.x] && a.shape[a.axes!.y] === b.shape[b.axes!.y];
}

function dimensionsOf({ shape, axes }: RasterLevel): RasterDimension[] {
  return shape.map((size, d) => {
    const name = d === axes!.x ? 'x' : d === axes!.y ? 'y' : 'band';
    return { name, size, timesMs: null };
  });
}

/** A file that was cut off still opens; its missing tiles fail when they are read. */
function checkRanges(levels: readonly RasterLevel[], fileSize: number, problems: string[]): void {
  const beyond = levels.reduce((sum, level) => sum + chunksBeyond(level), 0);
  if (beyond > 0) problems.push(`${beyond} tiles or strips reach past the end of the file (${fileSize} bytes)`);
}
