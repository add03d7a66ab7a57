import { readFile } from 'node:fs/promises';
import type { Comparison } from './cases.js';

/** Fraction of the values of two results that agree; throws where the results are not of one length. */
export async function compareFiles(ours: string, theirs: string, rule: Comparison): Promise<number> {
  const [a, b] = await Promise.all([readFile(ours), readFile(theirs)]);
  if (a.length !== b.length) throw new Error(`results of ${a.length} and ${b.length} bytes cannot be compared`);
  return rule.kind === 'samples' ? agreeSamples(a, b, rule.within) : agreeNumbers(a, b, rule.within);
}

/** Fraction of little-endian uint16 samples that differ by at most `within`. */
export function agreeSamples(a: Buffer, b: Buffer, within: number): number {
  let agree = 0;
  for (let at = 0; at + 2 <= a.length; at += 2) {
    if (Math.abs(a.readUInt16LE(at) - b.readUInt16LE(at)) <= within) agree++;
  }
  return agree / Math.max(1, Math.floor(a.length / 2));
}

/** Fraction of little-endian float64 numbers that differ by at most `within` times the larger one; NaN equals NaN. */
export function agreeNumbers(a: Buffer, b: Buffer, within: number): number {
  let agree = 0;
  for (let at = 0; at + 8 <= a.length; at += 8) {
    const [x, y] = [a.readDoubleLE(at), b.readDoubleLE(at)];
    const near = Math.abs(x - y) <= within * Math.max(Math.abs(x), Math.abs(y));
    if (near || (Number.isNaN(x) && Number.isNaN(y))) agree++;
  }
  return agree / Math.max(1, Math.floor(a.length / 8));
}
