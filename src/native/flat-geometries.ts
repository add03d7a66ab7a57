/** A geometry in x, y pairs: what `Geometry` of src/vector/label.ts is, and one that cannot be used. */
export type PlaneGeometry =
  | { readonly kind: 'points'; readonly points: Float64Array }
  | { readonly kind: 'polygons'; readonly polygons: readonly (readonly Float64Array[])[] }
  | { readonly kind: 'unusable' };

/**
 * Many geometries in flat arrays. Ring i ends before point `ringEnds[i]` of `points` (x, y pairs), polygon i before ring
 * `polygonEnds[i]` (its shell comes first), geometry i before polygon `geometryEnds[i]`. Points are one ring of one polygon.
 */
export type FlatGeometries = {
  readonly points: Float64Array;
  readonly ringEnds: Uint32Array;
  readonly polygonEnds: Uint32Array;
  readonly geometryEnds: Uint32Array;
  /** Places in `KINDS`. */
  readonly kinds: Uint8Array;
};

/** In the order of the addon's numbers. */
const KINDS: readonly PlaneGeometry['kind'][] = ['unusable', 'points', 'polygons'];

/** Flatten geometries for the addon. */
export function flattenGeometries(geometries: readonly PlaneGeometry[]): FlatGeometries {
  const all = geometries.map(polygonsOf);
  let [polygons, rings, numbers] = [0, 0, 0];
  for (const list of all) {
    polygons += list.length;
    for (const polygon of list) {
      rings += polygon.length;
      for (const ring of polygon) numbers += ring.length;
    }
  }
  const flat = {
    points: new Float64Array(numbers),
    ringEnds: new Uint32Array(rings),
    polygonEnds: new Uint32Array(polygons),
    geometryEnds: new Uint32Array(all.length),
    kinds: Uint8Array.from(geometries, ({ kind }) => KINDS.indexOf(kind)),
  };
  [polygons, rings, numbers] = [0, 0, 0];
  for (const [i, list] of all.entries()) {
    for (const polygon of list) {
      for (const ring of polygon) {
        flat.points.set(ring, numbers);
        numbers += ring.length;
        flat.ringEnds[rings++] = numbers / 2;
      }
      flat.polygonEnds[polygons++] = rings;
    }
    flat.geometryEnds[i] = polygons;
  }
  return flat;
}

function polygonsOf(geometry: PlaneGeometry): readonly (readonly Float64Array[])[] {
  if (geometry.kind === 'polygons') return geometry.polygons;
  return geometry.kind === 'points' ? [[geometry.points]] : [];
}
