import { CubeError } from '../errors.js';
import { flattenGeometries, type FlatGeometries, type PlaneGeometry } from './flat-geometries.js';
import { nativeFunctions } from './load.js';

/** Which cells a cover has. */
export type CoverCellsOptions = {
  /** Of H3, 0 to 15. */
  readonly resolution: number;
  /** Of a mean cell of that resolution. */
  readonly meanAreaM2: number;
  /** A cell that an edge grazes by less may be missed; at least 1e-12. */
  readonly grazeDegrees: number;
  /** That share the work, this one included; 1 by default. */
  readonly threads?: number;
};

/** Cells of geometry i, ascending: those before number `ends[i]`. */
export type CellCovers = { readonly cells: BigUint64Array; readonly ends: Uint32Array };

/** The H3 cells of geometries in lon/lat degrees; a geometry has at most some million. */
export type CoverCells = (geometries: readonly PlaneGeometry[], options: CoverCellsOptions) => CellCovers;

type CellFunctions = {
  coverCells(
    points: Float64Array,
    ringEnds: Uint32Array,
    polygonEnds: Uint32Array,
    geometryEnds: Uint32Array,
    kinds: Uint8Array,
    resolution: number,
    meanArea: number,
    graze: number,
    first: number,
    threads: number,
    cells: Uint32Array,
    ends: Uint32Array,
  ): number;
};

/** Cells that a call has room for at first, more where there are many geometries, and how far that may grow: a geometry has four million at most. */
const ROOM = 1 << 12;
const CELLS_OF_EACH = 4;
const MOST_ROOM = 1 << 23;

/**
 * The addon's covers, or null where there is no addon: then `h3Cover` of src/vector/h3-cover.ts, their twin, does it. Problem:
 * `invalid-argument` where a coordinate is no longitude or latitude, or a geometry has too many cells.
 */
export function nativeCoverCells(): CoverCells | null {
  const native = nativeFunctions<CellFunctions>(['coverCells']);
  if (native === null) return null;
  return (geometries, options) => {
    const flat = flattenGeometries(geometries);
    const ends = new Uint32Array(geometries.length);
    const parts: BigUint64Array[] = [];
    let [room, length] = [ROOM + CELLS_OF_EACH * geometries.length, 0];
    for (let first = 0; first < geometries.length;) {
      const cells = new BigUint64Array(room);
      const done = cover(native, flat, options, { first, cells, ends: ends.subarray(first) });
      if (done === 0 && room < MOST_ROOM) {
        room *= 2;
        continue;
      }
      if (done <= 0) throw failure(options, first, done);
      for (let i = first; i < first + done; i++) ends[i]! += length;
      const part = cells.subarray(0, ends[first + done - 1]! - length);
      parts.push(part);
      length += part.length;
      first += done;
    }
    return { cells: joined(parts, length), ends };
  };
}

type Room = { readonly first: number; readonly cells: BigUint64Array; readonly ends: Uint32Array };

function cover(
  native: CellFunctions,
  { points, ringEnds, polygonEnds, geometryEnds, kinds }: FlatGeometries,
  { resolution, meanAreaM2, grazeDegrees, threads = 1 }: CoverCellsOptions,
  { first, cells, ends }: Room,
): number {
  const halves = new Uint32Array(cells.buffer, cells.byteOffset, 2 * cells.length);
  return native.coverCells(
    points,
    ringEnds,
    polygonEnds,
    geometryEnds,
    kinds,
    resolution,
    meanAreaM2,
    grazeDegrees,
    first,
    threads,
    halves,
    ends,
  );
}

function joined(parts: readonly BigUint64Array[], length: number): BigUint64Array {
  if (parts.length === 1) return parts[0]!;
  const all = new BigUint64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function failure({ resolution }: CoverCellsOptions, from: number, code: number): CubeError {
  const what = `the H3 cells at resolution ${resolution} of geometries from number ${from} on (${code})`;
  const fix = 'give longitudes within ±180 and latitudes within ±90, and a lower resolution for large polygons';
  return new CubeError({ kind: 'invalid-argument', what, fix });
}
