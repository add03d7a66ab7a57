import { posix } from 'node:path';
import { CubeError, isCubeError } from '../../errors.js';
import type { Affine, Size } from '../../grid/affine.js';
import { crsDefinition } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';
import { throwIfAborted } from '../../io/abort.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { createSources } from '../../io/sources.js';
import { isTiff } from '../../raster/cog/header.js';
import { openGeoTiff } from '../../raster/cog/open-geotiff.js';
import type { Raster } from '../../raster/raster.js';
import { readWhole } from '../read-whole.js';
import { crsIfAbsent, parseFileCrs } from '../source-crs.js';
import { ImageNames, type NamedFile } from './image-names.js';
import { parseImageSize, SIZE_HEAD_BYTES } from './image-size.js';
import { parsePamFile, type PamPlace } from './pam-file.js';
import { parseWorldFile, worldFileEndings } from './world-file.js';

/** Where an image lies: `transform` leads from pixel corners (column, row) to its CRS. */
export type ImagePlace =
  | { readonly kind: 'placed'; readonly transform: Affine; readonly crs: Crs; readonly size: Size | null }
  /** Without a place labels in its pixels have none either; `reason` says what is missing. */
  | { readonly kind: 'unplaced'; readonly reason: string; readonly size: Size | null };

/** What makes labels without a place usable. */
export const PLACE_FIX =
  'put GeoTIFFs, world files (.pgw, .jgw, .tfw, .wld; with crs in the manifest) or .aux.xml files of the images among the files';

/** Longest of the small files beside an image. */
const MAX_SIDECAR = 2 ** 20;

/**
 * The images of a data set and their places: what GDAL's `.aux.xml` says, else the GeoTIFF itself, else a world file; the CRS may be in a
 * `.prj` or stated. Every header is read once. Close it.
 */
export class ImageSet {
  readonly names: ImageNames;
  readonly #sources: SourceFactory = createSources({ cacheBytes: 0 });
  readonly #places = new Map<string, Promise<ImagePlace>>();
  readonly #stated: { readonly crs?: string | undefined; readonly crsIfAbsent?: string | undefined };
  #anyPlaced: Promise<boolean> | null = null;

  /** `crs` wins over what files say, `crsIfAbsent` is for those that say nothing. */
  constructor(
    files: readonly NamedFile[],
    stated: { crs?: string | undefined; crsIfAbsent?: string | undefined } = {},
  ) {
    this.names = new ImageNames(files);
    this.#stated = stated;
  }

  /** The place of an image by its name; the image itself need not be there where a file beside it tells. */
  place(name: string, signal?: AbortSignal): Promise<ImagePlace> {
    throwIfAborted(signal);
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.#read(name, signal);
      place.catch(() => this.#places.delete(name)); // an abort is no answer
      this.#places.set(name, place);
    }
    return place;
  }

  /** Whether any image of the data set has a place. */
  anyPlaced(signal?: AbortSignal): Promise<boolean> {
    const find = async () => {
      for (const { name } of this.names.images()) {
        if ((await this.place(name, signal)).kind === 'placed') return true;
      }
      return false;
    };
    this.#anyPlaced ??= find();
    this.#anyPlaced.catch(() => (this.#anyPlaced = null));
    return this.#anyPlaced;
  }

  /** A TIFF of the data set, by the name that it has there; null for any other image. */
  async openTiff(
    { path }: NamedFile,
    signal?: AbortSignal,
  ): Promise<{ raster: Raster; sources: SourceFactory } | null> {
    const source = this.#sources.open(path);
    const head = await source.read({ offset: 0, length: 16_384 }, signal === undefined ? {} : { signal });
    if (!isTiff(head.bytes)) return null;
    const raster = await openGeoTiff(source, { head, ...(signal === undefined ? {} : { signal }) });
    return { raster, sources: this.#sources };
  }

  async close(): Promise<void> {
    await this.#sources.close();
  }

  async #read(name: string, signal?: AbortSignal): Promise<ImagePlace> {
    const file = this.names.named(name);
    const own = file === null ? NO_IMAGE : await this.#header(file, signal);
    if (own.fault !== null) return { kind: 'unplaced', reason: own.fault, size: own.size };
    const pam = await this.#pam(name, signal);
    const transform = pam.transform ?? own.transform ?? (await this.#worldFile(name, signal));
    if (transform === null) {
      const reason = `${name} ${file === null ? 'is not among the files' : 'has no place on the ground'}`;
      return { kind: 'unplaced', reason, size: own.size };
    }
    const crs = await this.#crs(name, pam.srs, own.crs, signal).catch(reasonOf);
    if (crs === null) return { kind: 'unplaced', reason: `${name} has no CRS`, size: own.size };
    if (typeof crs === 'string') return { kind: 'unplaced', reason: `the CRS of ${name}: ${crs}`, size: own.size };
    return { kind: 'placed', transform, crs, size: own.size };
  }

  async #header(file: NamedFile, signal?: AbortSignal): Promise<Header> {
    try {
      const tiff = await this.openTiff(file, signal);
      if (tiff !== null) return tiffHeader(tiff.raster);
      const options = signal === undefined ? {} : { signal };
      const { bytes } = await this.#sources.open(file.path).read({ offset: 0, length: SIZE_HEAD_BYTES }, options);
      return { size: parseImageSize(bytes), transform: null, crs: null, fault: null };
    } catch (error) {
      return { ...NO_IMAGE, fault: `${file.name} cannot be read: ${reasonOf(error)}` };
    }
  }

  async #pam(name: string, signal?: AbortSignal): Promise<PamPlace> {
    const text = await this.#textOf(`${name}.aux.xml`, signal);
    return text === null ? { transform: null, srs: null } : parsePamFile(text);
  }

  async #worldFile(name: string, signal?: AbortSignal): Promise<Affine | null> {
    const extension = posix.extname(name);
    for (const ending of worldFileEndings(extension.slice(1).toLowerCase())) {
      const text = await this.#textOf(`${name.slice(0, name.length - extension.length)}.${ending}`, signal);
      const transform = text === null ? null : parseWorldFile(text);
      if (transform !== null) return transform;
    }
    return null;
  }

  async #crs(name: string, pam: string | null, own: Crs | null, signal?: AbortSignal): Promise<Crs | null> {
    const { crs: stated, ...absent } = this.#stated;
    if (stated !== undefined) return crsIfAbsent({ path: name, crsIfAbsent: stated });
    if (pam !== null) return computable(parseFileCrs(`${name}.aux.xml`, pam));
    if (own !== null) return computable(own);
    const prj = await this.#textOf(`${name.slice(0, name.length - posix.extname(name).length)}.prj`, signal);
    if (prj !== null && prj.trim() !== '') return computable(parseFileCrs(name, prj));
    return crsIfAbsent({ path: name, ...absent });
  }

  async #textOf(name: string, signal?: AbortSignal): Promise<string | null> {
    const file = this.names.named(name);
    if (file === null) return null;
    const bytes = await readWhole(file.path, signal);
    if (bytes.length > MAX_SIDECAR) {
      throw new CubeError({ kind: 'invalid-data', url: name, what: `${bytes.length} bytes, too long to tell a place` });
    }
    return new TextDecoder('utf-8').decode(bytes);
  }
}

/** What is wrong with one image does not cost the labels of others. */
function reasonOf(error: unknown): string {
  if (isCubeError(error, 'invalid-data') || isCubeError(error, 'unsupported')) return error.message;
  throw error;
}

/** The CRS itself. Problem: `unsupported` for one that we do not compute. */
function computable(crs: Crs): Crs {
  crsDefinition(crs);
  return crs;
}

type Header = {
  readonly size: Size | null;
  readonly transform: Affine | null;
  readonly crs: Crs | null;
  /** Why the image cannot be trusted to tell anything. */
  readonly fault: string | null;
};

const NO_IMAGE: Header = { size: null, transform: null, crs: null, fault: null };

function tiffHeader({ levels: [level] }: Raster): Header {
  const { axes, shape, transform, crs } = level!;
  const size = axes === null ? null : { width: shape[axes.x]!, height: shape[axes.y]! };
  return { size, transform, crs, fault: null };
}
