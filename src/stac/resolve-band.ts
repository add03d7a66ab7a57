import { CubeError, problemAt } from '../errors.js';
import type { AssetBand, RasterAsset, StacItem } from './item.js';

/** The band of an asset that a name stands for. */
export type ResolvedBand = {
  readonly asset: RasterAsset;
  /** 0-based place in the file. */
  readonly bandIndex: number;
  /** What the metadata says of it. */
  readonly band: AssetBand | null;
};

/** Keys of assets, without a resolution or format behind them, that hold classes or bits although most catalogues do not say so. */
const CLASS_KEYS = new Set([
  'scl',
  'qa_pixel',
  'qa_radsat',
  'qa_aerosol',
  'fmask',
  'qa60',
  'cloud_qa',
  'pixel_qa',
  'clm',
  'oa_fmask',
  'cloud_mask',
]);

/**
 * Which plane of which asset a requested band is: an exact asset key first, then "asset.2" (1-based) or "asset.name",
 * then the name of a band of one asset, then a unique common name. Else `invalid-spec` at `path`, the key of the
 * specification that names the band, with the candidates. An asset that is asked for by its key and broken gives the
 * problem that parsing it had.
 */
export function resolveBand(item: StacItem, band: string, path = 'bands'): ResolvedBand {
  const exact = item.assets.find(({ key }) => key === band);
  if (exact !== undefined) return { asset: exact, bandIndex: 0, band: exact.bands[0] ?? null };
  const broken = item.brokenAssets?.find(({ key }) => key === band || band.startsWith(`${key}.`));
  if (broken !== undefined) throw new CubeError(problemAt(broken.problem, `item ${item.id}, band "${band}"`));
  const found = dotted(item, band) ?? named(item, band, 'name', path) ?? named(item, band, 'commonName', path);
  if (found !== null) return found;
  const keys = item.assets.filter(isRaster).map(({ key }) => key);
  const common = item.assets.flatMap(({ bands }) =>
    bands.flatMap(({ commonName }) => (commonName === null ? [] : [commonName])),
  );
  const what = `item ${item.id} has no asset or common name "${band}"`;
  throw bandError(path, what, `it has ${[...new Set([...keys, ...common])].slice(0, 30).join(', ')}`);
}

/** True for bands of classes or bits, which are never interpolated. */
export function isClassBand(asset: RasterAsset, band: string): boolean {
  const names = [asset.key, band, band.slice(band.lastIndexOf('.') + 1)];
  return asset.classes || names.some((name) => CLASS_KEYS.has(name.toLowerCase().replace(/[-_](?:jp2|\d+m)$/, '')));
}

function dotted(item: StacItem, band: string): ResolvedBand | null {
  for (let dot = band.indexOf('.'); dot > 0; dot = band.indexOf('.', dot + 1)) {
    const asset = item.assets.find(({ key }) => key === band.slice(0, dot));
    if (asset === undefined) continue;
    const rest = band.slice(dot + 1);
    const bandIndex = /^[1-9]\d*$/.test(rest) ? Number(rest) - 1 : asset.bands.findIndex(({ name }) => name === rest);
    if (bandIndex >= 0) return { asset, bandIndex, band: asset.bands[bandIndex] ?? null };
  }
  return null;
}

/**
 * The one asset with a band of that name. Copies in other formats give way to GeoTIFF and Zarr, pictures made of several
 * bands (true colour) to the band itself.
 */
function named(item: StacItem, wanted: string, field: 'name' | 'commonName', path: string): ResolvedBand | null {
  const found = item.assets
    .filter(isRaster)
    .flatMap((asset) =>
      asset.bands.flatMap((band, bandIndex) => (band[field] === wanted ? [{ asset, bandIndex, band }] : [])),
    );
  const preferences: readonly ((one: ResolvedBand) => boolean)[] = [
    ({ asset }) => asset.roles.includes('data'),
    ({ asset }) => isReadable(asset),
    ({ asset }) => !asset.roles.includes('visual') && !PICTURE_KEYS.test(asset.key),
  ];
  const data = preferences.reduce<readonly ResolvedBand[]>(narrowed, found);
  if (data.length <= 1) return data[0] ?? null;
  const keys = data.map(({ asset, bandIndex }) =>
    asset.bands.length > 1 ? `${asset.key}.${bandIndex + 1}` : asset.key,
  );
  throw bandError(
    path,
    `"${wanted}" is the ${field === 'name' ? 'name' : 'common name'} of ${data.length} bands of item ${item.id}`,
    `name one of ${keys.join(', ')}`,
  );
}

/** Keys of pictures that list the common names of what they were made of. */
const PICTURE_KEYS = /^(?:visual|tci|true_?colou?r|overview|preview|rendered_preview)(?:[-_].*)?$/i;

/** Those that pass, or all where none does. */
function narrowed<T>(all: readonly T[], passes: (one: T) => boolean): readonly T[] {
  const some = all.filter(passes);
  return some.length > 0 ? some : all;
}

function isRaster({ mediaType, roles }: RasterAsset): boolean {
  if (roles.some((role) => role === 'thumbnail' || role === 'metadata' || role === 'overview')) return false;
  return mediaType === null || /tiff|zarr|jp2|jpeg2000|netcdf|hdf/i.test(mediaType);
}

function isReadable({ mediaType, href }: RasterAsset): boolean {
  return mediaType === null ? /\.(tiff?|zarr)\b/i.test(href) : /tiff|zarr/i.test(mediaType);
}

function bandError(path: string, what: string, fix: string): CubeError {
  return new CubeError({ kind: 'invalid-spec', path, what, fix });
}
