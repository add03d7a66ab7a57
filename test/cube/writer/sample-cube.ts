import type { EncodeSpec } from '../../../src/codec/encode-chunk.js';
import { isFloatType, newSamples, type DataType, type Samples } from '../../../src/grid/dtype.js';
import type { GridSpec } from '../../../src/grid/grid-spec.js';
import { cubeLayout, type CubeLayoutInput } from '../../../src/cube/writer/cube-layout.js';
import { encodeArrayChunk, objectKey } from '../../../src/cube/writer/encode.js';
import { objectShape, type ArrayLayout, type CubeLayout } from '../../../src/cube/writer/layout.js';
import type { OpenMode } from '../../../src/cube/writer/staged-store.js';
import { ZarrStore } from '../../../src/cube/writer/zarr-store.js';
import { seededRandom } from '../../raster/cog/seeded.js';

export const BLOSC: EncodeSpec = { name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' };

/** 50 × 37 pixels of 10 m in UTM 33N, chunks of 16: both far edges are partly outside. */
export const GRID: GridSpec = {
  crs: { kind: 'epsg', code: 32633 },
  transform: [10, 0, 399_960, 0, -10, 5_200_020],
  size: { width: 50, height: 37 },
  chunk: { width: 16, height: 16 },
};

export const TIMES = [Date.UTC(2023, 7, 1, 10, 1, 2, 345), Date.UTC(2023, 7, 6, 10, 1, 2)];

/** The input of a small cube; `dtype` is that of its band "red", "scl" is uint8 without nodata. */
export function cubeInput(
  dtype: DataType,
  more: {
    readonly shard?: number;
    readonly codec?: EncodeSpec;
    readonly grid?: GridSpec;
    readonly nodata?: number | null;
  } = {},
): CubeLayoutInput {
  const nodata = more.nodata === undefined ? (isFloatType(dtype) ? NaN : dtype === 'bool' ? null : 1) : more.nodata;
  return {
    grid: more.grid ?? GRID,
    bands: [
      { name: 'red', dtype, nodata, attributes: { long_name: 'red' } },
      { name: 'scl', dtype: 'uint8', nodata: null },
    ],
    timesMs: TIMES,
    solarDays: TIMES.map((ms) => Math.floor(ms / 86_400_000)),
    items: [['a', 'b'], ['c']],
    codec: more.codec ?? BLOSC,
    shard: more.shard ?? null,
    scales: { red: { scale: [0.0001, NaN], offset: [-0.1, NaN] } },
  };
}

/** Seeded samples of a whole array, C order; about a third of its rows hold the fill value alone. */
export function arraySamples({ dtype, shape, fill, name }: ArrayLayout): Samples {
  const width = shape.at(-1)!;
  const samples = newSamples(
    dtype,
    shape.reduce((product, size) => product * size, 1),
  );
  const random = seededRandom(name.length * 977 + samples.length);
  for (let i = 0; i < samples.length; i++) {
    const blank = Math.floor(i / width) % 37 < 17; // a row of chunks and a bit
    const value = blank ? fill : dtype === 'bool' ? Number(random() < 0.5) : Math.floor(random() * 100);
    const half = isFloatType(dtype) && !blank ? value / 8 : value;
    if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) samples[i] = BigInt(value);
    else samples[i] = half;
  }
  return samples;
}

/** Every stored object of an array: its place and its samples, cut at the array's far edges, in C order of the grid. */
export function* arrayObjects(array: ArrayLayout): Generator<{ index: number[]; samples: Samples; shape: number[] }> {
  const whole = arraySamples(array);
  const object = objectShape(array);
  const grid = array.shape.map((size, d) => Math.ceil(size / object[d]!));
  const count = grid.reduce((product, size) => product * size, 1);
  for (let flat = 0; flat < count; flat++) {
    const index: number[] = [];
    for (let d = grid.length - 1, rest = flat; d >= 0; d--) {
      index.unshift(rest % grid[d]!);
      rest = Math.floor(rest / grid[d]!);
    }
    const shape = object.map((size, d) => Math.min(size, array.shape[d]! - index[d]! * size));
    yield { index, shape, samples: cut(array, whole, index, shape) };
  }
}

function cut(array: ArrayLayout, whole: Samples, index: readonly number[], shape: readonly number[]): Samples {
  const object = objectShape(array);
  const [height, width] = shape.slice(-2) as [number, number];
  const [rows, columns] = array.shape.slice(-2) as [number, number];
  const [y, x] = [index.at(-2)! * object.at(-2)!, index.at(-1)! * object.at(-1)!];
  const plane = index.length === 3 ? index[0]! * rows * columns : 0;
  const samples = newSamples(array.dtype, height * width);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) samples[row * width + col] = whole[plane + (y + row) * columns + x + col]!;
  }
  return samples;
}

/** Write a whole cube; `order` may shuffle the objects. Returns its layout. */
export async function writeCube(
  path: string,
  input: CubeLayoutInput,
  options: { readonly mode?: OpenMode; readonly order?: <T>(jobs: T[]) => T[] } = {},
): Promise<CubeLayout> {
  const layout = cubeLayout(input);
  const store = await ZarrStore.open(path, options.mode ?? 'create');
  await store.writeArrays(layout);
  await store.writeCoordinates(layout);
  const jobs = layout.arrays.flatMap((array) => [...arrayObjects(array)].map((object) => ({ array, ...object })));
  const ordered = options.order === undefined ? jobs : options.order(jobs);
  await Promise.all(
    ordered.map(async ({ array, index, samples, shape }) => {
      const bytes = encodeArrayChunk(array, samples, shape);
      if (bytes !== null) await store.writeObject(objectKey(array, index), bytes);
    }),
  );
  await store.seal(layout);
  return layout;
}
