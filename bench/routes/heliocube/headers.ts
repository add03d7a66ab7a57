import { join } from 'node:path';
import { openRasterIndex } from '../../../src/build/lake-input.js';
import { scanReferences } from '../../../src/build/scan-references.js';
import { MAX_REQUESTS } from '../../../src/io/origin-limit.js';
import { runLanes } from '../../../src/io/run-lanes.js';
import { createSources } from '../../../src/io/sources.js';
import { openRaster } from '../../../src/raster/open.js';
import { rasterKey } from '../../../src/raster/raster-index.js';
import type { Raster } from '../../../src/raster/raster.js';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Place, type Work } from '../../route.js';

/** The levels of all URLs, opened as a scan opens them; `stored`: the scan itself, into a lake. */
export function prepareHeaders({ urls, stored }: JobOf<'headers'>, { round, scratch }: Place): Work {
  const hrefs = urls.map((url) => url.replace('{round}', String(round)));
  if (stored) return () => scan(hrefs, join(scratch, 'lake.ducklake'));
  return async () => {
    const rasters = await openAll(hrefs);
    return { result: () => rasters.flatMap(places) };
  };
}

async function openAll(hrefs: readonly string[]): Promise<Raster[]> {
  const sources = createSources();
  const rasters = new Array<Raster>(hrefs.length);
  try {
    await runLanes(hrefs.entries(), MAX_REQUESTS, async ([i, href], signal) => {
      rasters[i] = await openRaster(sources, href, { signal });
    });
  } finally {
    await sources.close();
  }
  return rasters;
}

async function scan(hrefs: readonly string[], lake: string) {
  const { added, refused } = await scanReferences({ hrefs, lake });
  if (added !== hrefs.length) throw new Error(`${added} of ${hrefs.length} rasters scanned, ${refused.length} refused`);
  return {
    async *result() {
      const index = await openRasterIndex(lake);
      try {
        const names = hrefs.map((url) => ({ url, variable: null }));
        const found = await index.find(names);
        for (const name of names) yield* places(found.get(rasterKey(name)));
      } finally {
        await index.close();
      }
    },
  };
}

/** Offsets, then lengths of full resolution. */
function places(raster: Raster | undefined): Uint8Array[] {
  const refs = raster?.levels[0]?.refs;
  if (refs?.kind !== 'ranges') throw new Error('a COG without ranges');
  return [bytesOf(refs.offsets), bytesOf(refs.lengths)];
}
