import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { newSamples, type DataType, type Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { levelSize } from '../cube/read-window.js';
import { ZarrStore } from '../cube/writer/zarr-store.js';
import { encodeArrayChunk, objectKey } from '../cube/writer/encode.js';
import type { ArrayLayout } from '../cube/writer/layout.js';
import { chunkGrid, storedChunkShape, type RasterLevel } from '../raster/level.js';
import type { Raster } from '../raster/raster.js';
import { placeChunk, readChunk } from '../raster/read-plane.js';
import { fillChunk } from '../raster/place-chunk.js';
import { NpyFile } from './npy-file.js';

export type ReadArrayOptions = {
  /** 0 is full resolution. */
  readonly level?: number;
  readonly window?: Window;
  /** 0-based. */
  readonly bands?: readonly number[];
  readonly signal?: AbortSignal;
};

export type ReadArrayResult = { readonly shape: readonly number[]; readonly dtype: DataType };

/** Receives pieces of an array: samples that follow one another in C order from `index` on. */
type Sink = (index: number, samples: Samples) => Promise<void>;

/**
 * Copy the samples of a raster, as stored, into a .npy file or a Zarr store: (bands, height, width) for a GeoTIFF, the
 * array's own shape for Zarr. Memory is bounded by a row of tiles, whatever the size of the raster.
 */
export async function readArray(
  sources: SourceFactory,
  raster: Raster,
  output: string,
  options: ReadArrayOptions = {},
): Promise<ReadArrayResult> {
  const level = raster.levels[options.level ?? 0];
  if (level === undefined) throw argument(`level ${options.level} does not exist, there are ${raster.levels.length}`);
  const asRaster = raster.driver === 'geotiff' || options.window !== undefined || options.bands !== undefined;
  const selection = asRaster ? selectPlanes(level, options) : null;
  const shape =
    selection === null ? level.shape : [selection.planes.length, selection.window.height, selection.window.width];
  const copy = (sink: Sink) =>
    selection === null
      ? copyChunks(level, sources, sink, options.signal)
      : copyPlanes(level, selection, sources, sink, options.signal);
  if (/\.zarr\/?$/.test(output)) await writeZarr(output, level, shape, copy);
  else await writeNpy(output, level.dtype, shape, copy);
  return { shape, dtype: level.dtype };
}

type Selection = { readonly planes: readonly (readonly number[])[]; readonly window: Window };

function selectPlanes(level: RasterLevel, { window, bands }: ReadArrayOptions): Selection {
  const { axes, shape } = level;
  if (axes === null) throw argument(`${level.url} is no raster: it has no x and y dimension`);
  const size = levelSize(level);
  const chosen = window ?? { col: 0, row: 0, ...size };
  const inside =
    Object.values(chosen).every(Number.isSafeInteger) &&
    chosen.col >= 0 &&
    chosen.row >= 0 &&
    chosen.width > 0 &&
    chosen.height > 0 &&
    chosen.col + chosen.width <= size.width &&
    chosen.row + chosen.height <= size.height;
  if (!inside)
    throw argument(`window ${Object.values(chosen).join(',')} is not inside ${size.width}×${size.height} pixels`);
  const others = shape.map((count, d) => (d === axes.x || d === axes.y ? 1 : count));
  const total = others.reduce((product, count) => product * count, 1);
  const wanted = bands ?? Array.from({ length: total }, (_, i) => i);
  const odd = wanted.find((band) => !Number.isSafeInteger(band) || band < 0 || band >= total);
  if (odd !== undefined) throw argument(`band ${odd + 1} does not exist, there are ${total}`);
  return { planes: wanted.map((band) => unflatten(band, others)), window: chosen };
}

/** Row of tiles by row of tiles; each tile is decoded once for all planes of its chunk. */
async function copyPlanes(
  level: RasterLevel,
  { planes, window }: Selection,
  sources: SourceFactory,
  sink: Sink,
  signal?: AbortSignal,
): Promise<void> {
  const { x, y } = level.axes!;
  const [tileWidth, tileHeight] = [level.chunkShape[x]!, level.chunkShape[y]!];
  for (
    let tileRow = Math.floor(window.row / tileHeight);
    tileRow * tileHeight < window.row + window.height;
    tileRow++
  ) {
    const top = Math.max(window.row, tileRow * tileHeight);
    const bottom = Math.min(window.row + window.height, (tileRow + 1) * tileHeight);
    const strip = { ...window, row: top, height: bottom - top };
    for (const group of planeGroups(level, planes)) {
      const data = group.map(() => newSamples(level.dtype, strip.width * strip.height));
      for (
        let tileCol = Math.floor(window.col / tileWidth);
        tileCol * tileWidth < window.col + window.width;
        tileCol++
      ) {
        const first = planes[group[0]!]!;
        const index = first.map((value, d) =>
          d === x ? tileCol : d === y ? tileRow : Math.floor(value / level.chunkShape[d]!),
        );
        const samples = await readChunk(level, index, sources, signal === undefined ? {} : { signal });
        for (const [i, plane] of group.entries()) {
          if (samples === null) fillChunk(level, index, strip, data[i]!);
          else placeChunk(level, index, samples, planes[plane]!, strip, data[i]!);
        }
      }
      for (const [i, plane] of group.entries()) {
        await sink((plane * window.height + top - window.row) * window.width, data[i]!);
      }
    }
  }
}

/** Planes that lie in the same chunks, in order. */
function planeGroups({ chunkShape, axes }: RasterLevel, planes: readonly (readonly number[])[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [plane, at] of planes.entries()) {
    const key = at.map((value, d) => (d === axes!.x || d === axes!.y ? 0 : Math.floor(value / chunkShape[d]!))).join();
    const group = groups.get(key) ?? [];
    group.push(plane);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Chunk by chunk, each in runs along the last dimension. */
async function copyChunks(level: RasterLevel, sources: SourceFactory, sink: Sink, signal?: AbortSignal): Promise<void> {
  const grid = chunkGrid(level);
  const count = grid.reduce((product, size) => product * size, 1);
  for (let i = 0; i < count; i++) {
    const index = unflatten(i, grid);
    const stored = storedChunkShape(level, index);
    const samples =
      (await readChunk(level, index, sources, signal === undefined ? {} : { signal })) ?? missingChunk(level, stored);
    await copyRuns(level, index, stored, samples, sink);
  }
}

async function copyRuns(
  level: RasterLevel,
  index: readonly number[],
  stored: readonly number[],
  samples: Samples,
  sink: Sink,
): Promise<void> {
  if (level.shape.length === 0) return sink(0, samples);
  const start = index.map((value, d) => value * level.chunkShape[d]!);
  const inside = stored.map((size, d) => Math.min(size, level.shape[d]! - start[d]!));
  const length = inside.at(-1)!;
  const outer = inside.slice(0, -1);
  const runs = outer.reduce((product, size) => product * size, 1);
  for (let run = 0; run < runs; run++) {
    const place = [...unflatten(run, outer), 0];
    const from = flatten(place, stored);
    const to = flatten(
      place.map((value, d) => value + start[d]!),
      level.shape,
    );
    await sink(to, samples.subarray(from, from + length));
  }
}

function missingChunk(level: RasterLevel, shape: readonly number[]): Samples {
  const samples = newSamples(
    level.dtype,
    shape.reduce((product, size) => product * size, 1),
  );
  if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) samples.fill(BigInt(level.fill));
  else samples.fill(Number(level.fill));
  return samples;
}

async function writeNpy(
  output: string,
  dtype: DataType,
  shape: readonly number[],
  copy: (sink: Sink) => Promise<void>,
): Promise<void> {
  const file = await NpyFile.create(output, dtype, shape);
  try {
    await copy((index, samples) => file.write(index, samples));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** One array named `data`. Pieces are gathered into bands of whole chunks along the first dimension that has several rows. */
async function writeZarr(
  output: string,
  level: RasterLevel,
  shape: readonly number[],
  copy: (sink: Sink) => Promise<void>,
): Promise<void> {
  const array = zarrArray(level, shape);
  const layout = { arrays: [array], coordinates: [], attributes: {} };
  const store = await ZarrStore.open(output, 'create');
  try {
    await store.writeArrays(layout);
    const gather = new ChunkGatherer(array, store);
    await copy((index, samples) => gather.add(index, samples));
    await gather.finish();
    await store.seal(layout);
  } catch (error) {
    await store.discard();
    throw error;
  }
}

function zarrArray(level: RasterLevel, shape: readonly number[]): ArrayLayout {
  const dimensions = shape.map((_, d) => (shape.length === 3 ? ['band', 'y', 'x'][d]! : `dim_${d}`));
  const chunk = shape.map((size, d) =>
    Math.max(
      1,
      Math.min(
        size,
        shape.length === level.shape.length && level.axes === null
          ? level.chunkShape[d]!
          : d === shape.length - 1 || d === shape.length - 2
            ? 1024
            : 1,
      ),
    ),
  );
  const codec = { name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' } as const;
  return { name: 'data', dtype: level.dtype, dimensions, shape, chunk, shard: null, codec, fill: 0, attributes: {} };
}

/**
 * Puts pieces that arrive in any order into chunks; a chunk is stored when all its samples have come, so that only the
 * chunks under way are held.
 */
class ChunkGatherer {
  readonly #array: ArrayLayout;
  readonly #store: ZarrStore;
  readonly #open = new Map<string, { readonly data: Samples; left: number; readonly index: readonly number[] }>();

  constructor(array: ArrayLayout, store: ZarrStore) {
    this.#array = array;
    this.#store = store;
  }

  async add(index: number, samples: Samples): Promise<void> {
    const { shape } = this.#array;
    const row = shape.at(-1) ?? 1;
    for (let done = 0; done < samples.length;) {
      const place = unflatten(index + done, shape);
      const length = Math.min(samples.length - done, row - (place.at(-1) ?? 0), this.#toChunkEnd(place));
      await this.#put(place, samples.subarray(done, done + length));
      done += length;
    }
  }

  async finish(): Promise<void> {
    if (this.#open.size > 0) throw new Error(`${this.#open.size} chunks are incomplete`);
  }

  #toChunkEnd(place: readonly number[]): number {
    const size = this.#array.chunk.at(-1) ?? 1;
    return size - ((place.at(-1) ?? 0) % size);
  }

  async #put(place: readonly number[], samples: Samples): Promise<void> {
    const { chunk, shape, dtype } = this.#array;
    const index = place.map((value, d) => Math.floor(value / chunk[d]!));
    const key = index.join();
    let open = this.#open.get(key);
    if (open === undefined) {
      const inside = chunk.map((size, d) => Math.min(size, shape[d]! - index[d]! * size));
      const left = inside.reduce((product, size) => product * size, 1);
      open = {
        data: newSamples(
          dtype,
          chunk.reduce((product, size) => product * size, 1),
        ),
        left,
        index,
      };
      this.#open.set(key, open);
    }
    open.data.set(
      samples as never,
      flatten(
        place.map((value, d) => value % chunk[d]!),
        chunk,
      ),
    );
    open.left -= samples.length;
    if (open.left > 0) return;
    this.#open.delete(key);
    const bytes = encodeArrayChunk(this.#array, open.data);
    if (bytes !== null) await this.#store.writeObject(objectKey(this.#array, index), bytes);
  }
}

function unflatten(flat: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  let rest = flat;
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = rest % shape[d]!;
    rest = Math.floor(rest / shape[d]!);
  }
  return index;
}

function flatten(index: readonly number[], shape: readonly number[]): number {
  let flat = 0;
  for (let d = 0; d < shape.length; d++) flat = flat * shape[d]! + index[d]!;
  return flat;
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
