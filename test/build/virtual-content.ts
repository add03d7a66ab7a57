import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { openCube } from '../../src/build/open-cube.js';
import { openIcechunk } from '../../src/native/icechunk.js';
import { CHUNK_VIRTUAL } from '../../src/native/icechunk/refs.js';
import { PythonAnswers } from '../python-answers.js';
import { ICECHUNK_PYTHON } from '../python.js';

const SCRIPT = fileURLToPath(new URL('virtual_values.py', import.meta.url));

/** All samples of one array of a cube in C order, by our reader. */
export async function pixelsOf(place: string, array: string): Promise<Uint8Array> {
  const cube = await openCube(place);
  try {
    const { buffer, byteOffset, byteLength } = (await cube.read({ band: array })).data.data;
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  } finally {
    await cube.close();
  }
}

const python = new PythonAnswers(ICECHUNK_PYTHON, SCRIPT);
afterAll(() => python.close());

/** The same by zarr-python with the codecs of virtual-tiff; null where they are not installed. */
export async function pythonPixels(place: string, array: string): Promise<Uint8Array | null> {
  return existsSync(ICECHUNK_PYTHON) ? python.ask([place, array]) : null;
}

/** The newest version of a repository: places of references, and bytes of everything else in hex, by key. */
export async function repositoryContent(place: string): Promise<Record<string, unknown>> {
  const repository = await openIcechunk({ kind: 'local', path: place });
  const session = await repository.readonly({ branch: 'main' });
  const found: Record<string, unknown> = {};
  for (const name of await session.listDir('')) {
    if (name === 'zarr.json') continue;
    const { rank, count, indices, kinds, location, ...refs } = await session.chunkRefs(name);
    for (let i = 0; i < count; i++) {
      if (kinds[i] !== CHUNK_VIRTUAL) continue;
      const key = [name, 'c', ...indices.subarray(i * rank, (i + 1) * rank)].join('/');
      const at = location[i]!;
      found[key] = [refs.locations[at], refs.checksums[at], refs.offsets[i], refs.lengths[i]];
    }
  }
  for (const key of await session.list('')) {
    if (!(key in found)) found[key] = Buffer.from((await session.get(key))!).toString('hex');
  }
  session.close();
  repository.close();
  return found;
}
