import { readFile } from 'node:fs/promises';
import type { Agreement } from './cases/case.js';

type Values = Extract<Agreement, { readonly kind: 'values' }>;

/** Fraction of the values in two files that are near enough; throws where the files are not of one length. */
export async function compareFiles(one: string, other: string, { type, within }: Values): Promise<number> {
  const [a, b] = await Promise.all([readValues(one, type), readValues(other, type)]);
  if (a.length !== b.length) throw new Error(`results of ${a.length} and ${b.length} values cannot be compared`);
  return type === 'uint16' ? agreeSamples(a, b, within) : agreeNumbers(a, b, within);
}

/** Fraction of samples that differ by at most `within`. */
export function agreeSamples(a: ArrayLike<number>, b: ArrayLike<number>, within: number): number {
  let agree = 0;
  for (let i = 0; i < a.length; i++) if (Math.abs(a[i]! - b[i]!) <= within) agree++;
  return agree / Math.max(1, a.length);
}

/** Fraction of numbers that differ by at most `within` times the larger one; NaN equals NaN. */
export function agreeNumbers(a: ArrayLike<number>, b: ArrayLike<number>, within: number): number {
  let agree = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const near = Math.abs(x - y) <= within * Math.max(Math.abs(x), Math.abs(y));
    if (near || (Number.isNaN(x) && Number.isNaN(y))) agree++;
  }
  return agree / Math.max(1, a.length);
}

/** A dump of a result. Dumps are little endian, and so are the machines that this runs on. */
async function readValues(path: string, type: Values['type']): Promise<Uint16Array | Float64Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  return type === 'uint16' ? new Uint16Array(bytes) : new Float64Array(bytes);
}
