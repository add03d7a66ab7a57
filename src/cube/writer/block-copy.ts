import type { Samples } from '../../grid/dtype.js';

/** A block of samples inside a larger array in C order. */
export type Block = { readonly data: Samples; readonly shape: readonly number[]; readonly start: readonly number[] };

/** Copy a block of `size` samples a dimension from one array into another of the same type and rank. */
export function copyBlock(from: Block, to: Block, size: readonly number[]): void {
  const rank = size.length;
  if (size.includes(0)) return;
  const length = rank === 0 ? 1 : size[rank - 1]!;
  const at = new Array<number>(rank).fill(0);
  for (;;) {
    const source = offsetIn(from, at);
    setSamples(to.data, from.data.subarray(source, source + length), offsetIn(to, at));
    let d = rank - 2;
    while (d >= 0 && ++at[d]! === size[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

function offsetIn({ shape, start }: Block, at: readonly number[]): number {
  let offset = 0;
  for (let d = 0; d < shape.length; d++) offset = offset * shape[d]! + start[d]! + at[d]!;
  return offset;
}

/** TypeScript cannot know that both sides have the same type; the caller does. */
function setSamples(to: Samples, row: Samples, offset: number): void {
  if (to instanceof BigInt64Array || to instanceof BigUint64Array) to.set(row as BigInt64Array, offset);
  else to.set(row as Float64Array, offset);
}
