import type { FlatTable } from './flat-table.js';
import type { Ring } from './label.js';
import { mergeCollection, pointsOrEmpty, polygonsOrEmpty, unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';

/** Fields of the Geometry table. */
const FIELD = { ends: 0, xy: 1, type: 6, parts: 7 } as const;
/** Geometry types, as in WKB. */
const TYPE = { unknown: 0, point: 1, polygon: 3, multiPoint: 4, multiPolygon: 6, collection: 7 } as const;
const MAX_DEPTH = 16;

/** The geometry of a FlatGeobuf feature; `fallback` is the header's type, for geometries that do not name their own. */
export function flatGeometry(table: FlatTable, fallback: number, depth = 0): RawGeometry {
  const own = table.uint8(FIELD.type) ?? TYPE.unknown;
  const type = own === TYPE.unknown ? fallback : own;
  switch (type) {
    case TYPE.point:
    case TYPE.multiPoint:
      return pointsOrEmpty(coordinates(table));
    case TYPE.polygon:
      return polygonOf(table);
    case TYPE.multiPolygon:
      return members(table, TYPE.polygon, depth);
    case TYPE.collection:
      return members(table, TYPE.unknown, depth);
    default:
      return unusable(`geometry type ${type} has no area that is read`);
  }
}

function members(table: FlatTable, fallback: number, depth: number): RawGeometry {
  if (depth > MAX_DEPTH) return unusable('geometry collections nested too deep');
  return mergeCollection(table.tables(FIELD.parts).map((part) => flatGeometry(part, fallback, depth + 1)));
}

/** `ends` holds, ring by ring, the number of vertices up to its end; one ring may leave it out. */
function polygonOf(table: FlatTable): RawGeometry {
  const xy = coordinates(table);
  const ends = table.uint32s(FIELD.ends) ?? [xy.length / 2];
  const rings: Ring[] = [];
  let start = 0;
  for (const end of ends) {
    if (end < start || end * 2 > xy.length)
      return unusable(`a ring spans vertices ${start} to ${end} of ${xy.length / 2}`);
    rings.push(xy.slice(start * 2, end * 2));
    start = end;
  }
  return polygonsOrEmpty([rings]);
}

function coordinates(table: FlatTable): Float64Array {
  const xy = table.float64s(FIELD.xy) ?? new Float64Array(0);
  return xy.length % 2 === 0 ? xy : xy.slice(0, -1);
}
