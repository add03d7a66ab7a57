import { CubeError } from '../../errors.js';
import type { BlockReader } from './block-reader.js';
import { numberOf, numbersOf, readDirectory, readListing, type Directory, type DirectoryListing } from './directory.js';
import type { TiffHeader } from './header.js';
import { Tag } from './tags.js';

/** The directories of one raster: the full image, its overviews from fine to coarse, and the masks of both. */
export type TiffImages = {
  readonly main: Directory;
  readonly overviews: readonly Directory[];
  readonly masks: readonly Directory[];
  readonly problems: readonly string[];
};

/** A pyramid has a dozen levels; GDAL's multi-page files rarely more than some hundred pages. */
const MAX_DIRECTORIES = 1024;
/** TIFF 6.0 NewSubfileType: bit 0 a reduced image, bit 2 a transparency mask. */
const REDUCED = 1;
const MASK = 4;

/**
 * Find the images of a file by their subfile type, never by their place (G7): the main image is the first directory
 * that is neither reduced nor a mask. Overviews may also hang in its SubIFDs. Further pages are reported, not read.
 */
export async function findImages(reader: BlockReader, header: TiffHeader): Promise<TiffImages> {
  const problems: string[] = [];
  const chain = await readChain(reader, header, problems);
  const kinds = await Promise.all(chain.map((listing) => subfileType(reader, header, listing)));
  const first = kinds.findIndex((kind) => (kind & (REDUCED | MASK)) === 0);
  if (first < 0) problems.push('every image is marked as reduced or as a mask; the first is taken as the full image');
  const mainIndex = Math.max(first, 0);
  const main = await readDirectory(reader, header, chain[mainIndex]!);
  const pages = kinds.filter((kind, i) => i !== mainIndex && (kind & (REDUCED | MASK)) === 0).length;
  if (pages > 0) problems.push(`${pages} further full images (pages) are not read`);
  const others = chain.map((listing, i) => ({ listing, kind: kinds[i]! })).filter((_, i) => i !== mainIndex);
  for (const listing of await readSubDirectories(reader, header, main, chain, problems)) {
    others.push({ listing, kind: (await subfileType(reader, header, listing)) | REDUCED });
  }
  const overviews: Directory[] = [];
  const masks: Directory[] = [];
  for (const { listing, kind } of others) {
    if ((kind & (MASK | REDUCED)) === 0) continue;
    const isMask = (kind & MASK) !== 0;
    const directory = await readSecondary(reader, header, listing, problems);
    const why = directory === null ? null : misfit(directory, main, isMask);
    if (why !== null) problems.push(`${isMask ? 'a mask' : 'an overview'} is left out: ${why}`);
    else if (directory !== null) (isMask ? masks : overviews).push(directory);
  }
  overviews.sort((a, b) => imageSize(b).width - imageSize(a).width || imageSize(b).height - imageSize(a).height);
  return { main, overviews, masks, problems: [...problems, ...main.problems] };
}

/** Width and height as the tags say, 0 where they are missing. */
export function imageSize(directory: Directory): { width: number; height: number } {
  return { width: numberOf(directory, Tag.ImageWidth, 0), height: numberOf(directory, Tag.ImageLength, 0) };
}

async function readChain(reader: BlockReader, header: TiffHeader, problems: string[]): Promise<DirectoryListing[]> {
  const chain: DirectoryListing[] = [];
  const seen = new Set<number>();
  for (let offset = header.firstDirectory; offset !== 0;) {
    const stop = await readLink(reader, header, offset, seen, chain);
    if (stop !== null) {
      problems.push(stop);
      break;
    }
    offset = chain.at(-1)!.next;
  }
  if (chain.length === 0) {
    const what = 'no image file directory';
    throw new CubeError({ kind: 'invalid-data', url: reader.url, what, offset: header.firstDirectory });
  }
  return chain;
}

/** Appends the directory at `offset`, or says why the chain ends there. The first directory must be sound. */
async function readLink(
  reader: BlockReader,
  header: TiffHeader,
  offset: number,
  seen: Set<number>,
  chain: DirectoryListing[],
): Promise<string | null> {
  if (seen.has(offset)) return `the chain of directories comes back to byte ${offset}`;
  if (chain.length >= MAX_DIRECTORIES) return `more than ${MAX_DIRECTORIES} directories; the rest is not read`;
  seen.add(offset);
  try {
    chain.push(await readListing(reader, header, offset));
    return null;
  } catch (error) {
    if (chain.length > 0 && error instanceof CubeError && error.problem.kind === 'invalid-data') {
      return `directory ${chain.length} is damaged (${error.problem.what}); it and what follows is not read`;
    }
    throw error;
  }
}

async function readSubDirectories(
  reader: BlockReader,
  header: TiffHeader,
  main: Directory,
  chain: readonly DirectoryListing[],
  problems: string[],
): Promise<DirectoryListing[]> {
  const offsets = numbersOf(main, Tag.SubIFDs);
  if (offsets === null) return [];
  const seen = new Set(chain.map((listing) => listing.offset));
  const found: DirectoryListing[] = [];
  for (const offset of offsets.subarray(0, MAX_DIRECTORIES)) {
    const problem = await readLink(reader, header, offset, seen, found).catch((error: unknown) => {
      if (error instanceof CubeError && error.problem.kind === 'invalid-data') return error.problem.what;
      throw error;
    });
    if (problem !== null) problems.push(`sub-directory: ${problem}`);
  }
  return found;
}

/** A damaged overview or mask does not make the image unreadable: null, with a reason. */
async function readSecondary(
  reader: BlockReader,
  header: TiffHeader,
  listing: DirectoryListing,
  problems: string[],
): Promise<Directory | null> {
  try {
    return await readDirectory(reader, header, listing);
  } catch (error) {
    if (!(error instanceof CubeError) || error.problem.kind !== 'invalid-data') throw error;
    problems.push(`an overview or mask is left out: ${error.problem.what}`);
    return null;
  }
}

/** Why a reduced image or mask cannot belong to the main image, or null. */
function misfit(directory: Directory, main: Directory, isMask: boolean): string | null {
  const [size, full] = [imageSize(directory), imageSize(main)];
  if (size.width < 1 || size.height < 1) return 'it has no size';
  if (size.width > full.width || size.height > full.height) return 'it is larger than the image';
  const bands = (of: Directory) => numberOf(of, Tag.SamplesPerPixel, 1);
  return isMask || bands(directory) === bands(main) ? null : 'it has another number of bands';
}

/** NewSubfileType, or what the old SubfileType tag says (2: reduced, TIFF 6.0 §8). */
async function subfileType(reader: BlockReader, header: TiffHeader, listing: DirectoryListing): Promise<number> {
  const wanted = [Tag.NewSubfileType, Tag.SubfileType];
  const entries = new Map(
    wanted.flatMap((tag) => (listing.entries.has(tag) ? [[tag, listing.entries.get(tag)!]] : [])),
  );
  const { fields } = await readDirectory(reader, header, { ...listing, entries });
  const directory = { offset: listing.offset, fields, problems: [] };
  const old = numberOf(directory, Tag.SubfileType, 1) === 2 ? REDUCED : 0;
  return numberOf(directory, Tag.NewSubfileType, old);
}
