import type { ChunkRef } from '../raster/chunk-ref.js';
import { prefetchChunks } from '../raster/prefetch-chunks.js';
import { inFusingOrder, isComposite } from './mosaic.js';
import type { TaskRunner } from './run-task.js';
import type { ChunkTask } from './task.js';

/**
 * Begin to fetch what the next task of a worker will read, while the current one computes; call what comes back to stop.
 * Of a mosaic that ends with the first usable candidate only the first one is fetched: the others may not be needed.
 */
export function readAhead(task: ChunkTask | undefined, runner: TaskRunner): () => Promise<void> {
  if (task === undefined || task.kind === 'labels' || runner.aheadBytes <= 0) return async () => {};
  const stop = new AbortController();
  const options = { limitBytes: runner.aheadBytes, signal: stop.signal };
  const reading = prefetchChunks(nextRefs(task, runner), runner.sources, options);
  return async () => {
    stop.abort();
    await reading;
  };
}

function* nextRefs(task: Extract<ChunkTask, { kind: 'pixels' }>, runner: TaskRunner): Generator<ChunkRef> {
  const { mosaic } = runner.context;
  const ordered = inFusingOrder(task, mosaic);
  const wanted = isComposite(mosaic) ? ordered : ordered.slice(0, 1);
  for (const { planes } of wanted) {
    for (const { level, tiles, maskLevel, maskTiles } of planes) {
      for (const tile of tiles) if (!runner.tiles.holds(level, tile)) yield tile.ref;
      if (maskLevel === null) continue;
      for (const tile of maskTiles) if (!runner.tiles.holds(maskLevel, tile)) yield tile.ref;
    }
  }
}
