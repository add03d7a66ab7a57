import { contains } from '../grid/affine.js';
import { asSample } from '../grid/dtype.js';
import { cropPlane } from './plane.js';
import { dilate } from './dilate.js';
import type { Fused } from './fuser.js';
import { growWindow } from './candidate-input.js';
import type { CoverageCache } from './label-parts.js';
import { REASON } from './reason.js';
import type { PixelTask, PlanContext } from './task.js';

/**
 * With `clip.mode: pixels`, pixels farther than the buffer from every label's pixels (of a point: the one that holds it)
 * become "not requested" and hold the fill value. Labels of the neighbourhood are in the task, so the result does not
 * depend on how the grid is cut.
 */
export function clipPixels(chunk: Fused, task: PixelTask, context: PlanContext, coverage: CoverageCache): void {
  if (context.clip.mode !== 'pixels') return;
  const { bufferPx } = context.clip;
  const grown = growWindow(task.window, Math.ceil(bufferPx.x), Math.ceil(bufferPx.y));
  const covered = new Uint8Array(grown.width * grown.height);
  for (const label of task.labels) {
    const { cells } = coverage.get(label, grown);
    for (let i = 0; i < cells.length; i++) covered[cells[i]!] = 1;
    for (const pixel of label.pixels) {
      if (contains(grown, pixel)) covered[(pixel.row - grown.row) * grown.width + pixel.col - grown.col] = 1;
    }
  }
  const near = dilate(covered, grown, bufferPx);
  const wanted = cropPlane({ window: grown, data: near, state: near }, task.window).state;
  for (let i = 0; i < wanted.length; i++) if (wanted[i] === 0) chunk.reason[i] = REASON.notRequested;
  for (const [index, band] of chunk.bands.entries()) {
    if (band === null) continue;
    const fill = asSample(band, context.bands[index]!.fill ?? 0);
    for (let i = 0; i < wanted.length; i++) if (wanted[i] === 0) band[i] = fill;
  }
  chunk.count?.set(chunk.count.map((count, i) => (wanted[i] === 0 ? 0 : count)));
}
