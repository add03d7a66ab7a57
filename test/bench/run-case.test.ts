import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agreement, Case } from '../../bench/cases/case.js';
import type { RouteCommand } from '../../bench/route-process.js';
import { runCase } from '../../bench/run-case.js';

/** A route in a line of JavaScript: `reply(n)` is the answer to request n, and what it dumps is one uint16. */
const route = (name: string, reply: string, sample = 7): RouteCommand => ({
  name,
  file: process.execPath,
  parameters: [
    '-e',
    `console.log(JSON.stringify({ ready: '${name} 1' })); let n = 0;
     require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
       const { dump } = JSON.parse(line);
       if (dump !== null) require('fs').writeFileSync(dump, Buffer.of(${sample}, 0));
       console.log(JSON.stringify((${reply})(n++)));
     });`,
  ],
});

const measured = (wall: number, crc = '5') => `() => ({ wall: ${wall}, cpu: ${wall}, peakMiB: 10, crc: ${crc} })`;

const job = { kind: 'zarr-read', store: 'x' } as const;
const BYTES: Agreement = { kind: 'bytes' };
const NEAR: Agreement = { kind: 'values', reference: 'exact', type: 'uint16', within: 1, least: 1, rule: 'near' };
const caseOf = (agreement: Agreement, peer: Partial<Case['runs'][number]> = {}): Case => ({
  name: 'case',
  what: 'nothing',
  runs: [
    { id: 'heliocube', route: 'heliocube', job },
    { id: 'peer', route: 'peer', job, ...peer },
    ...(agreement.kind === 'bytes' ? [] : [{ id: 'exact', route: 'exact', job, reference: true as const }]),
  ],
  rows: [{ name: 'case.a', ours: 'heliocube', peer: 'peer', target: 2 }],
  agreement,
});

describe('a case', () => {
  let scratch = '';
  const said: string[] = [];
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'heliocube-bench-'));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  const run = (ours: string, peer: RouteCommand | string, test = caseOf(BYTES), exact = 7) =>
    runCase(test, {
      rounds: 3,
      scratch: join(scratch, 'work'),
      commandOf: (name) =>
        name === 'peer' ? peer : name === 'exact' ? route(name, measured(9), exact) : route(name, ours),
      nextRound: () => 1,
      say: (line) => said.push(line),
    });

  it('gives the ratio of medians, whether results are the same, and versions', async () => {
    const peer = route('peer', `(n) => ({ wall: [99, 5, 6, 7][n], cpu: 1, peakMiB: n, crc: 6 })`);
    const { rows, versions } = await run(measured(2), peer);
    expect(rows).toEqual([
      {
        case: 'case.a',
        peer: 'peer',
        ratio: 3,
        target: 2,
        equal: false,
        agree: { kind: 'bytes', rule: 'the bytes of peer', ours: 0, peer: null },
        rounds: [3, 3],
        ours_s: 2,
        peer_s: 6,
        ours_cpu_s: 2,
        peer_cpu_s: 1,
        ours_mib: 10,
        peer_mib: 3,
      },
    ]);
    expect(versions).toEqual(['heliocube 1', 'peer 1']);
    expect((await run(measured(2), route('peer', measured(2)))).rows[0]).toMatchObject({ ratio: 1, equal: true });
  });

  it('compares values with those of a reference that is not measured', async () => {
    const near = await run(measured(1), route('peer', measured(1), 9), caseOf(NEAR), 8);
    expect(near.rows[0]).toMatchObject({ equal: true, agree: { rule: 'near', ours: 1, peer: 1 } });
    const far = await run(measured(1), route('peer', measured(1), 9), caseOf(NEAR), 10);
    expect(far.rows[0]).toMatchObject({ equal: false, agree: { ours: 0, peer: 1 } });
  });

  it('multiplies the seconds of a peer that did a part of the work, and says how many rounds it had', async () => {
    const { rows } = await run(measured(2), route('peer', measured(3)), caseOf(NEAR, { times: 10, rounds: 1 }));
    expect(rows[0]).toMatchObject({ ratio: 15, peer_cpu_s: 30, rounds: [3, 1], agree: { peer: null } });
  });

  it('names peers that are absent, do not start or fail, with the reason', async () => {
    const missing: RouteCommand = { name: 'peer', file: join(scratch, 'no-such-program'), parameters: [] };
    for (const peer of ['not installed', missing, route('peer', `() => ({ error: 'at x\\nbroken' })`)]) {
      said.length = 0;
      const { rows, absent } = await run(measured(1), peer);
      expect(rows).toEqual([]);
      expect(absent).toEqual([
        { case: 'case.a', peer: 'peer', reason: expect.stringMatching(/^(not installed|.*does not start.*|broken)$/) },
      ]);
      expect(said.join()).toMatch(/case: without peer/);
    }
  });

  it('names our own route that is not built here, but fails where it runs and breaks', async () => {
    const test = caseOf(BYTES);
    const optional = { ...test, runs: [{ id: 'heliocube', route: 'heliocube-icechunk', job }, test.runs[1]!] };
    const attempt = (ours: RouteCommand | string) =>
      runCase(optional, {
        rounds: 1,
        scratch: join(scratch, 'work'),
        commandOf: (name) => (name === 'peer' ? route('peer', measured(1)) : ours),
        nextRound: () => 1,
        say: () => {},
      });
    const { rows, absent } = await attempt('not built');
    expect(rows).toEqual([]);
    expect(absent).toEqual([{ case: 'case.a', peer: 'heliocube', reason: 'not built' }]);
    await expect(attempt(route('ours', `() => ({ error: 'broken' })`))).rejects.toThrow('broken');
  });

  it('fails where a result changes from round to round, or where we fail', async () => {
    await expect(run(measured(1), route('peer', '(n) => ({ wall: 1, cpu: 1, peakMiB: 1, crc: n })'))).rejects.toThrow(
      'another result',
    );
    await expect(run(`() => ({ error: 'broken' })`, 'absent')).rejects.toThrow('broken');
  });
});
