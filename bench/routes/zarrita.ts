import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as zarr from 'zarrita';
import type { JobOf } from '../protocol.js';
import { bytesOf, notCompared, type Route, type Work } from '../route.js';
import { readSamples } from './heliocube/windows.js';
import { packageVersion } from './package-version.js';

const BLOSC = {
  name: 'blosc',
  configuration: { cname: 'zstd', clevel: 1, shuffle: 'shuffle', typesize: 2, blocksize: 0 },
};

/** zarrita: pure JavaScript and WebAssembly, in the main thread. */
export function openZarrita(): Route {
  return {
    versions: `zarrita ${packageVersion('zarrita')}`,
    async prepare(job, { scratch }) {
      if (job.kind === 'zarr-write') return prepareWrite(job, join(scratch, 'out.zarr'));
      if (job.kind !== 'zarr-read') throw notCompared('zarrita', job.kind);
      return async () => {
        const samples = await readArray(job.store);
        return { result: () => [bytesOf(samples)] };
      };
    },
  };
}

async function prepareWrite({ file, window, chunk }: JobOf<'zarr-write'>, path: string): Promise<Work> {
  const samples = await readSamples(file, window);
  return async () => {
    const { height, width } = window;
    const array = await zarr.create(zarr.root(fileStore(path)).resolve('data'), {
      shape: [height, width],
      chunkShape: [chunk, chunk],
      dtype: 'uint16',
      fillValue: 0,
      codecs: [{ name: 'bytes', configuration: { endian: 'little' } }, BLOSC],
    });
    await zarr.set(array, null, { data: samples, shape: [height, width], stride: [width, 1] });
    return {
      result: async function* () {
        yield bytesOf(await readArray(path));
      },
    };
  };
}

async function readArray(path: string): Promise<Uint16Array> {
  const array = await zarr.open.v3(zarr.root(fileStore(path)).resolve('data'), { kind: 'array' });
  if (!array.is('uint16')) throw new Error(`${path}: ${array.dtype}, expected uint16`);
  return (await zarr.get(array)).data;
}

/** A folder as zarrita's port asks for it. */
function fileStore(root: string) {
  const made = new Set<string>();
  return {
    async get(key: string): Promise<Uint8Array | undefined> {
      return readFile(root + key).catch(() => undefined);
    },
    async set(key: string, value: Uint8Array): Promise<void> {
      const folder = dirname(root + key);
      if (!made.has(folder)) await mkdir(folder, { recursive: true });
      made.add(folder);
      await writeFile(root + key, value);
    },
  };
}
