import { CubeError } from '../../errors.js';
import type { ReadResult, SourceFactory } from '../../io/byte-source.js';
import type { Raster } from '../raster.js';
import { joinPath } from '../zarr/node-url.js';
import { openInHierarchy } from '../zarr/open.js';
import { rasterVariables } from '../zarr/raster-variables.js';
import { openHdf5Hierarchy, type Hdf5Hierarchy } from './hierarchy.js';

/** What opening a variable of an HDF5 file takes. */
export type OpenHdf5Options = {
  /** Path of the dataset, such as `B04` or `PRODUCT/qa_value`; may be left out where the file has exactly one raster. */
  readonly variable?: string;
  readonly signal?: AbortSignal;
  /** The file's first bytes, where the caller has read them already. */
  readonly head?: ReadResult;
};

/** Names of datasets in a message. */
const SHOWN = 50;

/**
 * Open one variable of a NetCDF-4 or HDF5 file as a raster, its chunks as ranges of the file, which must stay what it is.
 * Errors: `not-found`, `invalid-argument` (which variable?), `no-data` (none is a raster), `unsupported` (type, filter,
 * layout, by name), `invalid-data`, `changed`, and those of reading.
 */
export async function openHdf5(sources: SourceFactory, url: string, options: OpenHdf5Options = {}): Promise<Raster> {
  const hierarchy = await openHierarchy(sources, url, options);
  const variable = options.variable ?? (await onlyRaster(hierarchy));
  return openVariable(hierarchy, sources, variable, options.signal);
}

/** Open every raster variable of a file, of all its groups; the file's metadata is read once. Errors: as for one. */
export async function openHdf5Rasters(
  sources: SourceFactory,
  url: string,
  options: Omit<OpenHdf5Options, 'variable'> = {},
): Promise<readonly Raster[]> {
  const hierarchy = await openHierarchy(sources, url, options);
  const names = await rastersOf(hierarchy);
  return Promise.all(names.map((variable) => openVariable(hierarchy, sources, variable, options.signal)));
}

function openHierarchy(sources: SourceFactory, url: string, { signal, head }: OpenHdf5Options): Promise<Hdf5Hierarchy> {
  const given = { openedBy: url, ...(signal === undefined ? {} : { signal }), ...(head === undefined ? {} : { head }) };
  return openHdf5Hierarchy(sources.open(url), given);
}

async function openVariable(
  hierarchy: Hdf5Hierarchy,
  sources: SourceFactory,
  variable: string,
  signal: AbortSignal | undefined,
): Promise<Raster> {
  if (!hierarchy.known.includes(variable)) throw noVariable(hierarchy, variable);
  await hierarchy.node(variable);
  const refusal = hierarchy.refusal(variable);
  if (refusal !== null) throw refusal;
  const cancel = signal === undefined ? {} : { signal };
  const raster = await openInHierarchy(hierarchy, sources, { variable, ...cancel, driver: 'hdf5' });
  return { ...raster, problems: [...hierarchy.problemsOf(variable), ...raster.problems] };
}

async function rastersOf(hierarchy: Hdf5Hierarchy): Promise<string[]> {
  const found: string[] = [];
  for (const path of ['', ...hierarchy.known]) {
    const node = await hierarchy.node(path);
    if (node?.kind !== 'group') continue;
    const names = (await rasterVariables(hierarchy, node)) ?? [];
    found.push(...names.map((name) => joinPath(path, name)));
  }
  return found;
}

async function onlyRaster(hierarchy: Hdf5Hierarchy): Promise<string> {
  const rasters = await rastersOf(hierarchy);
  if (rasters.length === 1) return rasters[0]!;
  const { url } = hierarchy.root;
  const fix = 'name one by --variable NAME';
  if (rasters.length > 1) {
    const what = `${url} has ${rasters.length} raster variables: ${rasters.slice(0, SHOWN).join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what, fix });
  }
  const known = hierarchy.known.slice(0, SHOWN).join(', ');
  const what = `${url} has no raster variable (an array with dimensions x and y), ${known === '' ? 'no dataset' : `only ${known}`}`;
  throw new CubeError({ kind: 'no-data', what, fix });
}

function noVariable({ root, known }: Hdf5Hierarchy, variable: string): CubeError {
  const what = `no variable "${variable}"; it has ${known.slice(0, SHOWN).join(', ')}`;
  return new CubeError({ kind: 'not-found', url: root.url, what });
}
