import { totalmem } from 'node:os';
import { CubeError } from '../errors.js';
import { outputBytes, type PixelCost } from '../cube/task-blocks.js';
import type { WorkerBudget } from '../workers/jobs.js';

const MIB = 1024 ** 2;

/**
 * What a build takes on top of its budget, whatever the size of the input: Node, the addon, DuckDB, the plan and the
 * encoded bytes under way. Measured by test/build/memory.test.ts.
 */
export const MEMORY_CONSTANT = 448 * MIB;

/** Least a worker can do anything with: one decoded tile of 1024² × 4 bytes, and the planes of a few rows. */
const LEAST_PER_WORKER = 32 * MIB;

/** "512MB", "2GiB", "1.5g" or plain bytes; units are powers of 1024. */
export function parseSize(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(text);
  if (match === null) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: `"${text}" is not a size`,
      fix: 'write it like 512MB or 2GB',
    });
  }
  const power = ['', 'k', 'm', 'g', 't'].indexOf(match[2]!.toLowerCase());
  return Math.floor(Number(match[1]) * 1024 ** power);
}

/** A quarter of the machine's memory, at most 4 GiB. */
export function defaultMaxMemory(): number {
  return Math.min(4096 * MIB, Math.floor(totalmem() / 4));
}

/** Part of a worker's share that it may keep in decoded tiles, and part that is for the planes it works on. */
const PART = 0.4;

/**
 * Share a budget among workers: two fifths of a worker's share keep decoded tiles, two fifths are the planes that it
 * works on, the rest is for encoded bytes and outputs. Memory of Node and its libraries comes on top.
 */
export function workerBudget(maxMemory: number, workers: number): WorkerBudget {
  const share = Math.floor(maxMemory / Math.max(1, workers));
  if (share < LEAST_PER_WORKER) {
    throw new CubeError({
      kind: 'budget',
      what: workers <= 1 ? 'one worker' : `${workers} workers`,
      needed: LEAST_PER_WORKER * Math.max(1, workers),
      limit: maxMemory,
      fix: 'raise --max-memory or lower --workers',
    });
  }
  return { tileCacheBytes: Math.floor(share * PART), workBytes: Math.floor(share * PART) };
}

/**
 * Refuse a cube whose chunk (or shard) would take more than half of what a worker may work with: what is read and fused
 * must fit beside it. Problem: `budget`, with the memory that would do.
 */
export function assertChunkFits(cell: number, cost: PixelCost, maxMemory: number, workers: number): void {
  const chunk = cell * cell * outputBytes(cost);
  const share = Math.max(1, workers);
  const needed = Math.ceil((2 * chunk * share) / PART);
  if (needed <= maxMemory) return;
  throw new CubeError({
    kind: 'budget',
    what: `chunks of ${cell} by ${cell} pixels and ${cost.bands.length} band${cost.bands.length === 1 ? '' : 's'} in ${share} worker${share === 1 ? '' : 's'}`,
    needed,
    limit: maxMemory,
    fix: 'make grid.chunk (or grid.shard) smaller, raise --max-memory or lower --workers',
  });
}
