import { CubeError } from '../errors.js';
import { formatCrs, sameCrs } from './crs-definition.js';
import type { Crs } from './crs.js';

/**
 * The CRS of most sources, where more than a tenth of them share it (G4, as for whole grids); between equals the order of
 * the names decides. Null where there is no source. Problem: `invalid-spec` with the CRSs and their counts.
 */
export function commonCrs(sources: readonly Crs[]): Crs | null {
  const groups: { readonly crs: Crs; count: number }[] = [];
  for (const crs of sources) {
    const group = groups.find((one) => sameCrs(one.crs, crs));
    if (group === undefined) groups.push({ crs, count: 1 });
    else group.count++;
  }
  groups.sort((a, b) => b.count - a.count || (formatCrs(a.crs) < formatCrs(b.crs) ? -1 : 1));
  const [first] = groups;
  if (first === undefined) return null;
  if (groups.length === 1 || first.count > sources.length / 10) return first.crs;
  const list = groups.slice(0, 8).map(({ crs, count }) => `${formatCrs(crs).slice(0, 60)}: ${count}`);
  const rest = groups.length > 8 ? `; and ${groups.length - 8} more` : '';
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'grid.crs',
    what: `no CRS is that of a tenth of the ${sources.length} sources: ${list.join('; ')}${rest}`,
    fix: 'set grid.crs',
  });
}
