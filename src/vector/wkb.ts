import type { Geometry, PolygonRings, Ring } from './label.js';
import { EMPTY, isEmpty, mergeCollection, pointsOrEmpty, polygonsOrEmpty, unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';

// Type codes of OGC 06-103r4 §8.2; +1000, +2000, +3000 for Z, M and ZM.
const POINT = 1;
const POLYGON = 3;
const MULTI_POINT = 4;
const MULTI_POLYGON = 6;
const COLLECTION = 7;
const NAMES: Readonly<Record<number, string>> = {
  2: 'LineString',
  5: 'MultiLineString',
  8: 'CircularString',
  9: 'CompoundCurve',
  10: 'CurvePolygon',
  11: 'MultiCurve',
  12: 'MultiSurface',
  15: 'PolyhedralSurface',
  16: 'TIN',
};
/** Made of points; the others of `NAMES` are made of whole geometries. */
const OF_POINTS: ReadonlySet<number> = new Set([2, 8]);
/** Flags of PostGIS's EWKB in the type word. */
const EWKB_Z = 0x80000000;
const EWKB_M = 0x40000000;
const EWKB_SRID = 0x20000000;
/** Whether numbers of this machine are in the order of the WKB that we write: then they are copied, not converted. */
const IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** Collections inside collections; real files have one level. */
const MAX_DEPTH = 16;

/**
 * Read ISO WKB or EWKB of any byte order. Z and M are dropped. Bytes that break the format give `unusable` with the
 * reason, as do lines and curves; it never throws.
 */
export function parseWkb(bytes: Uint8Array): RawGeometry {
  const reader = new Reader(bytes);
  const geometry = readGeometry(reader, 0);
  if (reader.broken !== null) return unusable(`corrupt WKB: ${reader.broken}`);
  return geometry;
}

/** Write little-endian ISO WKB: Polygon or MultiPolygon, Point or MultiPoint, by the number of parts. */
export function formatWkb(geometry: Geometry): Uint8Array {
  const writer = new Writer(wkbLength(geometry));
  if (geometry.kind === 'points') writePoints(writer, geometry.points);
  else writePolygons(writer, geometry.polygons);
  return writer.bytes;
}

function readGeometry(reader: Reader, depth: number): RawGeometry {
  if (depth > MAX_DEPTH) return reader.fail('collections nested too deep');
  const { type, dimensions } = reader.header();
  switch (type) {
    case POINT:
      return readPoint(reader, dimensions);
    case POLYGON:
      return polygonsOrEmpty([readRings(reader, dimensions)]);
    case MULTI_POINT:
    case MULTI_POLYGON:
    case COLLECTION:
      return readMembers(reader, type, depth);
    default:
      return skipOther(reader, { type, dimensions }, depth);
  }
}

/** Read past lines and curves: in a collection polygons may follow. */
function skipOther(
  reader: Reader,
  { type, dimensions }: { type: number; dimensions: number },
  depth: number,
): RawGeometry {
  const name = NAMES[type];
  if (name === undefined) return reader.fail(`geometry type ${type}`);
  if (OF_POINTS.has(type)) reader.coordinates(reader.count(dimensions * 8), dimensions);
  else readMembers(reader, type, depth);
  return unusable(`${name} has no area that is read`);
}

function readPoint(reader: Reader, dimensions: number): RawGeometry {
  const xy = reader.coordinates(1, dimensions);
  // OGC 12-128r14 (GeoPackage) §2.1.3: an empty point is a point of NaN.
  return Number.isNaN(xy[0]) && Number.isNaN(xy[1]) ? unusable(EMPTY) : pointsOrEmpty(xy);
}

function readRings(reader: Reader, dimensions: number): Ring[] {
  const rings: Ring[] = [];
  const count = reader.count(4);
  for (let i = 0; i < count && reader.broken === null; i++) {
    rings.push(reader.coordinates(reader.count(dimensions * 8), dimensions));
  }
  return rings;
}

function readMembers(reader: Reader, type: number, depth: number): RawGeometry {
  const members: RawGeometry[] = [];
  const count = reader.count(5);
  for (let i = 0; i < count && reader.broken === null; i++) members.push(readGeometry(reader, depth + 1));
  if (type !== MULTI_POINT) return members.every(isEmpty) ? unusable(EMPTY) : mergeCollection(members);
  const points = members.flatMap((member) => (member.kind === 'points' ? [...member.points] : []));
  return pointsOrEmpty(Float64Array.from(points));
}

/** Reads forward and never past the end: the first fault is kept in `broken` and everything after it reads as zero. */
class Reader {
  broken: string | null = null;
  readonly #view: DataView;
  #at = 0;
  #little = true;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(what: string): RawGeometry {
    this.broken ??= `${what} at byte ${this.#at}`;
    return unusable(what);
  }

  header(): { type: number; dimensions: number } {
    if (!this.#has(5)) return { type: 0, dimensions: 2 };
    const order = this.#view.getUint8(this.#at);
    if (order > 1) this.fail(`byte order ${order}`);
    this.#little = order === 1;
    const word = this.#view.getUint32(this.#at + 1, this.#little);
    this.#at += 5;
    if ((word & EWKB_SRID) !== 0 && this.#has(4)) this.#at += 4;
    const code = word & 0x0fffffff;
    const iso = Math.floor(code / 1000);
    if (iso > 3) this.fail(`geometry type ${code}`);
    const z = (word & EWKB_Z) !== 0 || iso === 1 || iso === 3;
    const m = (word & EWKB_M) !== 0 || iso === 2 || iso === 3;
    return { type: code % 1000, dimensions: 2 + Number(z) + Number(m) };
  }

  /** A count of things of at least `byteLength` bytes each, checked against what is left. */
  count(byteLength: number): number {
    if (!this.#has(4)) return 0;
    const count = this.#view.getUint32(this.#at, this.#little);
    this.#at += 4;
    return this.#has(count * byteLength) ? count : 0;
  }

  coordinates(count: number, dimensions: number): Float64Array {
    if (!this.#has(count * dimensions * 8)) return new Float64Array(0);
    const xy = new Float64Array(count * 2);
    if (dimensions === 2 && this.#little && IS_LITTLE) {
      const { buffer, byteOffset } = this.#view;
      new Uint8Array(xy.buffer).set(new Uint8Array(buffer, byteOffset + this.#at, count * 16));
      this.#at += count * 16;
      return xy;
    }
    for (let i = 0; i < count; i++) {
      xy[2 * i] = this.#view.getFloat64(this.#at, this.#little);
      xy[2 * i + 1] = this.#view.getFloat64(this.#at + 8, this.#little);
      this.#at += dimensions * 8;
    }
    return xy;
  }

  #has(byteLength: number): boolean {
    if (this.broken === null && this.#at + byteLength > this.#view.byteLength) this.fail(`${byteLength} bytes missing`);
    return this.broken === null;
  }
}

function wkbLength(geometry: Geometry): number {
  if (geometry.kind === 'points') {
    const count = geometry.points.length / 2;
    return count === 1 ? 21 : 9 + count * 21;
  }
  let length = geometry.polygons.length === 1 ? 0 : 9;
  for (const polygon of geometry.polygons) {
    length += 9;
    for (const ring of polygon) length += 4 + ring.length * 8;
  }
  return length;
}

function writePoints(writer: Writer, points: Float64Array): void {
  const count = points.length / 2;
  if (count !== 1) writer.header(MULTI_POINT, count);
  for (let i = 0; i < count; i++) {
    writer.header(POINT);
    writer.coordinates(points.subarray(2 * i, 2 * i + 2));
  }
}

function writePolygons(writer: Writer, polygons: readonly PolygonRings[]): void {
  if (polygons.length !== 1) writer.header(MULTI_POLYGON, polygons.length);
  for (const polygon of polygons) {
    writer.header(POLYGON, polygon.length);
    for (const ring of polygon) {
      writer.count(ring.length / 2);
      writer.coordinates(ring);
    }
  }
}

class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  header(type: number, count?: number): void {
    this.#view.setUint8(this.#at, 1);
    this.#view.setUint32(this.#at + 1, type, true);
    this.#at += 5;
    if (count !== undefined) this.count(count);
  }

  count(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  coordinates(values: Float64Array): void {
    if (IS_LITTLE) {
      this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.#at);
      this.#at += values.byteLength;
      return;
    }
    for (const value of values) {
      this.#view.setFloat64(this.#at, value, true);
      this.#at += 8;
    }
  }
}
