import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isKnownSame, identityOf } from '../io/with-identity.js';
import type { KnownRaster } from '../lake/reference-lake.js';
import type { StoredRaster } from '../lake/reference-rows.js';
import { storeRaster } from '../lake/store-raster.js';
import { chunksBeyond, type RasterLevel } from '../raster/level.js';
import { locateChunks } from '../raster/locate-chunks.js';
import { openRaster } from '../raster/open.js';
import type { Raster } from '../raster/raster.js';
import type { RasterName } from '../raster/raster-index.js';
import type { ScanTarget } from './scan-targets.js';

/**
 * A raster as rows for the lake, or null where the lake has it as it is: one small read tells, or, where no read can,
 * opening it. Problems: those of opening, `invalid-data` for a file that was cut off, `unsupported` for what cannot be
 * stored.
 */
export async function scanRaster(
  { href, variable, itemId, band, sources }: ScanTarget,
  name: RasterName,
  known: KnownRaster | null,
  signal: AbortSignal,
): Promise<StoredRaster | null> {
  if (known?.identity !== undefined && known.identity !== null) {
    const now = identityOf(await sources.open(href).read({ offset: 0, length: 1 }, { signal }));
    if (isKnownSame(known.identity, now)) return null;
  }
  const raster = await withLocatedLists(
    await openRaster(sources, href, { ...(variable === null ? {} : { variable }), signal }),
    sources,
    signal,
  );
  assertWhole(raster);
  // Files have no arrays; what their bands are called is no part of their name.
  const stored = raster.driver === 'geotiff' ? null : name.variable;
  const rows = storeRaster({ raster, href: name.url, variable: stored, itemId, band, scannedAt: Date.now() });
  return known !== null && sameLevels(rows, known) ? null : rows;
}

/**
 * References to whole objects have no lengths, and those to shards no places of their chunks: each object is asked. Plain Zarr is kept as the rule
 * that names its objects.
 */
async function withLocatedLists(raster: Raster, sources: SourceFactory, signal: AbortSignal): Promise<Raster> {
  const levels: RasterLevel[] = [];
  for (const level of raster.levels) {
    const { kind } = level.refs;
    levels.push(kind === 'list' || kind === 'shard-refs' ? await locateChunks(level, sources, { signal }) : level);
  }
  return { ...raster, levels };
}

function sameLevels({ levels }: StoredRaster, { levelIds }: KnownRaster): boolean {
  return levels.length === levelIds.size && levels.every(({ levelId }) => levelIds.has(levelId));
}

/** A file that was cut off opens all the same: its tiles would fail when they are read. */
function assertWhole({ url, levels, masks }: Raster): void {
  const beyond = [...levels, ...masks].reduce((sum, level) => sum + (level === null ? 0 : chunksBeyond(level)), 0);
  if (beyond === 0) return;
  const what = `${beyond} chunks reach past the end of the file (${levels[0]!.identity?.size} bytes): it was cut off`;
  throw new CubeError({ kind: 'invalid-data', url, what });
}
