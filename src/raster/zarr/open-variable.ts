import { CubeError } from '../../errors.js';
import type { Affine } from '../../grid/affine.js';
import type { Crs } from '../../grid/crs.js';
import type { SourceFactory } from '../../io/byte-source.js';
import type { PlaneAxes, RasterLevel } from '../level.js';
import type { Raster, RasterBand, RasterDimension } from '../raster.js';
import { parseArrayMetadata, type ArrayMetadata } from './array-metadata.js';
import { findAxes } from './axes.js';
import { evenAxis, transformFromCentres, transformsAgree, type EvenAxis } from './axis-transform.js';
import { arrayBand } from './bands.js';
import {
  arrayAttributes,
  findCoordinate,
  isTimeCoordinate,
  readCoordinate,
  readTimes,
  type Coordinate,
} from './coordinate.js';
import { gdalTransform, spatialTransform, type StatedTransform } from './explicit-transform.js';
import { findCrs } from './find-crs.js';
import type { Hierarchy, ZarrNode } from './hierarchy.js';
import { member, text, type JsonObject } from './json.js';
import { wrapLongitudes } from './longitudes.js';
import { joinPath, parentPath } from './node-url.js';

/** What opening needs besides the node: the store, the way to bytes, and where contradictions are noted. */
export type OpenContext = {
  readonly hierarchy: Hierarchy;
  readonly sources: SourceFactory;
  readonly signal: AbortSignal | undefined;
  readonly problems: string[];
  readonly driver: Raster['driver'];
};

/** One array, opened: everything of a `Raster` that one resolution tells. */
export type OpenedVariable = {
  readonly level: RasterLevel;
  readonly dimensions: readonly RasterDimension[];
  readonly bands: readonly RasterBand[];
};

/** One array on its way: names resolved, coordinates found and not read. */
type Draft = {
  readonly node: ZarrNode;
  readonly metadata: ArrayMetadata;
  readonly group: JsonObject;
  readonly coordinates: readonly (Coordinate | null)[];
  readonly axes: PlaneAxes | null;
};

/** Open an array with its coordinates and georeference. Errors: `unsupported`, `invalid-data`, those of reading. */
export async function openVariable(node: ZarrNode, context: OpenContext): Promise<OpenedVariable> {
  const metadata = parseArrayMetadata(node);
  refuseReinterpreted(node, metadata);
  const group = (await context.hierarchy.node(parentPath(node.path)))?.attributes ?? {};
  const coordinates = await findCoordinates(node, metadata, context.hierarchy);
  const axes = findAxes(metadata, [node.attributes, group], coordinates);
  const draft: Draft = { node, metadata, group, coordinates, axes };
  const place = axes === null ? { crs: null, transform: null } : await georeference(draft, axes, context);
  const { shape, chunkShape, dtype, codecs, fill, refs } = metadata;
  const stored = { shape, chunkShape, dtype, codecs, fill, refs, edge: 'padded' } as const;
  return {
    level: { url: node.url, identity: null, axes, ...stored, ...place },
    dimensions: await dimensionsOf(draft, context),
    bands: bandsOf(draft, context.problems),
  };
}

/** Types whose stored integers mean something else than they look like. */
function refuseReinterpreted({ attributes, url }: ZarrNode, { datetime, dtype }: ArrayMetadata): void {
  const unsigned = String(member(attributes, '_Unsigned') ?? 'false').toLowerCase() === 'true';
  const feature =
    datetime !== null ? 'data type datetime64' : unsigned && dtype.startsWith('int') ? 'attribute _Unsigned' : null;
  if (feature !== null) throw new CubeError({ kind: 'unsupported', feature: `Zarr ${feature}`, url });
}

function findCoordinates(
  node: ZarrNode,
  metadata: ArrayMetadata,
  hierarchy: Hierarchy,
): Promise<(Coordinate | null)[]> {
  const names = metadata.dimensionNames ?? [];
  return Promise.all(
    names.map((name, d) =>
      name === null ? null : findCoordinate(hierarchy, parentPath(node.path), name, metadata.shape[d]!),
    ),
  );
}

async function georeference(
  draft: Draft,
  axes: PlaneAxes,
  context: OpenContext,
): Promise<{ crs: Crs | null; transform: Affine | null }> {
  const { node, metadata, group, coordinates } = draft;
  const gridMapping = await gridMappingOf(node, context.hierarchy);
  const hint = (d: number) => ({ name: metadata.dimensionNames![d]!, attributes: coordinates[d]?.attributes ?? null });
  const crs = findCrs(
    { array: node.attributes, group, gridMapping, x: hint(axes.x), y: hint(axes.y) },
    context.problems,
  );
  const transform = await transformOf(draft, axes, gridMapping, context);
  if (transform === null) return { crs, transform };
  return { crs, transform: wrapLongitudes(transform, metadata.shape[axes.x]!, crs, context.problems) };
}

/** CF's `grid_mapping` names a variable ("crs" or "crs: x y"); rioxarray looks for `spatial_ref` where it is missing. */
async function gridMappingOf(node: ZarrNode, hierarchy: Hierarchy): Promise<JsonObject | null> {
  const group = parentPath(node.path);
  const stated = text(node.attributes, 'grid_mapping');
  if (stated !== null) return arrayAttributes(hierarchy, joinPath(group, stated.trim().split(/[\s:]/)[0]!));
  const usual = joinPath(group, 'spatial_ref');
  return hierarchy.known?.includes(usual) === true ? arrayAttributes(hierarchy, usual) : null;
}

/** Coordinates decide; a stated transform that agrees with them replaces their rounding, another is a problem. */
async function transformOf(
  { node, metadata, group, coordinates }: Draft,
  axes: PlaneAxes,
  gridMapping: JsonObject | null,
  { sources, signal, problems }: OpenContext,
): Promise<Affine | null> {
  const size = { width: metadata.shape[axes.x]!, height: metadata.shape[axes.y]! };
  const stated = [
    gdalTransform(gridMapping),
    spatialTransform(node.attributes, 'array', size, problems),
    spatialTransform(group, 'group', size, problems),
  ].filter((one): one is StatedTransform => one !== null);
  const [x, y] = await Promise.all(
    [axes.x, axes.y].map((d) =>
      readAxis(coordinates[d] ?? null, metadata.dimensionNames![d]!, sources, signal, problems),
    ),
  );
  if (x === 'uneven' || y === 'uneven') return null;
  const centres = x == null || y == null ? null : transformFromCentres(x, y);
  const base = centres ?? stated[0]?.transform ?? null;
  if (base === null) return null;
  for (const { where, transform } of stated) {
    if (transformsAgree(base, transform, size)) continue;
    problems.push(
      `${where} [${transform.join(', ')}] contradicts ${centres === null ? stated[0]!.where : 'the coordinates'}`,
    );
  }
  return stated.find(({ transform }) => transformsAgree(base, transform, size))?.transform ?? base;
}

async function readAxis(
  coordinate: Coordinate | null,
  name: string,
  sources: SourceFactory,
  signal: AbortSignal | undefined,
  problems: string[],
): Promise<EvenAxis | null | 'uneven'> {
  if (coordinate === null || coordinate.metadata.shape[0] === 0) return null;
  const axis = evenAxis(await readCoordinate(coordinate, sources, signal), coordinate.metadata.dtype);
  if (axis !== null) return axis;
  problems.push(`coordinate ${name} is not evenly spaced: the raster has no transform`);
  return 'uneven';
}

function dimensionsOf(
  { metadata, coordinates, axes }: Draft,
  { sources, signal }: OpenContext,
): Promise<RasterDimension[]> {
  return Promise.all(
    metadata.shape.map(async (size, d) => {
      const coordinate = coordinates[d] ?? null;
      const isTime =
        axes !== null && d !== axes.x && d !== axes.y && coordinate !== null && isTimeCoordinate(coordinate);
      const timesMs = isTime ? await readTimes(coordinate, sources, signal) : null;
      return { name: metadata.dimensionNames?.[d] ?? `dim_${d}`, size, timesMs };
    }),
  );
}

function bandsOf({ node, metadata, axes }: Draft, problems: string[]): RasterBand[] {
  const name = node.path === '' ? null : node.path.slice(node.path.lastIndexOf('/') + 1);
  const band = arrayBand(name, metadata, node.attributes, node.version, problems);
  const count = axes === null || axes.band === null ? 1 : metadata.shape[axes.band]!;
  return count === 1
    ? [band]
    : Array.from({ length: count }, (_, i) => ({ ...band, name: `${name ?? 'band'} ${i + 1}` }));
}
