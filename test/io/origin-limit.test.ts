import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/io/byte-source.js';
import { OriginLimit } from '../../src/io/origin-limit.js';
import { attemptError } from '../../src/io/retry-hint.js';
import { withLimit } from '../../src/io/with-limit.js';
import { withRetries } from '../../src/io/with-retries.js';
import { VirtualClock } from './virtual-clock.js';

const ADVICE = { again: true, afterMs: null };

/** A simulated origin: each request takes 50 ms; more than `perSecond` of them in any second are refused with 429. */
function slowOrigin(clock: VirtualClock, perSecond: number) {
  const accepted: number[] = [];
  const log: boolean[] = [];
  const source: ByteSource = {
    url: 'https://host/a',
    async read() {
      const now = clock.now();
      const recent = accepted.filter((time) => time > now - 1000).length;
      const refused = recent >= perSecond;
      log.push(refused);
      if (!refused) accepted.push(now);
      await clock.wait(50);
      if (!refused) return { bytes: new Uint8Array(1), size: 1, etag: null };
      throw attemptError(
        { kind: 'network', url: 'https://host/a', what: '429', attempts: 1 },
        { ...ADVICE, load: 'rate' },
      );
    },
  };
  return { source, log, accepted };
}

describe('OriginLimit', () => {
  it('E9: settles below a limit of 20 requests a second and completes', async () => {
    const clock = new VirtualClock();
    const limit = new OriginLimit({ clock });
    const { source, log, accepted } = slowOrigin(clock, 20);
    const client = withRetries(withLimit(source, limit), { clock });
    const start = clock.now();
    const results = await clock.run(Promise.all(Array.from({ length: 1000 }, () => client.read('all'))));
    expect(results).toHaveLength(1000);
    const late = log.slice(Math.floor(log.length / 2));
    expect(late.filter(Boolean).length / late.length).toBeLessThan(0.1);
    const rate = accepted.length / ((clock.now() - start) / 1000);
    expect(rate).toBeGreaterThan(10);
  });

  it('halves once for all requests that were under way together, then grows slowly', async () => {
    const limit = new OriginLimit({ clock: new VirtualClock(), initial: 16, max: 64 });
    const together = await Promise.all(Array.from({ length: 16 }, () => limit.acquire()));
    expect(limit.state).toMatchObject({ limit: 16, active: 16 });
    for (const release of together) release({ ...ADVICE, load: 'busy' });
    expect(limit.state).toEqual({ limit: 8, active: 0, rate: null });
    for (let round = 0; round < 9; round++) (await limit.acquire())(null);
    expect(limit.state.limit).toBe(9);
  });

  it('adds one for every success until the first overload', async () => {
    const limit = new OriginLimit({ clock: new VirtualClock(), initial: 4, max: 16 });
    for (let round = 0; round < 10; round++) (await limit.acquire())(null);
    expect(limit.state.limit).toBe(14);
    (await limit.acquire())({ ...ADVICE, load: 'busy' });
    expect(limit.state.limit).toBe(7);
    for (let round = 0; round < 8; round++) (await limit.acquire())(null);
    expect(limit.state.limit).toBe(8);
  });

  it('never starts more than allowed, in order, and lets the aborted leave the queue', async () => {
    const limit = new OriginLimit({ clock: new VirtualClock(), initial: 1, max: 1 });
    const order: number[] = [];
    const first = await limit.acquire();
    const control = new AbortController();
    const second = limit.acquire(control.signal);
    const third = limit.acquire().then((release) => (order.push(3), release));
    const fourth = limit.acquire().then((release) => (order.push(4), release));
    control.abort();
    await expect(second).rejects.toMatchObject({ problem: { kind: 'aborted' } });
    first(null);
    (await third)(null);
    (await fourth)(null);
    expect(order).toEqual([3, 4]);
    expect(limit.state.active).toBe(0);
  });

  it('stops an origin that says how long to wait', async () => {
    const clock = new VirtualClock();
    const limit = new OriginLimit({ clock });
    const start = clock.now();
    (await limit.acquire())({ again: true, load: 'rate', afterMs: 5000 });
    (await clock.run(limit.acquire()))(null);
    expect(clock.now() - start).toBeGreaterThanOrEqual(5000);
  });
});
