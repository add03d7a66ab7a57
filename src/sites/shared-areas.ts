import type { Geometry } from '../vector/label.js';
import { BoxTree } from './candidates.js';
import { ShapeCollector, type FlatShapes } from './flat-shapes.js';
import { gapMetres } from './gap.js';
import { OverlapMeter } from './overlap-area.js';

/** What a site has of one zone. */
export type Share = {
  /** Number of the zone. */
  readonly zone: number;
  /** Square metres of the site in it; 0 for points. */
  readonly areaM2: number;
  /** Part of the site in it, 0 to 1: of its area, or of its points. */
  readonly share: number;
};

/** A zone that a site does not touch, and how far it is. */
export type NearZone = { readonly zone: number; readonly gapM: number };

/** Shares below this are rounding of coordinates: the site touches the zone. */
export const SHARE_ROUNDING = 1e-9;

/** A point this near to an edge (metres) lies on it: less than any survey knows, more than doubles lose. */
const ON_EDGE_M = 1e-3;

/**
 * Measures how sites lie in zones (countries, buildings, land cover). Every polygon of both is a shape of its own, so that zones may
 * reach around the Earth and sites may be cut at the antimeridian. Edges are straight in the equal-area projection. Geometries are valid
 * and in lon/lat, within ±180 degrees.
 */
export class SharedAreas {
  readonly #shapes: FlatShapes;
  readonly #meter: OverlapMeter;
  readonly #tree: BoxTree;
  /** Zone of each of the first shapes. */
  readonly #zoneOf: readonly number[];
  /** First shape of each site; one more at the end. */
  readonly #siteStarts: readonly number[];

  constructor(zones: readonly Geometry[], sites: readonly Geometry[]) {
    const collector = new ShapeCollector();
    const zoneOf: number[] = [];
    for (const [zone, geometry] of zones.entries()) {
      for (const part of partsOf(geometry)) {
        collector.add(part);
        zoneOf.push(zone);
      }
    }
    const siteStarts = [zoneOf.length];
    for (const site of sites) {
      let next = siteStarts.at(-1)!;
      for (const part of partsOf(site)) next = collector.add(part) + 1;
      siteStarts.push(next);
    }
    this.#shapes = collector.finish();
    this.#meter = new OverlapMeter(this.#shapes);
    this.#tree = new BoxTree(this.#shapes, (shape) => shape < zoneOf.length);
    this.#zoneOf = zoneOf;
    this.#siteStarts = siteStarts;
  }

  /** Square metres; 0 of points. */
  areaOf(site: number): number {
    let area = 0;
    for (const shape of this.#parts(site)) area += this.#shapes.areas[shape]!;
    return area;
  }

  /** The zones that a site lies in, in order of their numbers. A point on a border lies in all zones that meet there. */
  shares(site: number): Share[] {
    const total = this.areaOf(site);
    const parts = this.#parts(site);
    const found = new Map<number, number>();
    for (const part of parts) {
      const isPoint = this.#shapes.isPoint[part] === 1;
      const touched = new Set<number>();
      for (const shape of this.#tree.near(part, isPoint ? ON_EDGE_M : 0)) {
        const zone = this.#zoneOf[shape]!;
        if (!isPoint) found.set(zone, (found.get(zone) ?? 0) + this.#meter.area(part, shape));
        else if (!touched.has(zone) && gapMetres(this.#shapes, part, shape, ON_EDGE_M) < Infinity) {
          touched.add(zone);
          found.set(zone, (found.get(zone) ?? 0) + 1);
        }
      }
    }
    const whole = total > 0 ? total : parts.length;
    return [...found]
      .map(([zone, sum]) => ({ zone, areaM2: total > 0 ? sum : 0, share: Math.min(1, sum / whole) }))
      .filter(({ share }) => share > SHARE_ROUNDING)
      .sort((a, b) => a.zone - b.zone);
  }

  /** Zones within `reachM` metres of a site, the nearest first; of equals the one with the smaller number. */
  near(site: number, reachM: number): NearZone[] {
    const gaps = new Map<number, number>();
    for (const part of this.#parts(site)) {
      for (const shape of this.#tree.near(part, reachM)) {
        const gapM = gapMetres(this.#shapes, part, shape, reachM);
        const zone = this.#zoneOf[shape]!;
        if (gapM < (gaps.get(zone) ?? Infinity)) gaps.set(zone, gapM);
      }
    }
    return [...gaps].map(([zone, gapM]) => ({ zone, gapM })).sort((a, b) => a.gapM - b.gapM || a.zone - b.zone);
  }

  #parts(site: number): number[] {
    const [start, end] = [this.#siteStarts[site]!, this.#siteStarts[site + 1]!];
    return Array.from({ length: end - start }, (_, i) => start + i);
  }
}

function partsOf(geometry: Geometry): Geometry[] {
  if (geometry.kind === 'polygons')
    return geometry.polygons.map((polygon) => ({ kind: 'polygons', polygons: [polygon] }));
  const parts: Geometry[] = [];
  for (let i = 0; i < geometry.points.length; i += 2)
    parts.push({ kind: 'points', points: geometry.points.subarray(i, i + 2) });
  return parts;
}
