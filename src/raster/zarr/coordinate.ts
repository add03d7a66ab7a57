import { isTimeUnits, parseTimeUnits, decodeTimes, type TimeUnits } from './cf-time.js';
import { CubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import type { RasterLevel } from '../level.js';
import { parseArrayMetadata, type ArrayMetadata } from './array-metadata.js';
import type { Hierarchy, ZarrNode } from './hierarchy.js';
import { isObject, member, text, type JsonObject } from './json.js';
import { joinPath } from './node-url.js';
import { readWholeArray } from './read-array.js';

/** The coordinate variable of a dimension: a 1-D array of its name and size in the same group. Not read yet. */
export type Coordinate = { readonly node: ZarrNode; readonly metadata: ArrayMetadata; readonly attributes: JsonObject };

/** Enough for any axis of a raster; more would let metadata alone fill the memory. */
const MAX_COORDINATES = 2 ** 24;

/** The coordinate variable of dimension `name` of `size`, or null where there is none that we can read. */
export async function findCoordinate(
  hierarchy: Hierarchy,
  group: string,
  name: string,
  size: number,
): Promise<Coordinate | null> {
  const node = await hierarchy.node(joinPath(group, name));
  if (node === null || node.kind !== 'array') return null;
  try {
    const metadata = parseArrayMetadata(node);
    if (metadata.shape.length !== 1 || metadata.shape[0] !== size) return null;
    return { node, metadata, attributes: node.attributes };
  } catch (error) {
    // A coordinate of strings, or a broken one, does not keep the array from being read.
    if (error instanceof CubeError) return null;
    throw error;
  }
}

/** Coordinate values as numbers, `scale_factor` and `add_offset` applied. Errors: those of reading chunks. */
export async function readCoordinate(
  coordinate: Coordinate,
  sources: SourceFactory,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const values = Float64Array.from(await readStored(coordinate, sources, signal), Number);
  const scale = numberOr(member(coordinate.attributes, 'scale_factor'), 1);
  const offset = numberOr(member(coordinate.attributes, 'add_offset'), 0);
  return scale === 1 && offset === 0 ? values : values.map((value) => value * scale + offset);
}

/** True where the coordinate says that it is a time: CF units with "since", or numpy datetime64. */
export function isTimeCoordinate({ metadata, attributes }: Coordinate): boolean {
  return metadata.datetime !== null || isTimeUnits(text(attributes, 'units') ?? '');
}

/**
 * Milliseconds since 1970-01-01 UTC of a time coordinate. Errors: `unsupported` for calendars and units that we do not
 * read, `invalid-data` for missing times.
 */
export async function readTimes(
  coordinate: Coordinate,
  sources: SourceFactory,
  signal?: AbortSignal,
): Promise<number[]> {
  const { url } = coordinate.node;
  const units = timeUnits(coordinate);
  const times = decodeTimes(await readStored(coordinate, sources, signal), units);
  if (times === null) throw new CubeError({ kind: 'invalid-data', url, what: 'a time is missing or out of range' });
  return times;
}

function timeUnits({ node, metadata, attributes }: Coordinate): TimeUnits {
  if (metadata.datetime !== null) return { unitNs: metadata.datetime.nanoseconds, referenceMs: 0 };
  const units = text(attributes, 'units') ?? '';
  const calendar = text(attributes, 'calendar') ?? 'standard'; // the default of CF §4.4.1
  const parsed = parseTimeUnits(units, calendar);
  if (parsed !== null) return parsed;
  throw new CubeError({ kind: 'unsupported', feature: `time axis in "${units}", calendar ${calendar}`, url: node.url });
}

async function readStored(coordinate: Coordinate, sources: SourceFactory, signal?: AbortSignal) {
  return readWholeArray(plainLevel(coordinate), sources, {
    maxSamples: MAX_COORDINATES,
    ...(signal === undefined ? {} : { signal }),
  });
}

function plainLevel({ node, metadata }: Coordinate): RasterLevel {
  const { shape, chunkShape, dtype, codecs, fill, refs } = metadata;
  const nowhere = { identity: null, edge: 'padded', axes: null, crs: null, transform: null } as const;
  return { url: node.url, shape, chunkShape, dtype, codecs, fill, refs, ...nowhere };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** Attributes of the array at `path`, or null where there is no such array or it is not named by a string. */
export async function arrayAttributes(hierarchy: Hierarchy, path: string): Promise<JsonObject | null> {
  const node = await hierarchy.node(path);
  return node?.kind === 'array' && isObject(node.attributes) ? node.attributes : null;
}
