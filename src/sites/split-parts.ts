import type { Geometry } from '../vector/label.js';
import { BoxTree } from './candidates.js';
import { ShapeCollector } from './flat-shapes.js';
import { gapMetres } from './gap.js';
import { UnionFind } from './union-find.js';

/**
 * The parts of a geometry (polygons, or points) in groups that lie at most `limitM` metres from each other, one after the other, in order of their
 * first members: what lies farther apart is another place.
 */
export function splitParts(geometry: Geometry, limitM: number): Geometry[] {
  const parts = partsOf(geometry);
  if (parts.length < 2) return [geometry];
  const collector = new ShapeCollector();
  for (const part of parts) collector.add(part);
  const shapes = collector.finish();
  const tree = new BoxTree(shapes, () => true);
  const sets = new UnionFind(parts.length);
  for (let i = 0; i < parts.length; i++) {
    for (const j of tree.near(i, limitM)) {
      if (j > i && sets.find(i) !== sets.find(j) && gapMetres(shapes, i, j, limitM) <= limitM) sets.join(i, j);
    }
  }
  const groups = new Map<number, Geometry[]>();
  for (const [i, part] of parts.entries()) {
    const root = sets.find(i);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [part]);
    else group.push(part);
  }
  return [...groups.values()].map(together);
}

function partsOf(geometry: Geometry): Geometry[] {
  if (geometry.kind === 'polygons') {
    return geometry.polygons.map((polygon) => ({ kind: 'polygons', polygons: [polygon] }));
  }
  const { points } = geometry;
  return Array.from({ length: points.length / 2 }, (_, i) => ({
    kind: 'points',
    points: points.slice(2 * i, 2 * i + 2),
  }));
}

/** Parts of one kind as one geometry. */
function together(parts: readonly Geometry[]): Geometry {
  if (parts[0]!.kind === 'polygons') {
    return { kind: 'polygons', polygons: parts.flatMap((part) => (part.kind === 'polygons' ? part.polygons : [])) };
  }
  return {
    kind: 'points',
    points: Float64Array.from(parts.flatMap((part) => (part.kind === 'points' ? [...part.points] : []))),
  };
}
