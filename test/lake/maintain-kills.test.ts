import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openSession, withAttached, type LakeLocation } from '../../src/lake/attach.js';
import { openLake } from '../../src/lake/lake.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { maintainLake, type MaintainOptions } from '../../src/lake/maintain/maintain.js';
import { listSnapshots } from '../../src/lake/maintain/snapshots.js';
import { STEPS } from '../../src/lake/maintain/steps.js';
import { readSums, type LakeSums } from '../../src/lake/maintain/table-sums.js';
import { seededRandom } from '../../src/sample/random.js';
import { builtFolder } from './built.js';
import { catalogCases, onServer } from './catalogs.js';
import { ageScheduled, makeMaintainedLake } from './maintained-lake.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const SCRIPT = fileURLToPath(new URL('maintain-process.mjs', import.meta.url));
const SEED = 20_261_126;
/** Every phase once; more are asked for by HELIOCUBE_KILLS. */
const KILLS = Number(process.env['HELIOCUBE_KILLS'] ?? 9);
const root = temporaryFolder();

/** What is interrupted; `lock` and `check` only wait and look. */
const PHASES = ['backup', 'sums', 'expire', 'merge', 'rewrite', 'compare', 'cleanup', 'orphans'];

type Line = { readonly phase?: string; readonly report?: unknown; readonly problem?: unknown };
type Kill = { readonly phase: string; readonly afterMs: number };
type Ended = {
  readonly lines: readonly Line[];
  /** How long each phase took. */
  readonly phaseMs: ReadonlyMap<string, number>;
};

/** Maintain the lake with every step; killed so long after a phase has begun. */
function maintainInChild(location: LakeLocation, kill?: Kill): Promise<Ended> {
  const options: MaintainOptions = { ...location, steps: STEPS, apply: true };
  const dist = builtFolder('duckdb', 'lake', 'io');
  const child = spawn(process.execPath, [SCRIPT, dist, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  const phaseMs = new Map<string, number>();
  let since = 0;
  return new Promise((resolve) => {
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => {
      const before = lines.at(-1)?.phase;
      if (before !== undefined) phaseMs.set(before, performance.now() - since);
      since = performance.now();
      const said = JSON.parse(line) as Line;
      lines.push(said);
      if (kill === undefined || said.phase !== kill.phase) return;
      setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
    });
    reader.on('close', () => resolve({ lines, phaseMs }));
  });
}

/** All that must survive: the rows of the newest snapshot, and the rows at every snapshot that is to be kept. */
async function contentOf(location: LakeLocation, kept: readonly number[]): Promise<LakeSums> {
  const session = await openSession(location);
  try {
    return await withAttached(session, { readOnly: true }, () => readSums(session.database, kept));
  } finally {
    await session.database.close();
  }
}

async function commitOne(location: LakeLocation, context: string): Promise<void> {
  const lake = await openLake(location);
  expect(await lake.commit(sampleRun('afterwards')), context).toMatchObject({ alreadyCommitted: false });
  await lake.close();
}

async function keptSnapshots(location: LakeLocation): Promise<number[]> {
  return (await listSnapshots(location)).flatMap(({ id, keptFor }) => (keptFor === null ? [] : [id]));
}

describe.each(catalogCases())('maintenance of a lake with a $name catalog', ({ name, place }) => {
  const folder = join(root, name);
  const template = { catalog: '', dataPath: join(folder, 'template/data') };
  const server = () => /^postgres:(.*) dbname=(\S+)$/.exec(template.catalog);
  let copies = 0;

  /** A copy of the lake; of a Postgres database too. */
  async function copyOf(): Promise<LakeLocation> {
    const copy = join(folder, `copy-${copies}`);
    cpSync(join(folder, 'template'), copy, { recursive: true, preserveTimestamps: true });
    const dataPath = join(copy, 'data');
    const found = server();
    if (found === null) return { catalog: template.catalog.replace(join(folder, 'template'), copy), dataPath };
    const database = `${found[2]}_${copies++}`;
    await onServer(found[1]!, `CREATE DATABASE ${database} TEMPLATE ${found[2]}`);
    return { catalog: `postgres:${found[1]} dbname=${database}`, dataPath };
  }

  async function drop(location: LakeLocation): Promise<void> {
    rmSync(join(location.dataPath, '..'), { recursive: true });
    const database = /dbname=(\S+)$/.exec(location.catalog)?.[1];
    if (database !== undefined) await onServer(server()![1]!, `DROP DATABASE ${database} WITH (FORCE)`);
  }

  it(`survives being killed at ${KILLS} seeded random points (seed ${SEED})`, async () => {
    mkdirSync(join(folder, 'template'), { recursive: true });
    Object.assign(template, { catalog: place(join(folder, 'template')) });
    await makeMaintainedLake(template);
    await ageScheduled(template, 3);
    const kept = await keptSnapshots(template);
    const content = await contentOf(template, kept);

    const undisturbed = await copyOf();
    const { lines, phaseMs } = await maintainInChild(undisturbed);
    expect(lines.at(-1)).toMatchObject({ report: { applied: true, kept: kept.map((id) => ({ id })) } });
    expect(await contentOf(undisturbed, kept)).toEqual(content);
    await drop(undisturbed);

    const random = seededRandom(SEED);
    const hits: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const location = await copyOf();
      // Every phase once, then some at random.
      const phase = PHASES[kill] ?? PHASES[Math.floor(PHASES.length * random())]!;
      const afterMs = phaseMs.get(phase)! * random();
      const killed = await maintainInChild(location, { phase, afterMs });
      const last = killed.lines.at(-1)?.phase;
      if (last !== undefined) hits.push(last);
      const context = `kill ${kill}, ${afterMs.toFixed(1)} ms into ${phase}, in ${last ?? 'none'}`;

      expect((await checkLake(location)).faults, context).toEqual([]);
      const left = new Set((await listSnapshots(location)).map(({ id }) => id));
      expect(
        kept.filter((id) => !left.has(id)),
        context,
      ).toEqual([]);
      expect(await contentOf(location, kept), context).toEqual(content);

      const again = await maintainLake({ ...location, steps: STEPS, apply: true });
      expect(again.applied, context).toBe(true);
      expect(await contentOf(location, kept), context).toEqual(content);
      expect((await checkLake(location)).faults, context).toEqual([]);
      if (kill % 5 === 0) await commitOne(location, context);
      await drop(location);
    }
    const phases = PHASES.map((phase) => `${phase} ${hits.filter((one) => one === phase).length}`);
    process.stdout.write(`${name}: ${hits.length} of ${KILLS} kills hit the work: ${phases.join(', ')}\n`);
    expect(hits.length).toBeGreaterThanOrEqual(KILLS * 0.6);
  });
});
