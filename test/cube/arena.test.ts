import { describe, expect, test } from 'vitest';
import { Arena, takeBytes } from '../../src/cube/arena.js';

describe('working memory', () => {
  test('is used again after its release, and holds zeros', () => {
    const arena = new Arena(1e6);
    const mark = arena.mark();
    const first = arena.take('uint16', 5000);
    (first as Uint16Array).fill(7);
    arena.release(mark);
    const second = arena.take('float32', 2400);
    expect(second.buffer).toBe(first.buffer);
    expect(second.every((value) => value === 0)).toBe(true);
    expect(second).toHaveLength(2400);
  });

  test('two arrays in use never share memory', () => {
    const arena = new Arena(1e6);
    const [a, b] = [takeBytes(arena, 10_000), takeBytes(arena, 10_000)];
    expect(a.buffer).not.toBe(b.buffer);
    const mark = arena.mark();
    const c = takeBytes(arena, 10_000);
    arena.release(mark);
    expect(takeBytes(arena, 10_000).buffer).toBe(c.buffer);
  });

  test('keeps no more than its limit', () => {
    const arena = new Arena(20_000);
    const mark = arena.mark();
    const buffers = [1, 2, 3].map(() => takeBytes(arena, 8192).buffer);
    arena.release(mark);
    const again = [1, 2, 3].map(() => takeBytes(arena, 8192).buffer);
    expect(again.filter((buffer) => buffers.includes(buffer))).toHaveLength(2);
  });
});
