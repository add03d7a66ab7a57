import { afterEach, describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import { startFaultServer } from '../fault-server.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** Requests that the server works on at a time; it refuses more. */
const CAPACITY = 6;

async function readAll(status: 429 | 503, reads: number): Promise<{ refused: boolean[]; peak: number }> {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i & 255);
  const refused: boolean[] = [];
  let active = 0;
  let peak = 0;
  const server = await startFaultServer({
    files: { a: bytes },
    intercept: (_seen, response) => {
      active++;
      peak = Math.max(peak, active);
      response.on('close', () => active--);
      refused.push(active > CAPACITY);
      if (active <= CAPACITY) {
        setTimeout(() => {
          const headers = { 'content-range': `bytes 0-99/${bytes.length}`, 'content-length': 100 };
          response.writeHead(206, headers).end(bytes.subarray(0, 100));
        }, 8);
      } else setTimeout(() => response.writeHead(status, { 'retry-after': '0' }).end(), 2);
      return true;
    },
  });
  opened.push(server);
  // What a build gives to each of two workers.
  const workers = [0, 1].map(() =>
    createSources({ maxRequests: 32, cacheBytes: 0, mergedBytes: 0, retries: { attempts: 40, baseMs: 2, maxMs: 20 } }),
  );
  opened.push(...workers);
  const read = async (sources: (typeof workers)[number]) => {
    const { bytes: found } = await sources.open(`${server.url}a`).read({ offset: 0, length: 100 });
    expect(found).toEqual(bytes.subarray(0, 100));
  };
  await Promise.all(workers.flatMap((sources) => Array.from({ length: reads }, () => read(sources))));
  return { refused, peak };
}

describe('workers that share an origin by shares of one limit', () => {
  it('together begin at half of it, and settle near what the origin takes (503)', async () => {
    const { refused, peak } = await readAll(503, 150);
    expect(peak).toBeLessThanOrEqual(32);
    const late = refused.slice(refused.length / 2);
    expect(late.filter(Boolean).length / late.length).toBeLessThan(0.35);
  });

  it('slow down together where the origin asks for it (429)', async () => {
    const { refused } = await readAll(429, 40);
    const late = refused.slice(refused.length / 2);
    expect(late.filter(Boolean).length / late.length).toBeLessThan(0.2);
  });
});
