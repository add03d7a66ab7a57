import { isCubeError, type CubeError } from '../../errors.js';
import type { ByteSource, ReadResult } from '../../io/byte-source.js';
import { joinUrl } from '../../io/location.js';
import type { Hierarchy, ZarrNode } from '../zarr/hierarchy.js';
import { joinPath, parentPath } from '../zarr/node-url.js';
import { arrayNode } from './array-node.js';
import { readDataset } from './dataset.js';
import {
  attributeReader,
  dimensionNames,
  findScales,
  isBareDimension,
  isScale,
  PhonyDimensions,
  variableName,
  type NamingContext,
} from './dimension-names.js';
import { GlobalHeap } from './global-heap.js';
import { jsonAttributes } from './json-attributes.js';
import { Metadata } from './metadata.js';
import { placeOf } from '../place-of.js';
import { PageReader } from './page-reader.js';
import { withCfScale } from './scale-convention.js';
import { readSuperblock } from './superblock.js';
import { isUnsigned, unsignedAttributes } from './unsigned.js';
import { walkFile, type Hdf5Object } from './walk.js';

/** An HDF5 file that shows itself as a Zarr hierarchy. Chunk indexes are read when a node is asked for. */
export type Hdf5Hierarchy = Hierarchy & {
  readonly known: readonly string[];
  /** Why the dataset at a path is not read; null where it is, or was not asked for yet. */
  readonly refusal: (path: string) => CubeError | null;
  /** What was left out of the file, and what is odd about the dataset at `path`. */
  readonly problemsOf: (path: string) => readonly string[];
};

type File = NamingContext & {
  /** By the path that people use. */
  readonly objects: ReadonlyMap<string, Hdf5Object>;
  /** The first of the names of each dataset, by the address of its header. */
  readonly mainPaths: ReadonlyMap<number, string>;
  readonly inherited: ReadonlySet<string>;
  /** Names of what is directly in a group; none in a file of NetCDF's library. */
  readonly siblings: (group: string) => ReadonlySet<string>;
  readonly problems: Map<string, string[]>;
  readonly refusals: Map<string, CubeError>;
};

/** Read a file's objects; `openedBy` is what the source was opened by. Errors: `invalid-data`, also for a file that is cut off; `unsupported`; those of reading. */
export async function openHdf5Hierarchy(
  source: ByteSource,
  options: { readonly signal?: AbortSignal; readonly head?: ReadResult; readonly openedBy?: string },
): Promise<Hdf5Hierarchy> {
  const reader = await PageReader.open(
    source,
    options.signal === undefined ? {} : { signal: options.signal },
    options.head,
  );
  const { base, sizes, root } = await readSuperblock(reader);
  const metadata = new Metadata(reader, base, sizes, placeOf(source, options.openedBy));
  const file = await readFile(metadata, root);
  const cache = new Map<string, Promise<ZarrNode>>();
  const nodeAt = (path: string): Promise<ZarrNode | null> => {
    const object = file.objects.get(path);
    if (object === undefined) return Promise.resolve(null);
    // Another name of a dataset gives the same node, so that its chunk index is read once.
    const main = mainPath(file, path);
    const node =
      cache.get(main) ?? (object.kind === 'group' ? groupNode(file, path, object) : datasetNode(file, main, object));
    cache.set(main, node);
    return main === path ? node : node.then((one) => ({ ...one, path, url: joinUrl(metadata.url, path) }));
  };
  return {
    root: (await nodeAt(''))!,
    known: [...file.objects.keys()].filter((path) => path !== ''),
    node: (path) => nodeAt(file.objects.has(path) ? path : (visibleFrom(file, path) ?? path)),
    refusal: (path) => file.refusals.get(mainPath(file, path)) ?? null,
    problemsOf: (path) => {
      const own = path === '' ? [] : file.problems.get(mainPath(file, path));
      return [...(file.problems.get('') ?? []), ...(own ?? [])];
    },
  };
}

function mainPath({ objects, mainPaths }: File, path: string): string {
  const object = objects.get(path);
  return (object === undefined ? undefined : mainPaths.get(object.address)) ?? path;
}

async function readFile(metadata: Metadata, root: number): Promise<File> {
  const walked = await walkFile(metadata, root);
  const heap = new GlobalHeap(metadata);
  const values = attributeReader(metadata, heap);
  const objects = new Map<string, Hdf5Object>();
  const mainPaths = new Map<number, string>();
  const inherited = new Set<string>();
  const members = new Map<string, Set<string>>();
  for (const object of walked.objects) {
    if (await isBareDimension(object, values)) continue;
    const path = object.path === '' ? '' : joinPath(parentPath(object.path), variableName(object.path));
    objects.set(path, object);
    if (object.kind === 'dataset' && !mainPaths.has(object.address)) mainPaths.set(object.address, path);
    const group = members.get(parentPath(path)) ?? new Set<string>();
    members.set(parentPath(path), group.add(variableName(path)));
    if (await isScale(object, values)) inherited.add(path);
    if (object.attributes.stored.has('grid_mapping_name')) inherited.add(path);
  }
  const scales = await findScales(walked.objects, values);
  const problems = new Map([['', [...walked.problems]]]);
  // What NetCDF's own library wrote keeps to CF.
  const isNetcdf = objects.get('')!.attributes.stored.has('_NCProperties');
  const siblings = (group: string) => (isNetcdf ? undefined : members.get(group)) ?? new Set<string>();
  const phony = new PhonyDimensions();
  return { metadata, heap, scales, phony, objects, mainPaths, inherited, siblings, problems, refusals: new Map() };
}

/**
 * Dimensions, and grid mappings, are seen from the groups below theirs (netCDF-4 groups; CF §2.7): the path of the
 * nearest such dataset of the same name, or null.
 */
function visibleFrom({ inherited }: File, path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  for (let group = parentPath(path); group !== '';) {
    group = parentPath(group);
    if (inherited.has(joinPath(group, name))) return joinPath(group, name);
  }
  return null;
}

async function groupNode({ metadata, heap, problems }: File, path: string, object: Hdf5Object): Promise<ZarrNode> {
  const attributes = await jsonAttributes(metadata, heap, object, problemList(problems, path));
  const json = { zarr_format: 3, node_type: 'group', attributes };
  return { kind: 'group', version: 3, path, url: joinUrl(metadata.url, path), json, attributes, refs: null };
}

/** What cannot be read is a node all the same, since its attributes may be wanted: those of a grid mapping. */
async function datasetNode(file: File, path: string, object: Hdf5Object): Promise<ZarrNode> {
  const { metadata, heap, refusals } = file;
  const problems = problemList(file.problems, path);
  const attributes = withCfScale(
    await jsonAttributes(metadata, heap, object, problems),
    file.siblings(parentPath(path)),
    problems,
  );
  const url = joinUrl(metadata.url, path);
  try {
    const unsigned = isUnsigned(attributes);
    const dataset = await readDataset(metadata, object.messages, { unsigned });
    const names = await dimensionNames(object, dataset.shape, file);
    const own = unsigned ? unsignedAttributes(attributes, dataset.type.size) : attributes;
    return await arrayNode(metadata, dataset, { path, url, attributes: own, dimensionNames: names });
  } catch (error) {
    if (!isCubeError(error, 'unsupported') && !isCubeError(error, 'invalid-data')) throw error;
    refusals.set(path, error);
    const json = {
      zarr_format: 3,
      node_type: 'array',
      data_type: `of HDF5 that is not read (${error.message})`,
      attributes,
    };
    return { kind: 'array', version: 3, path, url, json, attributes, refs: null };
  }
}

function problemList(problems: Map<string, string[]>, path: string): string[] {
  const list = problems.get(path) ?? [];
  problems.set(path, list);
  return list;
}
