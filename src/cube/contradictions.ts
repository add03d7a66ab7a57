import { formatCrs, sameCrs } from '../grid/crs-definition.js';
import type { Candidate } from './candidate.js';
import { levelSize } from './read-window.js';

/**
 * Where the items' projection metadata contradicts the files. The files win; the run says so once for each kind of
 * contradiction, with a count and the first example.
 */
export function contradictions(candidates: readonly Candidate[], bands: readonly string[]): string[] {
  const found = new Map<string, { count: number; example: string }>();
  const add = (kind: string, example: string) => {
    const entry = found.get(kind) ?? { count: 0, example };
    found.set(kind, { ...entry, count: entry.count + 1 });
  };
  for (const { item, bands: sources } of candidates) {
    for (const [index, source] of sources.entries()) {
      const level = source?.raster.levels[0];
      const asset = item.assets.find(({ href }) => href === source?.href);
      if (level === undefined || asset === undefined || level.axes === null) continue;
      const where = `${item.id}, ${bands[index]!}`;
      const { width, height } = levelSize(level);
      if (asset.shape !== null && (asset.shape[0] !== height || asset.shape[1] !== width)) {
        add('proj:shape', `${where}: says ${asset.shape.join('×')}, the file is ${height}×${width}`);
      }
      if (asset.transform !== null && level.transform !== null && !sameTransform(asset.transform, level.transform)) {
        add(
          'proj:transform',
          `${where}: says [${asset.transform.join(', ')}], the file has [${level.transform.join(', ')}]`,
        );
      }
      if (asset.crs !== null && level.crs !== null && !sameCrs(asset.crs, level.crs)) {
        add('proj:code', `${where}: says ${formatCrs(asset.crs)}, the file is ${formatCrs(level.crs)}`);
      }
    }
  }
  return [...found].map(([kind, { count, example }]) => {
    const assets = `${count} asset${count === 1 ? '' : 's'}`;
    return `${kind} of ${assets} contradicts the files, which are used (${example})`;
  });
}

/** Equal within a thousandth of a pixel. */
function sameTransform(a: readonly number[], b: readonly number[]): boolean {
  const pixel = Math.max(Math.abs(b[0]!), Math.abs(b[1]!));
  return a.every((value, i) => Math.abs(value - b[i]!) <= pixel * 1e-3);
}
