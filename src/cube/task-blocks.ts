import type { Window } from '../grid/affine.js';
import { memoryBytes } from '../grid/dtype.js';
import type { CandidateRead, PixelTask, PlanContext } from './task.js';

/**
 * Cut a task into strips of whole rows so that the planes of its candidates fit into `workBytes`. A composite that must
 * see all candidates at once (median) counts them all, others the largest one.
 */
export function taskBlocks(task: PixelTask, { mosaic }: Pick<PlanContext, 'mosaic'>, workBytes: number): Window[] {
  const { window } = task;
  const sizes = task.candidates.map(candidateBytes);
  const most = sizes.reduce((max, size) => Math.max(max, size), 0);
  const needed = mosaic === 'median' ? sizes.reduce((sum, size) => sum + size, 0) : most;
  const strips = Math.min(window.height, Math.max(1, Math.ceil(needed / Math.max(1, workBytes))));
  const rows = Math.ceil(window.height / strips);
  const blocks: Window[] = [];
  for (let row = 0; row < window.height; row += rows) {
    blocks.push({ ...window, row: window.row + row, height: Math.min(rows, window.height - row) });
  }
  return blocks;
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
