import type { Window } from '../grid/affine.js';
import { memoryBytes } from '../grid/dtype.js';
import { isComposite } from './mosaic.js';
import type { CandidateRead, PixelTask, PlanContext } from './task.js';

/** What of a plan decides how much memory a pixel takes. */
export type PixelCost = Pick<PlanContext, 'mosaic' | 'bands'>;

/**
 * Cut a task into strips of whole rows so that the chunk, the planes of its candidates and what fuses them fit into
 * `workBytes`. A composite that must see all candidates at once (median) counts them all, others the largest one.
 */
export function taskBlocks(task: PixelTask, cost: PixelCost, workBytes: number): Window[] {
  const { window } = task;
  const pixels = window.width * window.height;
  const sizes = task.candidates.map(candidateBytes);
  const most = sizes.reduce((max, size) => Math.max(max, size), 0);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const needed = (cost.mosaic === 'median' ? all : most) + pixels * fuserBytes(cost, task.candidates.length);
  const free = workBytes - pixels * outputBytes(cost);
  const strips = Math.min(window.height, Math.max(1, Math.ceil(needed / Math.max(1, free))));
  const rows = Math.ceil(window.height / strips);
  const blocks: Window[] = [];
  for (let row = 0; row < window.height; row += rows) {
    blocks.push({ ...window, row: window.row + row, height: Math.min(rows, window.height - row) });
  }
  return blocks;
}

/** Bytes that a pixel of the written arrays of one time takes: the bands, the reason, the count of a composite. */
export function outputBytes({ bands, mosaic }: PixelCost): number {
  const samples = bands.reduce((sum, { written, dtype }) => sum + (written ? memoryBytes(dtype) : 0), 0);
  return samples + 1 + (isComposite(mosaic) ? 2 : 0);
}

/** The strip's own arrays and statuses; composites keep float64 values: one plane a band, the median one a candidate. */
function fuserBytes(cost: PixelCost, candidates: number): number {
  const measured = cost.bands.filter(({ written, classes }) => written && !classes).length;
  const planes = !isComposite(cost.mosaic) ? 0 : cost.mosaic === 'median' ? candidates : 1;
  return outputBytes(cost) + 2 + planes * (8 * measured + 1);
}

/** Source window, its validity, target plane and state of every band. */
function candidateBytes({ planes }: CandidateRead): number {
  let bytes = 0;
  for (const { window, target, level } of planes) {
    const wide = memoryBytes(level.dtype) + 1;
    bytes +=
      (window === null ? 0 : window.width * window.height * wide) + target.width * target.height * Math.max(5, wide);
  }
  return bytes;
}
