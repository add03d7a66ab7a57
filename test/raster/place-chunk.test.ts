import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newSamples, type DataType, type Samples } from '../../src/grid/dtype.js';
import type { Window } from '../../src/grid/affine.js';
import { chunkGrid, storedChunkShape } from '../../src/raster/level.js';
import type { ChunkPlacement } from '../../src/raster/chunk-part.js';
import { fillChunk, placeChunk } from '../../src/raster/place-chunk.js';

const dtypes = fc.constantFrom<DataType>('uint8', 'int16', 'float32', 'float64', 'int64', 'float16');

/** A level of two to four dimensions with its x and y anywhere, a window of it, and a plane. */
const cases = fc.integer({ min: 2, max: 4 }).chain((rank) =>
  fc
    .record({
      shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: rank, maxLength: rank }),
      chunkShape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: rank, maxLength: rank }),
      edge: fc.constantFrom('padded' as const, 'clipped' as const),
      order: fc.shuffledSubarray([...Array(rank).keys()], { minLength: 2, maxLength: 2 }),
      dtype: dtypes,
      corners: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 4, maxLength: 4 }),
      plane: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: rank, maxLength: rank }),
    })
    .map(({ shape, chunkShape, edge, order, dtype, corners, plane }) => {
      const [x, y] = [order[0]!, order[1]!];
      const level = { shape, chunkShape, edge, axes: { x, y, band: null } } satisfies ChunkPlacement;
      const cut = (a: number, b: number, size: number) => {
        const [low, high] = [Math.floor(Math.min(a, b) * size), Math.floor(Math.max(a, b) * size)];
        return { start: low, length: high - low + 1 };
      };
      const columns = cut(corners[0]!, corners[1]!, shape[x]!);
      const rows = cut(corners[2]!, corners[3]!, shape[y]!);
      const window: Window = { col: columns.start, row: rows.start, width: columns.length, height: rows.length };
      const at = plane.map((value, d) => (d === x || d === y ? NaN : Math.floor(value * shape[d]!)));
      return { level, window, at, dtype };
    }),
);

/** What a sample holds: its place in the whole array, so that a wrong copy shows. */
function wholeIndex(shape: readonly number[], position: readonly number[]): number {
  return position.reduce((flat, value, d) => flat * shape[d]! + value, 0) + 1;
}

function chunkOf(level: ChunkPlacement, index: readonly number[], dtype: DataType): Samples {
  const shape = storedChunkShape(level, index);
  const samples = newSamples(
    dtype,
    shape.reduce((product, size) => product * size, 1),
  );
  for (let i = 0; i < samples.length; i++) {
    let rest = i;
    const inner = shape.map(() => 0);
    for (let d = shape.length - 1; d >= 0; d--) {
      inner[d] = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    const position = inner.map((value, d) => value + index[d]! * level.chunkShape[d]!);
    const inside = position.every((value, d) => value < level.shape[d]!);
    set(samples, i, inside ? wholeIndex(level.shape, position) % 127 : 99);
  }
  return samples;
}

function set(samples: Samples, i: number, value: number): void {
  if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) samples[i] = BigInt(value);
  else samples[i] = value;
}

function* planeChunks({ shape, chunkShape, axes }: ChunkPlacement, at: readonly number[]): Generator<number[]> {
  const grid = chunkGrid({ shape, chunkShape });
  for (let row = 0; row < grid[axes!.y]!; row++) {
    for (let col = 0; col < grid[axes!.x]!; col++) {
      yield shape.map((_, d) => (d === axes!.x ? col : d === axes!.y ? row : Math.floor(at[d]! / chunkShape[d]!)));
    }
  }
}

describe('placeChunk', () => {
  it('puts every sample of a plane where the slow version puts it', () => {
    fc.assert(
      fc.property(cases, ({ level, window, at, dtype }) => {
        const { x, y } = level.axes;
        const found = newSamples(dtype, window.width * window.height);
        for (const index of planeChunks(level, at))
          placeChunk(level, index, chunkOf(level, index, dtype), at, window, found);
        const expected = newSamples(dtype, found.length);
        for (let i = 0; i < found.length; i++) {
          const [row, col] = [window.row + Math.floor(i / window.width), window.col + (i % window.width)];
          const position = level.shape.map((_, d) => (d === x ? col : d === y ? row : at[d]!));
          set(expected, i, wholeIndex(level.shape, position) % 127);
        }
        expect(found).toEqual(expected);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('keeps the bits of NaN payloads and 64-bit integers', () => {
    const level = { shape: [1, 2, 2], chunkShape: [1, 2, 2], edge: 'padded', axes: { y: 0, x: 1, band: 2 } } as const;
    const window = { col: 0, row: 0, width: 2, height: 1 };
    const bits = BigUint64Array.of(0x7ff4_0000_dead_beefn, 1n, 0x7ff0_0000_0000_0001n, 2n);
    const found = new BigUint64Array(2);
    placeChunk(level, [0, 0, 0], new Float64Array(bits.buffer), [NaN, NaN, 0], window, new Float64Array(found.buffer));
    expect(found).toEqual(BigUint64Array.of(bits[0]!, bits[2]!));
  });

  it('leaves alone what the chunk does not cover', () => {
    const level = { shape: [4, 4], chunkShape: [2, 2], edge: 'padded', axes: { y: 0, x: 1, band: null } } as const;
    const found = new Uint8Array(9).fill(7);
    placeChunk(level, [1, 1], new Uint8Array(4).fill(1), [NaN, NaN], { col: 1, row: 1, width: 3, height: 3 }, found);
    expect([...found]).toEqual([7, 7, 7, 7, 1, 1, 7, 1, 1]);
    placeChunk(level, [0, 0], new Uint8Array(4).fill(9), [NaN, NaN], { col: 2, row: 2, width: 2, height: 2 }, found);
    expect([...found]).toEqual([7, 7, 7, 7, 1, 1, 7, 1, 1]);
  });
});

describe('fillChunk', () => {
  it('fills what a missing chunk covers of the window', () => {
    const level = { shape: [3, 3], chunkShape: [2, 2], edge: 'padded', axes: { y: 0, x: 1, band: null } } as const;
    const found = new Int16Array(9);
    fillChunk({ ...level, fill: -5 }, [0, 1], [NaN, NaN], { col: 0, row: 0, width: 3, height: 3 }, found);
    expect([...found]).toEqual([0, 0, -5, 0, 0, -5, 0, 0, 0]);
    const long = new BigInt64Array(1);
    fillChunk({ ...level, fill: 2n ** 62n }, [0, 0], [NaN, NaN], { col: 1, row: 1, width: 1, height: 1 }, long);
    expect(long[0]).toBe(2n ** 62n);
  });
});
