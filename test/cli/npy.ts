import { readFileSync } from 'node:fs';

export type Npy = { readonly descr: string; readonly shape: readonly number[]; readonly bytes: Buffer };

/** A .npy file of format 1.0, by the words of NEP 1. */
export function readNpy(path: string): Npy {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') throw new Error(`${path} is no .npy file of format 1.0`);
  const end = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, end);
  const match = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(header);
  if (match === null || end % 64 !== 0) throw new Error(`${path} has the header ${header}`);
  const shape = match[2]!.split(',').filter((text) => text.trim() !== '');
  return { descr: match[1]!, shape: shape.map(Number), bytes: file.subarray(end) };
}
