import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSnapshots, RETENTION } from '../../src/lake/maintain/retention.js';
import type { LakeSnapshot, LakeVersions } from '../../src/lake/versions.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 26, 12);

/** One snapshot a day; the last is the newest. */
function daily(count: number, runOf: (id: number) => string | null = () => null): LakeSnapshot[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    timeMs: NOW - (count - 1 - id) * DAY,
    message: null,
    runId: runOf(id),
  }));
}

function tagOf(lakeSnapshot: number) {
  return { name: 'v1', cubeHref: 'a', cubeSnapshot: 'A', lakeSnapshot, taggedMs: NOW, runId: null };
}

function runOf(runId: string) {
  return {
    runId,
    name: 'a',
    status: 'complete',
    finishedMs: NOW,
    cubeHref: 'a',
    cubeSnapshot: 'A',
    lakeSnapshot: null,
  };
}

function keptIds(versions: LakeVersions, retention = RETENTION): number[] {
  return judgeSnapshots(versions, retention, NOW).flatMap(({ id, keptFor }) => (keptFor === null ? [] : [id]));
}

describe('judgeSnapshots', () => {
  it('keeps the newest, the recent, the tagged and the newest commit of a run with a cube, newest first', () => {
    const snapshots = daily(30, (id) => (id === 3 || id === 5 ? 'twice' : id === 6 ? 'other' : null));
    const judged = judgeSnapshots(
      { snapshots, tags: [tagOf(1)], runs: [runOf('twice')] },
      { keepDays: 4, keepLast: 2 },
      NOW,
    );
    expect(judged.map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, i) => 29 - i));
    expect(judged.flatMap(({ id, keptFor }) => (keptFor === null ? [] : [[id, keptFor]]))).toEqual([
      [29, 'newest'],
      [28, 'newest'],
      [27, 'recent'],
      [26, 'recent'],
      [5, 'run twice'],
      [1, 'tag v1'],
    ]);
  });

  it('does not count what maintenance has left, and keeps it only while it is the newest or recent', () => {
    const snapshots = daily(6).map((snapshot) =>
      snapshot.id % 2 === 0 ? snapshot : { ...snapshot, message: 'maintain: merge' },
    );
    expect(keptIds({ snapshots, tags: [], runs: [] }, { keepDays: 1, keepLast: 2 })).toEqual([5, 4, 2]);
  });

  it('never gives up the newest, a tag or what is younger than the days', () => {
    const place = fc.integer({ min: 0, max: 39 });
    const retention = fc.record({
      keepDays: fc.integer({ min: 1, max: 60 }),
      keepLast: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), place, retention, (count, tagged, given) => {
        const kept = new Set(keptIds({ snapshots: daily(count), tags: [tagOf(tagged)], runs: [] }, given));
        for (let id = 0; id < count; id++) {
          const age = count - 1 - id;
          const expected = age < given.keepLast || age < given.keepDays || id === tagged;
          expect(kept.has(id)).toBe(expected);
        }
      }),
      { seed: 7 },
    );
  });

  it.each([
    { keepDays: 0, keepLast: 10 },
    { keepDays: 0.5, keepLast: 10 },
    { keepDays: Number.NaN, keepLast: 10 },
    { keepDays: 7, keepLast: 0 },
    { keepDays: 7, keepLast: 1.5 },
  ])('refuses %j', (retention) => {
    expect(() => keptIds({ snapshots: [], tags: [], runs: [] }, retention)).toThrowError(
      expect.objectContaining({ problem: expect.objectContaining({ kind: 'invalid-argument' }) }),
    );
  });
});
