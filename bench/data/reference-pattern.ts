import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSize } from './sizes.js';

/** How many references a dataset has: chunks of files, `rows` × `cols` in each. */
export type PatternSize = DataSize['references'];

/** Places of all chunks, by file, then by row; peers/references.py has the same formulas. */
export type Pattern = { readonly offsets: Float64Array; readonly lengths: Float64Array };

/** First byte of the first chunk of a file. */
const FIRST = 4096;
const SAMPLES = 64;

/** Chunks of 100 to 150 thousand bytes, one behind the other in each file. */
export function referencePattern({ files, rows, cols }: PatternSize): Pattern {
  const perFile = rows * cols;
  const lengths = Float64Array.from({ length: files * perFile }, (_, i) => 100_000 + ((i * 7919) % 50_021));
  const offsets = new Float64Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) offsets[i] = i % perFile === 0 ? FIRST : offsets[i - 1]! + lengths[i - 1]!;
  return { offsets, lengths };
}

/** Chunks that results are compared at, spread over all of them. */
export function patternSamples({ files, rows, cols }: PatternSize): number[] {
  const count = files * rows * cols;
  return Array.from({ length: SAMPLES }, (_, i) => Math.floor(((i + 0.5) * count) / SAMPLES));
}

/** Name of a file of the pattern. */
export function patternFile(file: number): string {
  return `${String(file).padStart(4, '0')}.bin`;
}

/** Write the files of the sampled chunks: holes, and at the start of each sample its number as a float64. */
export async function writePattern(folder: string, size: PatternSize): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { offsets, lengths } = referencePattern(size);
  for (const sample of patternSamples(size)) {
    const number = Math.floor(sample / (size.rows * size.cols));
    const last = (number + 1) * size.rows * size.cols - 1;
    const file = await open(join(folder, patternFile(number)), constants.O_RDWR | constants.O_CREAT);
    try {
      await file.truncate(offsets[last]! + lengths[last]!);
      await file.write(new Uint8Array(Float64Array.of(sample).buffer), 0, 8, offsets[sample]!);
    } finally {
      await file.close();
    }
  }
}
