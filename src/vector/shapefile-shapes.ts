import { CubeError } from '../errors.js';
import { organiseRings } from './organise-rings.js';
import type { Ring } from './label.js';
import { pointsOrEmpty, polygonsOrEmpty, unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';

// ESRI Shapefile Technical Description, July 1998.
const HEADER_BYTES = 100;
const FILE_CODE = 9994;
const RECORD_HEADER_BYTES = 8;
const NULL_SHAPE = 0;
const POINT = 1;
const POLYLINE = 3;
const POLYGON = 5;
const MULTI_POINT = 8;
const MULTI_PATCH = 31;

/** The shapes of a .shp file, in record order. */
export type Shapes = { readonly geometries: readonly RawGeometry[] };

/**
 * Read the shapes of a .shp file. With the .shx they are found by its index (a file edited in place keeps stale
 * records between live ones), without it one after the other. Z and M are dropped. A file whose structure is broken is
 * `invalid-data`; one broken record is `unusable`.
 */
export function parseShapes(shp: Uint8Array, shx: Uint8Array | null, url: string): Shapes {
  checkHeader(shp, url, '.shp');
  if (shx !== null) checkHeader(shx, url, '.shx');
  const places = shx === null ? sequentialPlaces(shp, url) : indexedPlaces(shx, shp.length);
  return {
    geometries: places.map((place) =>
      place === null ? unusable('the .shx points outside the .shp') : readShape(shp, place),
    ),
  };
}

/** Content of one record, without its header. */
type Place = { readonly offset: number; readonly byteLength: number };

function checkHeader(bytes: Uint8Array, url: string, part: string): void {
  if (bytes.length < HEADER_BYTES || view(bytes).getInt32(0) !== FILE_CODE) {
    throw new CubeError({
      kind: 'invalid-data',
      url,
      what: `the ${part} does not start with file code ${FILE_CODE}`,
      offset: 0,
    });
  }
}

function indexedPlaces(shx: Uint8Array, shpLength: number): (Place | null)[] {
  const data = view(shx);
  const count = Math.floor((shx.length - HEADER_BYTES) / 8);
  const places: (Place | null)[] = [];
  for (let i = 0; i < count; i++) {
    const offset = data.getInt32(HEADER_BYTES + 8 * i) * 2 + RECORD_HEADER_BYTES; // in 16-bit words
    const byteLength = data.getInt32(HEADER_BYTES + 8 * i + 4) * 2;
    const inside = offset >= HEADER_BYTES + RECORD_HEADER_BYTES && byteLength >= 4 && offset + byteLength <= shpLength;
    places.push(inside ? { offset, byteLength } : null);
  }
  return places;
}

function sequentialPlaces(shp: Uint8Array, url: string): Place[] {
  const data = view(shp);
  const places: Place[] = [];
  let at = HEADER_BYTES;
  while (at + RECORD_HEADER_BYTES <= shp.length) {
    const byteLength = data.getInt32(at + 4) * 2;
    if (byteLength < 4 || at + RECORD_HEADER_BYTES + byteLength > shp.length) {
      const what = `record ${places.length + 1} claims ${byteLength} bytes, past the end of the .shp`;
      throw new CubeError({ kind: 'invalid-data', url, what, offset: at });
    }
    places.push({ offset: at + RECORD_HEADER_BYTES, byteLength });
    at += RECORD_HEADER_BYTES + byteLength;
  }
  return places;
}

function readShape(shp: Uint8Array, { offset, byteLength }: Place): RawGeometry {
  const data = new DataView(shp.buffer, shp.byteOffset + offset, byteLength);
  const code = data.getInt32(0, true);
  if (code === NULL_SHAPE) return unusable('no geometry');
  switch (code === MULTI_PATCH ? MULTI_PATCH : code % 10) {
    case POINT:
      return byteLength < 20 ? unusable('a point record cut short') : pointsOrEmpty(readPoints(data, 4, 1));
    case MULTI_POINT:
      return readMultiPoint(data);
    case POLYGON:
      return readPolygon(data);
    case POLYLINE:
      return unusable('PolyLine has no area');
    case MULTI_PATCH:
      return unusable('MultiPatch is not read');
    default:
      return unusable(`unknown shape type ${code}`);
  }
}

/** Box (32 bytes), number of points, points. */
function readMultiPoint(data: DataView): RawGeometry {
  if (data.byteLength < 40) return unusable('a multipoint record cut short');
  const count = data.getInt32(36, true);
  if (count < 0 || 40 + count * 16 > data.byteLength)
    return unusable(`a multipoint record that claims ${count} points`);
  return pointsOrEmpty(readPoints(data, 40, count));
}

/** Box (32 bytes), number of parts, number of points, first point of every part, points. */
function readPolygon(data: DataView): RawGeometry {
  if (data.byteLength < 44) return unusable('a polygon record cut short');
  const parts = data.getInt32(36, true);
  const points = data.getInt32(40, true);
  const first = 44 + parts * 4;
  if (parts < 0 || points < 0 || first + points * 16 > data.byteLength) {
    return unusable(`a polygon record that claims ${parts} parts and ${points} points`);
  }
  const rings: Ring[] = [];
  for (let i = 0; i < parts; i++) {
    const start = data.getInt32(44 + 4 * i, true);
    const end = i + 1 < parts ? data.getInt32(48 + 4 * i, true) : points;
    if (start < 0 || end < start || end > points)
      return unusable(`part ${i + 1} spans points ${start} to ${end} of ${points}`);
    if (end > start) rings.push(readPoints(data, first + start * 16, end - start));
  }
  return polygonsOrEmpty(organiseRings(rings));
}

function readPoints(data: DataView, offset: number, count: number): Float64Array {
  const xy = new Float64Array(count * 2);
  for (let i = 0; i < xy.length; i++) xy[i] = data.getFloat64(offset + 8 * i, true);
  return xy;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
