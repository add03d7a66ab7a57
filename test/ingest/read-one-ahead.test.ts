import { expect, it } from 'vitest';
import { readOneAhead } from '../../src/ingest/read-one-ahead.js';

/** Counts from 1, and writes down when it begins on each and when it is ended. */
async function* count(to: number, log: string[], failAt = Infinity): AsyncGenerator<number> {
  try {
    for (let i = 1; i <= to; i++) {
      log.push(`make ${i}`);
      if (i === failAt) throw new Error(`no ${i}`);
      await Promise.resolve();
      yield i;
    }
  } finally {
    log.push('ended');
  }
}

it('gives every value in order, the next on its way while one is used', async () => {
  const log: string[] = [];
  for await (const value of readOneAhead(count(3, log))) log.push(`use ${value}`);
  expect(log).toEqual(['make 1', 'make 2', 'use 1', 'make 3', 'use 2', 'ended', 'use 3']);
});

it('fails where the source fails, after what came before', async () => {
  const log: string[] = [];
  const used: number[] = [];
  const run = async () => {
    for await (const value of readOneAhead(count(5, log, 3))) used.push(value);
  };
  await expect(run()).rejects.toThrow('no 3');
  expect(used).toEqual([1, 2]);
});

it('ends the source where its user stops or fails, and what was on its way fails unseen', async () => {
  const log: string[] = [];
  for await (const value of readOneAhead(count(9, log))) if (value === 2) break;
  expect(log).toEqual(['make 1', 'make 2', 'make 3', 'ended']);
  const failing = async () => {
    for await (const value of readOneAhead(count(9, [], 2))) throw new Error(`used ${value}`);
  };
  await expect(failing()).rejects.toThrow('used 1');
});
