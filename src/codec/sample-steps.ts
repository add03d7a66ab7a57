import { CubeError } from '../errors.js';
import type { Samples } from '../grid/dtype.js';
import type { Chain, SampleStep } from './chain.js';
import { undoDelta, undoScaleOffset } from './filters.js';
import { isPermutation, storedShape, undoTranspose } from './transpose.js';

/** Run a chain's steps from samples to samples; the predictor was undone with the byte order. */
export function runSampleSteps(stored: Samples, { tail, tailTypes }: Chain, shape: readonly number[]): Samples {
  const shapes = shapesBehind(tail, shape);
  let samples = stored;
  tail.forEach((step, i) => {
    switch (step.name) {
      case 'predictor':
        return;
      case 'transpose':
        samples = undoTranspose(samples, shapes[i]!, step.order);
        return;
      case 'delta':
        samples = undoDelta(samples, tailTypes[i]!);
        return;
      case 'fixed-scale-offset':
        samples = undoScaleOffset(samples, tailTypes[i]!, step);
        return;
    }
  });
  return samples;
}

/** The array's shape behind every step: the chunk's at the end, permuted before each transpose. */
function shapesBehind(tail: readonly SampleStep[], shape: readonly number[]): (readonly number[])[] {
  const shapes: (readonly number[])[] = [];
  let current = shape;
  for (const step of tail.toReversed()) {
    shapes.unshift(current);
    if (step.name !== 'transpose') continue;
    if (!isPermutation(step.order, shape.length)) {
      throw new CubeError({
        kind: 'invalid-argument',
        what: `transpose [${step.order.join(', ')}] of a chunk of ${shape.length} dimensions`,
      });
    }
    current = storedShape(current, step.order);
  }
  return shapes;
}
