import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatProblem, problemOf } from '../../src/errors.js';
import type { ByteRange } from '../../src/io/byte-source.js';
import { createSources, type SourceOptions } from '../../src/io/sources.js';
import { seeded, startFaultServer, type FaultServer } from '../fault-server.js';

const random = seeded(7);
const bytes = Uint8Array.from({ length: 300_000 }, () => Math.floor(random() * 256));

const range: fc.Arbitrary<ByteRange> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ offset: fc.nat(320_000), length: fc.nat(60_000) }) },
  { weight: 10, arbitrary: fc.record({ offset: fc.nat(320_000), length: fc.nat(300) }) },
  { weight: 3, arbitrary: fc.record({ suffix: fc.nat(60_000) }) },
  { weight: 1, arbitrary: fc.constant('all' as const) },
);

function sliceOf(one: ByteRange): Uint8Array {
  if (one === 'all') return bytes;
  if ('suffix' in one) return bytes.subarray(Math.max(0, bytes.length - one.suffix));
  return bytes.subarray(one.offset, one.offset + one.length);
}

describe('createSources', () => {
  let server: FaultServer;
  beforeAll(async () => {
    const faults = { rate503: 0.05, truncateRate: 0.01, resetRate: 0.01, wrongRangeRate: 0.01, seed: 11 };
    server = await startFaultServer({ files: { 'a.bin': bytes }, faults });
  });
  afterAll(() => server.close());

  it.each<[string, SourceOptions]>([
    ['all wrappers', {}],
    ['a small cache', { cacheBytes: 100_000 }],
    ['no cache', { cacheBytes: 0 }],
    ['no merging', { mergedBytes: 0 }],
    ['merging across wide gaps', { cacheBytes: 0, gapBytes: 100_000 }],
    ['one request at a time', { maxRequests: 1 }],
  ])('E2: any reads through %s equal slices of the bytes, on a server with faults', async (_name, options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(range, { maxLength: 8 }), { maxLength: 4 }), async (rounds) => {
        const sources = createSources({ ...options, retries: { baseMs: 1, attempts: 8 } });
        const source = sources.open(`${server.url}a.bin`);
        for (const round of rounds) {
          const results = await Promise.all(round.map((one) => source.read(one)));
          results.forEach((result, index) => {
            expect(result.size).toBe(bytes.length);
            expect(Buffer.compare(result.bytes, sliceOf(round[index]!))).toBe(0);
          });
        }
        await sources.close();
      }),
      { numRuns: 20, seed: 5 },
    );
  });

  it('opens one source for one URL and refuses what it cannot read', async () => {
    const sources = createSources();
    expect(sources.open(`${server.url}a.bin`)).toBe(sources.open(`${server.url}a.bin`));
    expect(() => sources.open('ftp://host/x')).toThrow(/unsupported.*ftp: locations/);
    expect(() => sources.open('http://')).toThrow(/not a valid URL/);
    await sources.close();
  });
});

describe('signing', () => {
  it('E4: signs when it reads, once for a container, and again after a 403', async () => {
    let valid = 1;
    const server = await startFaultServer({
      files: { 'box/a.bin': bytes, 'box/b.bin': bytes },
      intercept: (seen, response) => {
        if (seen.path.endsWith(`?token=${valid}`)) return false;
        response.writeHead(403).end();
        return true;
      },
    });
    let calls = 0;
    const sign = (url: string) => ({ url: `${url}?token=${++calls}`, expiresAt: Date.now() + 60_000 });
    const sources = createSources({ sign, cacheBytes: 0, mergedBytes: 0 });
    const [a, b] = ['a', 'b'].map((name) => sources.open(`${server.url}box/${name}.bin`));
    expect(calls).toBe(0);
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? a! : b!).read({ suffix: 10 + index })),
    );
    expect(calls).toBe(1);
    valid = 2;
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? a! : b!).read({ suffix: 30 + index })),
    );
    expect(calls).toBe(2);
    valid = 99;
    await expect(a!.read('all')).rejects.toMatchObject({ problem: { kind: 'denied', status: 403 } });
    expect(calls).toBe(2);
    await sources.close();
    await server.close();
  });
});

describe('secrets', () => {
  it('E3: no error carries a query, user info or an authorization', async () => {
    const statuses = [403, 404, 400, 503, 416, 302];
    const server = await startFaultServer({
      intercept: (seen, response) => {
        const status = Number(/\d+/.exec(seen.path)?.[0]);
        if (status === 0) response.socket?.destroy();
        else response.writeHead(status, { location: 'http://10.0.0.1/?sig=SECRET' }).end('<Code>Bad</Code> SECRET');
        return true;
      },
    });
    const sources = createSources({ retries: { attempts: 2, baseMs: 1 }, sign: (url) => `${url}&again=SECRET` });
    const base = server.url.replace('http://', 'http://user:SECRET@');
    for (const status of [0, ...statuses]) {
      const source = sources.open(`${base}${status}?sig=SECRET#SECRET`);
      const error = await source.read({ offset: 0, length: 4 }).catch((cause: unknown) => cause);
      const problem = problemOf(error);
      const shown = [source.url, inspect(error, { depth: 9 }), JSON.stringify(problem), formatProblem(problem)];
      expect(shown.join('\n')).not.toContain('SECRET');
      expect(problem.kind).not.toBe('worker');
    }
    await sources.close();
    await server.close();
  });
});
