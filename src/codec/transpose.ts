import type { Samples } from '../grid/dtype.js';

/** The shape of what is stored, where `shape` is the array's: stored dimension i is array dimension order[i]. */
export function storedShape(shape: readonly number[], order: readonly number[]): number[] {
  return order.map((dimension) => shape[dimension]!);
}

/** True where `order` names every dimension of an array of `rank` dimensions once. */
export function isPermutation(order: readonly number[], rank: number): boolean {
  return (
    order.length === rank &&
    new Set(order).size === rank &&
    order.every((d) => Number.isInteger(d) && d >= 0 && d < rank)
  );
}

/** Samples in C order of `shape`, from samples in C order of `storedShape(shape, order)`. Identity gives `stored` itself. */
export function undoTranspose(stored: Samples, shape: readonly number[], order: readonly number[]): Samples {
  if (order.every((dimension, i) => dimension === i)) return stored;
  const strides = storedStrides(shape, order);
  // Runs of two types only: numbers and bigints.
  if (stored instanceof BigInt64Array || stored instanceof BigUint64Array) {
    const target = stored.slice();
    gather<bigint>(stored, target, shape, strides);
    return target;
  }
  const target = stored.slice();
  gather<number>(stored, target, shape, strides);
  return target;
}

/** How far apart, in the stored samples, neighbours along each array dimension are. */
function storedStrides(shape: readonly number[], order: readonly number[]): number[] {
  const strides = shape.map(() => 0);
  let stride = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    strides[order[i]!] = stride;
    stride *= shape[order[i]!]!;
  }
  return strides;
}

type Cells<V> = { readonly length: number; [index: number]: V };

function gather<V>(source: Cells<V>, target: Cells<V>, shape: readonly number[], strides: readonly number[]): void {
  const last = shape.length - 1;
  const rowLength = shape[last]!;
  const rowStride = strides[last]!;
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to += rowLength) {
    for (let i = 0; i < rowLength; i++) target[to + i] = source[from + i * rowStride]!;
    for (let d = last - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
}
