import { CubeError } from '../errors.js';
import { memoryBytes, type DataType } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';
import { planBlocks } from './array-blocks.js';
import type { ArraySource, ArrayTarget } from './array-source.js';
import { elementCount } from '../grid/flat-index.js';
import { createNpyFile } from './npy-file.js';
import { planeArray } from './plane-array.js';
import type { PlaneSelection } from './plane-selection.js';
import { wholeArray } from './whole-array.js';
import { createZarrFile } from './zarr-file.js';

/** Which samples are copied; everything by default. */
export type ReadArrayOptions = PlaneSelection & {
  /** 0 is full resolution. */
  readonly level?: number;
  readonly signal?: AbortSignal;
  /** Called with the number of samples written and of all. */
  readonly onProgress?: (done: number, total: number) => void;
};

/** What was written. */
export type ReadArrayResult = { readonly shape: readonly number[]; readonly dtype: DataType };

/** Samples under way at a time, unless one chunk holds more. */
const BLOCK_BYTES = 32 * 1024 ** 2;

/**
 * Copy the samples of a raster, as stored, into a .npy file or a Zarr store: (bands, height, width) for a GeoTIFF and
 * where a window or bands are asked for, the array's own shape for Zarr. Memory is bounded by some chunks of the
 * source, whatever the size of the raster. The output is there when it is whole; it replaces an older one.
 */
export async function readArray(
  sources: SourceFactory,
  raster: Raster,
  output: string,
  options: ReadArrayOptions = {},
): Promise<ReadArrayResult> {
  const kind = outputKind(output);
  const level = raster.levels[options.level ?? 0];
  if (level === undefined) throw argument(`level ${options.level} does not exist, there are ${raster.levels.length}`);
  const inPlanes = raster.driver === 'geotiff' || options.window !== undefined || options.bands !== undefined;
  const source = inPlanes
    ? planeArray(level, options, sources)
    : wholeArray(level, dimensionNames(raster, level), sources);
  const target = await (kind === 'zarr' ? createZarrFile(output, source, !inPlanes) : createNpyFile(output, source));
  try {
    await copyArray(source, target, options);
    await target.finish();
  } catch (error) {
    await target.discard();
    throw error;
  }
  return { shape: source.shape, dtype: source.dtype };
}

async function copyArray(
  { shape, dtype, step, phase, read }: ArraySource,
  target: ArrayTarget,
  { signal, onProgress }: ReadArrayOptions,
): Promise<void> {
  const maxElements = BLOCK_BYTES / memoryBytes(dtype);
  const fits = shape.map((_, d) => {
    const wanted = target.step === null ? 1 : target.step[d]!;
    return target.step === null || (phase[d] === 0 && step[d]! % wanted === 0);
  });
  const cuts = {
    step: step.map((size, d) => (fits[d] ? size : target.step![d]!)),
    phase: phase.map((size, d) => (fits[d] ? size : 0)),
  };
  const total = elementCount(shape);
  let done = 0;
  for (const block of planBlocks(shape, { ...cuts, maxElements })) {
    signal?.throwIfAborted();
    await target.write(block, await read(block, signal));
    done += elementCount(block.shape);
    onProgress?.(done, total);
  }
}

function outputKind(output: string): 'npy' | 'zarr' {
  if (/\.npy$/i.test(output)) return 'npy';
  if (/\.zarr[\\/]?$/i.test(output)) return 'zarr';
  throw new CubeError({
    kind: 'invalid-argument',
    what: `"${output}": unknown kind of output`,
    fix: 'use FILE.npy or FILE.zarr',
  });
}

/** The source's names where they fit the level and differ from one another. */
function dimensionNames({ dimensions }: Raster, { shape }: RasterLevel): string[] {
  const names = dimensions.map(({ name }) => name);
  const usable = names.length === shape.length && new Set(names).size === names.length && !names.includes('');
  return usable ? names : shape.map((_, d) => `dim_${d}`);
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
