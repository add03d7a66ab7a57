import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/io/byte-source.js';
import { MemorySource } from '../../src/io/memory-source.js';
import { attemptError, type RetryAdvice } from '../../src/io/retry-hint.js';
import { withIdentity } from '../../src/io/with-identity.js';
import { withRetries } from '../../src/io/with-retries.js';
import { VirtualClock } from './virtual-clock.js';

const url = 'https://host/a.bin';

/** Fails with each advice in turn, then reads. */
function flaky(
  advices: readonly Partial<RetryAdvice>[],
): ByteSource & { readonly times: number[]; readonly clock: VirtualClock } {
  const memory = new MemorySource(new Uint8Array(10));
  const times: number[] = [];
  const clock = new VirtualClock();
  return {
    url,
    times,
    clock,
    async read(range) {
      times.push(clock.now());
      const advice = advices[times.length - 1];
      if (advice === undefined) return memory.read(range);
      throw attemptError({ kind: 'network', url, what: 'answered 503', attempts: 1 }, advice, new Error('socket'));
    },
  };
}

describe('withRetries', () => {
  it('E1: tries again after a random wait below a doubling bound', async () => {
    const source = flaky(Array.from({ length: 5 }, () => ({ again: true })));
    const read = withRetries(source, { clock: source.clock, baseMs: 100, maxMs: 400 }).read('all');
    expect((await source.clock.run(read)).size).toBe(10);
    const waits = source.times.slice(1).map((time, index) => time - source.times[index]!);
    [100, 200, 400, 400, 400].forEach((bound, index) => {
      expect(waits[index]).toBeGreaterThan(0);
      expect(waits[index]).toBeLessThanOrEqual(bound);
    });
  });

  it('E1: never before Retry-After, and not at all when that is too long', async () => {
    const patient = flaky([{ again: true, afterMs: 7000 }]);
    await patient.clock.run(withRetries(patient, { clock: patient.clock }).read('all'));
    expect(patient.times[1]! - patient.times[0]!).toBeGreaterThanOrEqual(7000);
    const long = flaky([{ again: true, afterMs: 500_000 }]);
    await expect(withRetries(long, { clock: long.clock }).read('all')).rejects.toMatchObject({
      problem: { kind: 'network', what: 'answered 503, Retry-After 500 s', attempts: 1 },
    });
  });

  it('counts attempts in the problem and leaves the transport error as the cause', async () => {
    const source = flaky(Array.from({ length: 9 }, () => ({ again: true })));
    const read = withRetries(source, { clock: source.clock, attempts: 4 }).read('all');
    await expect(source.clock.run(read)).rejects.toMatchObject({
      problem: { kind: 'network', attempts: 4 },
      message: `network: ${url}: answered 503 after 4 attempts`,
      cause: { message: 'socket' },
    });
    expect(source.times).toHaveLength(4);
  });

  it('does not repeat what cannot help', async () => {
    const source = flaky([{ again: false }]);
    await expect(withRetries(source, { clock: source.clock }).read('all')).rejects.toThrow(/after 1 attempt$/);
    expect(source.times).toHaveLength(1);
  });

  it('is patient with an origin that only wants fewer requests', async () => {
    const source = flaky(Array.from({ length: 20 }, () => ({ again: true, load: 'rate' as const })));
    expect((await source.clock.run(withRetries(source, { clock: source.clock }).read('all'))).size).toBe(10);
  });

  it('ends its wait when the signal fires', async () => {
    const source = flaky([{ again: true, afterMs: 60_000 }]);
    const control = new AbortController();
    const read = withRetries(source, { clock: source.clock }).read('all', { signal: control.signal });
    setImmediate(() => control.abort(new Error('enough')));
    await expect(read).rejects.toMatchObject({ problem: { kind: 'aborted', what: 'enough' } });
  });
});

describe('withIdentity', () => {
  it('E6: refuses another version of the object, by size or by etag', async () => {
    const memory = new MemorySource(new Uint8Array(10));
    const { size, etag } = await memory.read('all');
    expect((await withIdentity(memory, { size, etag }).read('all')).size).toBe(10);
    expect((await withIdentity(memory, { size, etag: null }).read('all')).size).toBe(10);
    for (const expected of [
      { size: 11, etag },
      { size, etag: '"other"' },
    ]) {
      await expect(withIdentity(memory, expected).read('all')).rejects.toMatchObject({ problem: { kind: 'changed' } });
    }
  });
});
