import { elementCount } from '../grid/flat-index.js';

/** A box inside an array: its first element and its size in every dimension. */
export type ArrayBlock = { readonly start: readonly number[]; readonly shape: readonly number[] };

/** How an array is cut into boxes. */
export type BlockRules = {
  /** Blocks are cut at multiples of this in every dimension … */
  readonly step: readonly number[];
  /** … counted from so many elements (fewer than a step) before the array's first. */
  readonly phase: readonly number[];
  /** A block of several steps holds no more elements than this. */
  readonly maxElements: number;
};

/**
 * Boxes that cover every element of an array once, in C order. Each is as long along the last dimensions as the limit
 * allows, so that its elements lie in long runs; never smaller than one step.
 */
export function* planBlocks(shape: readonly number[], rules: BlockRules): Generator<ArrayBlock> {
  if (shape.includes(0)) return;
  const lengths = stepsPerBlock(shape, rules);
  const cuts = shape.map((size, d) => cutsAlong(size, lengths[d]!, rules.phase[d]!));
  const at = shape.map(() => 0);
  for (;;) {
    const start = at.map((place, d) => cuts[d]![place]!);
    yield { start, shape: at.map((place, d) => cuts[d]![place + 1]! - start[d]!) };
    let d = shape.length - 1;
    while (d >= 0 && ++at[d]! === cuts[d]!.length - 1) at[d--] = 0;
    if (d < 0) return;
  }
}

/** Length of a block in every dimension: whole steps, grown from the last dimension on. */
function stepsPerBlock(shape: readonly number[], { step, phase, maxElements }: BlockRules): number[] {
  const lengths = [...step];
  for (let d = shape.length - 1; d >= 0; d--) {
    const whole = Math.ceil((shape[d]! + phase[d]!) / step[d]!);
    const fitting = Math.floor(maxElements / elementCount(lengths.map((length, e) => Math.min(length, shape[e]!))));
    const steps = Math.max(1, Math.min(whole, fitting));
    lengths[d] = steps * step[d]!;
    if (steps < whole) break;
  }
  return lengths;
}

/** Where blocks of a length begin, and the end. */
function cutsAlong(size: number, length: number, phase: number): number[] {
  const cuts = [0];
  for (let cut = length - phase; cut < size; cut += length) cuts.push(cut);
  cuts.push(size);
  return cuts;
}
