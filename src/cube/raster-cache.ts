import { isCubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { openRaster } from '../raster/open.js';
import { rasterKey, rasterName, type RasterIndex, type RasterName } from '../raster/raster-index.js';
import type { Raster } from '../raster/raster.js';
import type { ResolvedBand } from '../stac/resolve-band.js';

/** A band of an item, and the name that it was asked for by. */
export type NamedBand = { readonly band: ResolvedBand; readonly name: string };

/** Each file is opened once, however many bands and items name it; those that an index knows are not read. */
export class RasterCache {
  /** URLs of the rasters that an index knew. */
  readonly indexed = new Set<string>();
  readonly #opened = new Map<string, Promise<Raster>>();
  readonly #sources: SourceFactory;
  readonly #signal: AbortSignal | undefined;

  constructor(sources: SourceFactory, signal: AbortSignal | undefined) {
    this.#sources = sources;
    this.#signal = signal;
  }

  /** Take what an index knows of the bands, in one question. */
  async fill(index: RasterIndex, bands: readonly NamedBand[]): Promise<void> {
    const named = new Map<string, RasterName>();
    for (const { band, name } of bands) {
      const variable = variableOf(band, name);
      const known = nameOrNull(this.#sources, band.asset.href, variable);
      if (known !== null) named.set(openedKey(band, variable), known);
    }
    const found = await index.find([...named.values()], this.#signal === undefined ? {} : { signal: this.#signal });
    for (const [key, name] of named) {
      const raster = found.get(rasterKey(name));
      if (raster === undefined) continue;
      this.#opened.set(key, Promise.resolve(raster));
      this.indexed.add(raster.url);
    }
  }

  open(band: ResolvedBand, name: string): Promise<Raster> {
    const variable = variableOf(band, name);
    const key = openedKey(band, variable);
    let raster = this.#opened.get(key);
    if (raster === undefined) {
      raster = openRaster(this.#sources, band.asset.href, {
        variable,
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      });
      this.#opened.set(key, raster);
    }
    return raster;
  }
}

function variableOf({ band }: ResolvedBand, name: string): string {
  return band?.name ?? name;
}

function openedKey({ asset }: ResolvedBand, variable: string): string {
  return `${asset.href}\n${variable}`;
}

/** What may not be opened says so when it is. */
function nameOrNull(sources: SourceFactory, href: string, variable: string): RasterName | null {
  try {
    return rasterName(sources, href, variable);
  } catch (error) {
    if (isCubeError(error)) return null;
    throw error;
  }
}
