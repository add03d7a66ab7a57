import type { Geometry, PolygonRings, Ring } from '../vector/label.js';
import { doubleSignedArea } from '../vector/ring-maths.js';
import { authalicQ, M2_PER_UNIT } from './equal-area.js';

/**
 * Many geometries in a few flat arrays, in coordinates that keep areas: longitude in degrees, and q of the latitude
 * (`authalicQ`). What lies across the antimeridian is in one piece, with longitudes up to 540.
 */
export type FlatShapes = {
  readonly count: number;
  /** lon, q, lon, q, … of all vertices; rings are closed, outer rings counter-clockwise, holes clockwise. */
  readonly coordinates: Float64Array;
  /** First vertex of each ring; one more at the end. Of points: a ring a point. */
  readonly ringStarts: Uint32Array;
  /** First ring of each shape; one more at the end. */
  readonly shapeStarts: Uint32Array;
  /** 1 where the shape is made of points. */
  readonly isPoint: Uint8Array;
  /** xmin, ymin, xmax, ymax of each shape, degrees of longitude and latitude. */
  readonly boxes: Float64Array;
  /** Square metres; 0 of points. */
  readonly areas: Float64Array;
};

/** Collects geometries into `FlatShapes`. */
export class ShapeCollector {
  #coordinates = new Float64Array(1024);
  #used = 0;
  readonly #ringStarts = new Growing();
  readonly #shapeStarts = new Growing();
  readonly #isPoint: number[] = [];
  readonly #boxes: number[] = [];
  readonly #areas: number[] = [];

  /** Add a valid geometry, lon/lat within ±180 and ±90 degrees, cut at the antimeridian; its number is the answer. */
  add(geometry: Geometry): number {
    const number = this.#areas.length;
    this.#shapeStarts.push(this.#ringStarts.length);
    const box = { xmin: Infinity, ymin: Infinity, xmax: -Infinity, ymax: -Infinity };
    let area = 0;
    if (geometry.kind === 'points') {
      for (let i = 0; i < geometry.points.length; i += 2)
        this.#addRing(geometry.points.subarray(i, i + 2), 0, false, box);
    } else {
      const crosses = isCut(geometry.polygons);
      for (const polygon of geometry.polygons) {
        const turn = crosses && isWest(polygon) ? 360 : 0;
        for (const [place, ring] of polygon.entries()) {
          const clockwise = doubleSignedArea(ring) < 0;
          area += this.#addRing(ring, turn, clockwise === (place === 0), box);
        }
      }
    }
    this.#isPoint.push(geometry.kind === 'points' ? 1 : 0);
    this.#boxes.push(box.xmin, box.ymin, box.xmax, box.ymax);
    this.#areas.push(area * M2_PER_UNIT);
    return number;
  }

  finish(): FlatShapes {
    this.#shapeStarts.push(this.#ringStarts.length);
    this.#ringStarts.push(this.#used / 2);
    return {
      count: this.#areas.length,
      coordinates: this.#coordinates.subarray(0, this.#used),
      ringStarts: this.#ringStarts.values(),
      shapeStarts: this.#shapeStarts.values(),
      isPoint: Uint8Array.from(this.#isPoint),
      boxes: Float64Array.from(this.#boxes),
      areas: Float64Array.from(this.#areas),
    };
  }

  /** The ring's signed area, in units. */
  #addRing(ring: Ring, turn: number, reversed: boolean, box: MutableBox): number {
    this.#ringStarts.push(this.#used / 2);
    this.#reserve(ring.length);
    const start = this.#used;
    for (let i = 0; i < ring.length; i += 2) {
      const from = reversed ? ring.length - 2 - i : i;
      const lon = ring[from]! + turn;
      const lat = ring[from + 1]!;
      this.#coordinates[this.#used++] = lon;
      this.#coordinates[this.#used++] = authalicQ(lat);
      if (lon < box.xmin) box.xmin = lon;
      if (lon > box.xmax) box.xmax = lon;
      if (lat < box.ymin) box.ymin = lat;
      if (lat > box.ymax) box.ymax = lat;
    }
    return doubleSignedArea(this.#coordinates.subarray(start, this.#used)) / 2;
  }

  #reserve(values: number): void {
    if (this.#used + values <= this.#coordinates.length) return;
    const larger = new Float64Array(Math.max(this.#coordinates.length * 2, this.#used + values));
    larger.set(this.#coordinates.subarray(0, this.#used));
    this.#coordinates = larger;
  }
}

/** The same shapes in another order: shape `order[i]` becomes shape i. */
export function reorderShapes(shapes: FlatShapes, order: Uint32Array): FlatShapes {
  const coordinates = new Float64Array(shapes.coordinates.length);
  const ringStarts = new Uint32Array(shapes.ringStarts.length);
  const shapeStarts = new Uint32Array(shapes.shapeStarts.length);
  const boxes = new Float64Array(shapes.boxes.length);
  let [ring, vertex] = [0, 0];
  for (const [place, shape] of order.entries()) {
    shapeStarts[place] = ring;
    for (let from = shapes.shapeStarts[shape]!; from < shapes.shapeStarts[shape + 1]!; from++) {
      ringStarts[ring++] = vertex;
      const [start, end] = [shapes.ringStarts[from]!, shapes.ringStarts[from + 1]!];
      coordinates.set(shapes.coordinates.subarray(2 * start, 2 * end), 2 * vertex);
      vertex += end - start;
    }
    boxes.set(shapes.boxes.subarray(4 * shape, 4 * shape + 4), 4 * place);
  }
  shapeStarts[order.length] = ring;
  ringStarts[ring] = vertex;
  return {
    count: shapes.count,
    coordinates,
    ringStarts,
    shapeStarts,
    boxes,
    isPoint: Uint8Array.from(order, (shape) => shapes.isPoint[shape]!),
    areas: Float64Array.from(order, (shape) => shapes.areas[shape]!),
  };
}

type MutableBox = { xmin: number; ymin: number; xmax: number; ymax: number };

/** Whether a geometry touches the antimeridian from both sides: then its parts belong together there. */
function isCut(polygons: readonly PolygonRings[]): boolean {
  if (polygons.length < 2) return false;
  let [west, east] = [false, false];
  for (const [outer] of polygons) {
    for (let i = 0; i < outer!.length; i += 2) {
      const lon = outer![i];
      west ||= lon === -180;
      east ||= lon === 180;
    }
  }
  return west && east;
}

function isWest([outer]: PolygonRings): boolean {
  return outer!.every((value, i) => i % 2 === 1 || value <= 0);
}

/** A list of whole numbers that grows. */
class Growing {
  #values = new Uint32Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  values(): Uint32Array {
    return this.#values.slice(0, this.length);
  }
}
