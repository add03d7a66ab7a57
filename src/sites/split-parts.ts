import type { PolygonRings } from '../vector/label.js';
import { BoxTree } from './candidates.js';
import { ShapeCollector } from './flat-shapes.js';
import { gapMetres } from './gap.js';
import { UnionFind } from './union-find.js';

/**
 * The polygons of a feature in groups that lie at most `limitM` metres from each other, one after the other, in order of their first
 * members: what lies farther apart is another place.
 */
export function splitParts(polygons: readonly PolygonRings[], limitM: number): PolygonRings[][] {
  if (polygons.length < 2) return [[...polygons]];
  const collector = new ShapeCollector();
  for (const polygon of polygons) collector.add({ kind: 'polygons', polygons: [polygon] });
  const shapes = collector.finish();
  const tree = new BoxTree(shapes, () => true);
  const sets = new UnionFind(polygons.length);
  for (let i = 0; i < polygons.length; i++) {
    for (const j of tree.near(i, limitM)) {
      if (j > i && sets.find(i) !== sets.find(j) && gapMetres(shapes, i, j, limitM) <= limitM) sets.join(i, j);
    }
  }
  const groups = new Map<number, PolygonRings[]>();
  for (const [i, polygon] of polygons.entries()) {
    const root = sets.find(i);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [polygon]);
    else group.push(polygon);
  }
  return [...groups.values()];
}
