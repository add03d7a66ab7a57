import { formatCrs } from '../../grid/crs-definition.js';
import type { SourcePlane } from './source-plane.js';

type Grid = Pick<SourcePlane, 'crs' | 'transform' | 'size'>;

/**
 * Paths of the groups of several grids: CRS and pixel size ("EPSG_32633_10"), with the upper left corner where two grids share
 * both, and a number where even that is not enough. One grid needs no group: its path is ''. Pure.
 */
export function groupNames(grids: readonly Grid[]): string[] {
  if (grids.length < 2) return grids.map(() => '');
  const short = grids.map(({ crs, transform }) => {
    const code = crs === null ? 'grid' : crs.kind === 'epsg' ? formatCrs(crs).replace(':', '_') : 'wkt';
    if (transform === null) return code;
    const [width, height] = [transform[0], -transform[4]];
    return `${code}_${width}${width === height ? '' : `x${height}`}`;
  });
  const long = short.map((name, i) => {
    const { transform } = grids[i]!;
    return isUnique(short, name) || transform === null ? name : `${name}_${transform[2]}_${transform[5]}`;
  });
  return long.map((name, i) => {
    const before = long.slice(0, i).filter((other) => other === name).length;
    return isUnique(long, name) ? name : `${name}_${before + 1}`;
  });
}

function isUnique(names: readonly string[], name: string): boolean {
  return names.indexOf(name) === names.lastIndexOf(name);
}
