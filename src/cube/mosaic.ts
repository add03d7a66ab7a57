import type { CandidateRead, PixelTask, PlanContext } from './task.js';

/** Mosaics that combine all usable candidates of a pixel. */
export type Composite = Exclude<PlanContext['mosaic'], 'first' | 'last'>;

/** Whether a mosaic looks at every candidate; the others end with the first usable one. */
export function isComposite(mosaic: PlanContext['mosaic']): mosaic is Composite {
  return mosaic !== 'first' && mosaic !== 'last';
}

/** The candidates of a task in the order in which they are fused: from the end for `last`. */
export function inFusingOrder({ candidates }: PixelTask, mosaic: PlanContext['mosaic']): readonly CandidateRead[] {
  return mosaic === 'last' ? candidates.toReversed() : candidates;
}
