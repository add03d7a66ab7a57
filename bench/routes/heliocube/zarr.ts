import { join } from 'node:path';
import { createZarrFile } from '../../../src/build/zarr-file.js';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Place, type Work } from '../../route.js';
import { readSamples, withRaster } from './windows.js';

/** Name of the only array, as `cube read -o x.zarr` has it. */
const VARIABLE = 'data';

/** Samples in memory to a Zarr array, as `cube read` writes it. */
export async function prepareZarrWrite(
  { file, window, chunk }: JobOf<'zarr-write'>,
  { scratch }: Place,
): Promise<Work> {
  const samples = await readSamples(file, window);
  const path = join(scratch, 'out.zarr');
  return async () => {
    await writeStore(path, samples, { width: window.width, height: window.height, chunk });
    return {
      async *result() {
        yield await readStore(path);
      },
    };
  };
}

/** A Zarr array to memory. */
export function prepareZarrRead({ store }: JobOf<'zarr-read'>): Work {
  return async () => {
    const bytes = await readStore(store);
    return { result: () => [bytes] };
  };
}

type Shape = { readonly width: number; readonly height: number; readonly chunk: number };

/** Write a Zarr v3 store with one array in square chunks, blosc with zstd level 1 and shuffle. */
export async function writeStore(path: string, samples: Uint16Array, { width, height, chunk }: Shape): Promise<void> {
  const shape = [height, width];
  const target = await createZarrFile(
    path,
    {
      dtype: 'uint16',
      shape,
      dimensions: ['y', 'x'],
      step: [chunk, chunk],
      phase: [0, 0],
      read: () => Promise.resolve(samples),
    },
    true,
  );
  await target.write({ start: [0, 0], shape }, samples);
  await target.finish();
}

function readStore(path: string): Promise<Uint8Array> {
  return withRaster(join(path, VARIABLE, '/'), async (raster) => bytesOf((await raster.read()).data));
}
