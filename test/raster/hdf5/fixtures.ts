import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Samples } from '../../../src/grid/dtype.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/hdf5', import.meta.url));

/** Path of a file that fixtures/hdf5/make.py wrote. */
export function fixture(name: string): string {
  return join(FOLDER, name);
}

/** Names of all of them. */
export const FIXTURES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => /\.(h5|nc)$/.test(name))
  .sort();

const expectedFile = z.object({ files: z.record(z.string(), z.record(z.string(), z.string().nullable())) });

/** What h5py reads: by file and dataset its shape and the SHA-256 of its samples, null where they are no numbers. */
export const EXPECTED = expectedFile.parse(JSON.parse(readFileSync(fixture('expected.json'), 'utf8'))).files;

/** The same of samples of ours. */
export function digest(shape: readonly number[], samples: Samples): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return `${shape.join('×')} ${createHash('sha256').update(bytes).digest('hex')}`;
}
