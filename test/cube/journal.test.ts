import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal, parseJournal, readJournal, type JournalHeader } from '../../src/cube/journal.js';
import type { TaskResult } from '../../src/cube/task-result.js';

const layout = { grid: 'g', arrays: 'a', times: 't', storage: 's', hash: 'h' };
const HEADER: JournalHeader = { kind: 'build', runId: 'r1', planHash: 'p', layout, startedAt: 1 };

function resultOf(key: string, mean: number): TaskResult {
  const statistics = { count: 1, sum: mean, mean, stdev: Number.NaN, min: -Infinity, max: null, median: mean };
  return {
    key,
    hash: `h${key}`,
    chunks: [],
    failures: [],
    labels: [{ labelId: 1, coverage: 0.5, bands: [{ kind: 'statistics', band: 'red', statistics }] }],
    objects: [],
    counters: { bytesRead: 1, tilesDecoded: 2, bytesWritten: 3 },
  };
}

describe('the journal of a build', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives back what was recorded, NaN and infinities too', async () => {
    const path = join(folder, 'a');
    const journal = await Journal.create(path, HEADER);
    await journal.record(resultOf('0/0/0', 1.5));
    await journal.record(resultOf('0/0/1', Number.NaN));
    await journal.record(resultOf('0/0/0', 2.5));
    await journal.seal('p');
    await journal.committed('r1');
    await journal.close();
    const { state } = (await readJournal(path))!;
    expect(state).toMatchObject({ header: HEADER, sealedPlan: 'p', committed: true });
    expect([...state.results.values()]).toEqual([resultOf('0/0/0', 2.5), resultOf('0/0/1', Number.NaN)]);
  });

  it('E10 ignores a torn end wherever the crash came, and goes on behind the sound part', async () => {
    const path = join(folder, 'b');
    const journal = await Journal.create(path, HEADER);
    for (let i = 0; i < 5; i++) await journal.record(resultOf(`0/0/${i}`, i));
    await journal.close();
    const whole = await readFile(path);
    const ends = [...whole.keys()].filter((i) => whole[i] === 10).map((i) => i + 1);
    for (let cut = 0; cut < whole.length; cut += 7) {
      const sound = ends.filter((end) => end <= cut);
      const parsed = parseJournal(whole.subarray(0, cut));
      expect(parsed?.length ?? 0).toBe(sound.at(-1) ?? 0);
      expect(parsed?.state.results.size ?? 0).toBe(Math.max(0, sound.length - 1));
    }
    await writeFile(path, whole.subarray(0, whole.length - 3));
    const { length } = (await readJournal(path))!;
    const again = await Journal.continue(path, length);
    await again.record(resultOf('0/0/9', 9));
    await again.close();
    expect([...(await readJournal(path))!.state.results.keys()]).toEqual(['0/0/0', '0/0/1', '0/0/2', '0/0/3', '0/0/9']);
  });

  it('never takes a changed line for a sound one', async () => {
    const path = join(folder, 'c');
    const journal = await Journal.create(path, HEADER);
    await journal.record(resultOf('0/0/0', 1));
    await journal.close();
    const whole = await readFile(path);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = bytes[at]! ^ change;
        const result = parseJournal(bytes)?.state.results.get('0/0/0');
        if (result !== undefined) expect(result).toEqual(resultOf('0/0/0', 1));
      }),
      { numRuns: 300 },
    );
  });

  it('large receipts that are written at the same time do not tear each other', async () => {
    const path = join(folder, 'd');
    const journal = await Journal.create(path, HEADER);
    const values = Array.from({ length: 100_000 }, (_, i) => i + 0.123456789);
    const large = (key: string): TaskResult => ({
      ...resultOf(key, 1),
      labels: [{ labelId: 1, coverage: 1, bands: [{ kind: 'values', band: 'red', values, weights: values }] }],
    });
    await Promise.all(['0/0/0', '0/0/1', '0/0/2', '0/0/3'].map((key) => journal.record(large(key))));
    await journal.seal('p');
    await journal.close();
    const { state } = (await readJournal(path))!;
    expect(state.results.size).toBe(4);
    expect(state.sealedPlan).toBe('p');
  });

  it('says nothing where there is no journal', async () => {
    expect(await readJournal(join(folder, 'none'))).toBeNull();
  });
});
