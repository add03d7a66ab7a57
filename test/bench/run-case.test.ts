import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case } from '../../bench/cases.js';
import type { RouteCommand } from '../../bench/route-process.js';
import { runCase } from '../../bench/run-case.js';

/** A route in a line of JavaScript: `reply(n)` is the answer to request n, and what it dumps is two bytes. */
const route = (name: string, reply: string): RouteCommand => ({
  name,
  file: process.execPath,
  parameters: [
    '-e',
    `console.log(JSON.stringify({ ready: '${name} 1' })); let n = 0;
     require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
       const { dump } = JSON.parse(line);
       if (dump !== null) require('fs').writeFileSync(dump, Buffer.of(7, 0));
       console.log(JSON.stringify((${reply})(n++)));
     });`,
  ],
});

const measured = (wall: number, crc = '5') => `() => ({ wall: ${wall}, cpu: ${wall}, peakMiB: 10, crc: ${crc} })`;

const test: Case = {
  name: 'case',
  what: 'nothing',
  job: { kind: 'decode', file: 'x', window: { col: 0, row: 0, width: 1, height: 1 } },
  peers: ['peer'],
  compare: { kind: 'samples', within: 0 },
};

describe('a case', () => {
  let scratch = '';
  const said: string[] = [];
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'heliocube-bench-'));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  const run = (ours: string, peer: RouteCommand | string) =>
    runCase(test, {
      rounds: 3,
      scratch: join(scratch, 'work'),
      commandOf: (name) => (name === 'peer' ? peer : route(name, ours)),
      say: (line) => said.push(line),
    });

  it('gives the ratio of medians, whether results are the same, and versions', async () => {
    const { rows, versions } = await run(
      measured(2),
      route('peer', `(n) => ({ wall: [99, 5, 6, 7][n], cpu: 1, peakMiB: n, crc: 6 })`),
    );
    expect(rows).toEqual([
      {
        case: 'case',
        peer: 'peer',
        ratio: 3,
        ours_s: 2,
        peer_s: 6,
        ours_cpu_s: 2,
        peer_cpu_s: 1,
        ours_mib: 10,
        peer_mib: 3,
        equal: false,
        agree: 1,
      },
    ]);
    expect(versions).toEqual(['heliocube 1', 'peer 1']);
  });

  it('leaves out peers that are absent, do not start or fail, and says so', async () => {
    const missing: RouteCommand = { name: 'peer', file: join(scratch, 'no-such-program'), parameters: [] };
    for (const peer of ['not installed', missing, route('peer', `() => ({ error: 'broken' })`)]) {
      said.length = 0;
      expect((await run(measured(1), peer)).rows).toEqual([]);
      expect(said.join()).toMatch(/case: without peer.*(not installed|does not start|broken)/);
    }
  });

  it('fails where a result changes from round to round, or where we fail', async () => {
    await expect(run(measured(1), route('peer', '(n) => ({ wall: 1, cpu: 1, peakMiB: 1, crc: n })'))).rejects.toThrow(
      'another result',
    );
    await expect(run(`() => ({ error: 'broken' })`, 'absent')).rejects.toThrow('broken');
  });
});
