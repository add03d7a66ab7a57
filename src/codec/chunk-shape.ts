import type { ImageShape } from '../native/codec-types.js';

/** Number of samples of a chunk, or null where it is no whole number up to 2^31 (a chunk is held in one array). */
export function sampleCount(shape: readonly number[]): number | null {
  let count = 1;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) return null;
    count *= size;
    if (count > 2 ** 31) return null;
  }
  return count;
}

/**
 * The images that a chunk of this shape may be stored as: (y, x, sample) with the samples of a pixel together, or (y, x)
 * behind dimensions of size one. Both readings of a shape with sides of one are given.
 */
export function imageShapes(shape: readonly number[], samplesPerPixel: number): ImageShape[] {
  const readings: ImageShape[] = [];
  const last = shape.length - 1;
  if (last >= 2 && shape[last] === samplesPerPixel) {
    readings.push({ width: shape[last - 1]!, height: shape[last - 2]!, samplesPerPixel });
  }
  if (last >= 1 && samplesPerPixel === 1)
    readings.push({ width: shape[last]!, height: shape[last - 1]!, samplesPerPixel });
  const count = sampleCount(shape);
  return readings.filter(({ width, height }) => width * height * samplesPerPixel === count);
}

/** `256 × 256 samples of uint16 (131072 bytes)`, for messages. */
export function describeChunk(shape: readonly number[], dtype: string, byteLength: number): string {
  return `${shape.length === 0 ? 'one sample' : `${shape.join(' × ')} samples`} of ${dtype} (${byteLength} bytes)`;
}
