/** Where pixel edges lie: on multiples of the resolution, half a pixel off them, or wherever the extent begins. */
export type Anchor = 'edge' | 'center' | 'floating';

/** Pixels of one axis: `origin` is the edge where counting starts (the far edge for a negative resolution). */
export type SnappedAxis = { readonly origin: number; readonly count: number };

/** An extent may stick out of the pixels by this much of a pixel: it is the noise of other programs' arithmetic. */
const SLACK_PX = 0.01;

/**
 * The pixels of one axis that cover `min..max`, at least one (rule G1). A hundredth of a pixel of overlap is ignored.
 * `resolution` is negative where coordinates fall along the axis, as y does.
 */
export function snapGrid(min: number, max: number, resolution: number, anchor: Anchor): SnappedAxis {
  const size = Math.abs(resolution);
  if (anchor === 'floating') {
    const count = Math.max(1, Math.ceil(settle((max - min) / size)));
    return { origin: resolution > 0 ? min : max, count };
  }
  const offset = anchor === 'center' ? 0.5 : 0;
  const first = Math.floor(settle(min / size - offset));
  const last = Math.max(first + 1, Math.ceil(settle(max / size - offset)));
  const edge = resolution > 0 ? first : last;
  return { origin: (edge + offset) * size, count: last - first };
}

/** A number within the slack of an integer is that integer. */
function settle(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= SLACK_PX ? nearest : value;
}
