import { newSamples, type DataType, type Samples } from '../grid/dtype.js';

/** numcodecs delta: a running sum in the decoded type, wrapping at its width. */
export function undoDelta(stored: Samples, dtype: DataType): Samples {
  const result = newSamples(dtype, stored.length);
  if (result instanceof BigInt64Array || result instanceof BigUint64Array) {
    let sum = 0n;
    for (let i = 0; i < stored.length; i++) {
      result[i] = sum + BigInt(stored[i]!);
      sum = result[i]!;
    }
    return result;
  }
  let sum = 0;
  for (let i = 0; i < stored.length; i++) {
    result[i] = sum + Number(stored[i]!);
    sum = result[i]!;
  }
  return result;
}

/**
 * numcodecs fixed scale offset: stored / scale + offset, in float64, or float32 where that is stored. Integers are
 * truncated, as numpy's conversion does.
 */
export function undoScaleOffset(
  stored: Samples,
  dtype: DataType,
  { scale, offset }: { readonly scale: number; readonly offset: number },
): Samples {
  const result = newSamples(dtype, stored.length);
  const single = stored instanceof Float32Array;
  const big = result instanceof BigInt64Array || result instanceof BigUint64Array;
  for (let i = 0; i < stored.length; i++) {
    const value = Number(stored[i]!);
    const scaled = single ? Math.fround(Math.fround(value / scale) + offset) : value / scale + offset;
    if (big) result[i] = Number.isFinite(scaled) ? BigInt(Math.trunc(scaled)) : 0n;
    else (result as Exclude<Samples, BigInt64Array | BigUint64Array>)[i] = scaled;
  }
  return result;
}
