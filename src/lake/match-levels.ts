import { rasterKey, type RasterName } from '../raster/raster-index.js';
import type { FoundLevel } from './select-levels.js';

/** The rows that belong to each name, by `rasterKey`: those of the newest scan, where several are there. */
export function matchLevels(names: readonly RasterName[], rows: readonly FoundLevel[]): Map<string, FoundLevel[]> {
  const byHref = new Map<string, FoundLevel[]>();
  for (const row of rows) byHref.set(row.href, [...(byHref.get(row.href) ?? []), row]);
  const matched = new Map<string, FoundLevel[]>();
  for (const name of names) {
    // A GeoTIFF has no arrays to choose from, whatever array a band's name asks for.
    const own = (byHref.get(name.url) ?? []).filter(
      ({ driver, variable }) => driver === 'geotiff' || variable === name.variable,
    );
    const newest = own.reduce<FoundLevel | null>(
      (best, row) => (best === null || isNewer(row, best) ? row : best),
      null,
    );
    if (newest !== null)
      matched.set(
        rasterKey(name),
        own.filter(({ runId }) => runId === newest.runId),
      );
  }
  return matched;
}

/** Two processes may have scanned one raster at once; any rule that never wavers will do then. */
function isNewer(a: FoundLevel, b: FoundLevel): boolean {
  return a.scannedAt === b.scannedAt ? a.runId > b.runId : a.scannedAt > b.scannedAt;
}
