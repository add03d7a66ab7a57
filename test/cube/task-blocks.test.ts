import { describe, expect, test } from 'vitest';
import { assertChunkFits } from '../../src/build/memory.js';
import { outputBytes, taskBlocks, type PixelCost } from '../../src/cube/task-blocks.js';
import type { PixelTask } from '../../src/cube/task.js';

const band = { written: true, dtype: 'uint16', fill: 0, resampling: 'nearest', classes: false, scaled: false } as const;
const bands = [
  { ...band, name: 'red' },
  { ...band, name: 'scl', dtype: 'uint8', classes: true },
] as const;

function task(size: number, candidates: number): PixelTask {
  const window = { col: 0, row: 0, width: size, height: size };
  const plane = { window, target: window, level: { dtype: 'uint16' } };
  const one = { itemId: 'i', planes: [plane, plane], broken: null };
  return { window, candidates: Array.from({ length: candidates }, () => one) } as unknown as PixelTask;
}

const rowsOf = (cost: PixelCost, candidates: number, workBytes: number) =>
  taskBlocks(task(512, candidates), cost, workBytes)[0]!.height;

describe('strips of a task', () => {
  const first: PixelCost = { bands, mosaic: 'first' };
  const pixels = 512 * 512;

  test('cover the chunk once, in order', () => {
    const blocks = taskBlocks(task(512, 3), first, 4 * pixels + 1_000_000);
    expect(blocks.reduce((sum, { height }) => sum + height, 0)).toBe(512);
    expect(blocks.map(({ row }) => row)).toEqual(blocks.map((_, index) => index * blocks[0]!.height));
  });

  test('count what is written, and what fuses', () => {
    // Written: 2 + 1 bytes and the reason. Read: two windows of 3 bytes and two planes of 5. Fused: the strip and its status.
    expect(outputBytes(first)).toBe(4);
    expect(outputBytes({ bands, mosaic: 'mean' })).toBe(6);
    const whole = pixels * (4 + 2 * (3 + 5) + 6);
    expect(rowsOf(first, 1, whole)).toBe(512);
    expect(rowsOf(first, 1, whole - 1)).toBe(256);
    expect(rowsOf(first, 9, whole)).toBe(512);
  });

  test('a mean keeps one plane a band, a median one a candidate', () => {
    const mean = pixels * (6 + 16 + 6 + 2 + 9);
    expect(rowsOf({ bands, mosaic: 'mean' }, 4, mean)).toBe(512);
    expect(rowsOf({ bands, mosaic: 'mean' }, 4, mean - 1)).toBe(256);
    const median = pixels * (6 + 4 * 16 + 6 + 2 + 4 * 9);
    expect(rowsOf({ bands, mosaic: 'median' }, 4, median)).toBe(512);
    expect(rowsOf({ bands, mosaic: 'median' }, 4, median - 1)).toBe(256);
  });

  test('a chunk that leaves no room for its work is refused with the memory that would do', () => {
    const limit = (2 * 1024 * 1024 * 4 * 2) / 0.4;
    expect(() => assertChunkFits(1024, first, limit, 2)).not.toThrow();
    expect(() => assertChunkFits(1024, first, limit - 1, 2)).toThrow(/budget.*grid\.chunk/);
  });
});
