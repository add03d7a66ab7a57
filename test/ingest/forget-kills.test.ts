import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.js';
import type { LakeLocation } from '../../src/lake/attach.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { listSnapshots } from '../../src/lake/maintain/snapshots.js';
import { cubePath } from '../cli/run-cube.js';
import { catalogCases } from '../lake/catalogs.js';
import { temporaryFolder } from '../lake/temporary.js';
import { seeded } from '../vector/mutate.js';
import { countsOf, SETS, SETS_WITHOUT_B, writeSets } from './three-sets.js';

const SCRIPT = fileURLToPath(new URL('forget-process.mjs', import.meta.url));
const root = temporaryFolder();
/** More are asked for by HELIOCUBE_KILLS. */
const KILLS = Number(process.env['HELIOCUBE_KILLS'] ?? 3);
const SEED = 20_261_127;

describe.each(catalogCases())('a data set is forgotten in a lake in $name', ({ name, place }) => {
  it(`and ${KILLS} kills at seeded random points of the commit leave the lake as it was, or without it (seed ${SEED})`, async () => {
    const folder = join(root, name);
    mkdirSync(folder);
    const lake = { catalog: place(folder), dataPath: join(folder, 'data') };
    const manifest = writeSets(folder);
    await ingest({ manifest, lake, models: false });
    let { ms } = await forgetInChild(lake);
    expect(await countsOf(lake)).toEqual(SETS_WITHOUT_B);
    await ingest({ manifest, lake, models: false });

    const random = seeded(SEED);
    let [killed, old] = [0, 0];
    // A process that has ended before its kill does not count, and tells how quick the machine is by now.
    for (let attempt = 0; killed < KILLS && attempt < 4 * KILLS; attempt++) {
      const before = await snapshotsOf(lake);
      const ended = await forgetInChild(lake, ms * Math.sqrt(random())); // rather late: what is written comes last
      if (ended.isKilled) killed++;
      else ms = ended.ms;
      expect((await checkLake(lake)).faults).toEqual([]);
      expect(await snapshotsOf(lake)).toEqual(expect.arrayContaining(before));
      expect(await countsOf(lake, before[0]!.id)).toEqual(SETS);
      const counts = await countsOf(lake);
      if (counts['datasets'] === SETS.datasets) old++;
      expect(counts).toEqual(counts['datasets'] === SETS.datasets ? SETS : SETS_WITHOUT_B);
      await ingest({ manifest, lake, models: false });
      expect(await countsOf(lake)).toEqual(SETS);
    }
    console.info(`${name}: ${killed} were killed, ${old} left the old state`);
    expect(killed).toBe(KILLS);
  }, 1_800_000);
});

type Ended = { readonly isKilled: boolean; readonly ms: number };

/** Forget b in a process of its own; killed so long after its commit has begun. `ms` is how long that took. */
function forgetInChild(lake: LakeLocation, killAfterMs?: number): Promise<Ended> {
  const dist = join(cubePath(), '../..');
  const input = { lake, datasets: ['b'], apply: true, models: false };
  const child = spawn(process.execPath, [SCRIPT, dist, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let begun = 0;
  let timer: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { phase, problem } = JSON.parse(line) as { readonly phase?: string; readonly problem?: unknown };
    expect(problem).toBeUndefined();
    if (phase !== 'commit') return;
    begun = performance.now();
    if (killAfterMs !== undefined) timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  return new Promise((resolve) => {
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      resolve({ isKilled: signal === 'SIGKILL', ms: performance.now() - begun });
    });
  });
}

/** Why each is kept changes with the ones that come. */
async function snapshotsOf(lake: LakeLocation) {
  return (await listSnapshots(lake)).map(({ id, timeMs, message, runId }) => ({ id, timeMs, message, runId }));
}
