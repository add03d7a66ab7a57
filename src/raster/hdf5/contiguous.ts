/** How samples that lie in one piece are read in parts. */
export type ContiguousParts = {
  readonly chunkShape: readonly number[];
  readonly chunkBytes: number;
  readonly count: number;
};

/** Samples of more bytes are read in parts of about so many. */
const PART_BYTES = 2 ** 20;

/**
 * Cut samples in C order into chunks that lie one behind the other: whole runs of the first dimension that is small enough,
 * one at a time of those before it. The chunk at the end is as long as the others where the file has the bytes (`available`
 * from the first sample on; what lies behind the last sample is read and not used), else chunks divide the dimension.
 */
export function splitContiguous(shape: readonly number[], elementBytes: number, available: number): ContiguousParts {
  const bytes = shape.reduce((product, size) => product * size, elementBytes);
  if (bytes <= PART_BYTES) return { chunkShape: shape, chunkBytes: bytes, count: 1 };
  let dimension = 0;
  let inner = bytes / shape[0]!;
  while (inner > PART_BYTES) inner /= shape[++dimension]!;
  const size = shape[dimension]!;
  const outer = shape.slice(0, dimension).reduce((product, length) => product * length, 1);
  const most = Math.max(1, Math.min(size, Math.floor(PART_BYTES / inner)));
  const parts = Math.ceil(size / most);
  // With several runs, a chunk that reaches over the end of one would push the next one's.
  const fits = outer === 1 && parts * most * inner <= available;
  const run = fits ? most : largestDivisor(size, most);
  const chunkShape = shape.map((length, d) => (d < dimension ? 1 : d === dimension ? run : length));
  return { chunkShape, chunkBytes: run * inner, count: outer * Math.ceil(size / run) };
}

function largestDivisor(value: number, most: number): number {
  let divisor = most;
  while (value % divisor !== 0) divisor--;
  return divisor;
}
