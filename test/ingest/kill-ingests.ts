import { expect } from 'vitest';
import { ingest } from '../../src/ingest/ingest.js';
import type { LakeLocation } from '../../src/lake/attach.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { listSnapshots } from '../../src/lake/maintain/snapshots.js';
import { seeded } from '../vector/mutate.js';
import { ingestInChild, type Step } from './ingest-child.js';
import { curatedSums, expectedCurated, stateOf, WHOLE, writeVersion, type Version } from './two-versions.js';

/** Every third kill falls into the models; the other ingests run none. */
const CYCLE: readonly Step[] = ['commit', 'read', 'models', 'start', 'commit', 'models'];

/** Times the kills that are wanted. */
const MOST_ATTEMPTS = 4;

export type KillsInput = {
  readonly lake: LakeLocation;
  /** Where the files to ingest are written. */
  readonly folder: string;
  /** Where undisturbed lakes are made. */
  readonly root: string;
  readonly kills: number;
  readonly seed: number;
};

/** How many kills met a process that was still at work, how many of them in the models, and how many left the old state. */
export type KillsEnded = { readonly killed: number; readonly inModels: number; readonly old: number };

/**
 * Ingest one version of the files after the other into a lake, killed at seeded random moments of a step: the lake must hold the old state or
 * the new one, whole, and every snapshot that it had. A run that was killed in the models goes on, to what an undisturbed one leaves.
 */
export async function killIngests({ lake, folder, root, kills, seed }: KillsInput): Promise<KillsEnded> {
  const manifest = writeVersion(folder, 0);
  const first = await ingestInChild({ manifest, lake });
  expect(first.lines.at(-1)).toHaveProperty('report');
  expect(await stateOf(lake)).toEqual({ ...WHOLE, version: 0 });
  expect(await curatedSums(lake)).toEqual(await expectedCurated(root, 0));

  const random = seeded(seed);
  let version: Version = 0;
  let pace = first.stepMs;
  let [killed, inModels, old] = [0, 0, 0];
  // A process that has ended before its kill does not count, and tells how quick the machine is by now.
  for (let attempt = 0; killed < kills && attempt < MOST_ATTEMPTS * kills; attempt++) {
    writeVersion(folder, other(version));
    const step = CYCLE[killed % CYCLE.length]!;
    const afterMs = (pace.get(step) ?? 0) * random();
    const context = `kill ${killed}, ${afterMs.toFixed(1)} ms into ${step}`;
    const before = await snapshotsOf(lake);
    const ended = await ingestInChild({ manifest, lake, models: step === 'models' }, { step, afterMs });
    if (ended.isKilled) killed++;
    else pace = new Map([...pace, ...ended.stepMs]);
    const now = await assertWhole(lake, before, version, context);
    if (now === version) old++;
    if (ended.isKilled && step === 'models') inModels++;
    version = step === 'models' ? await assertResumed({ lake, manifest, root }, now, context) : now;
  }
  await ingest({ manifest, lake });
  const last = await stateOf(lake);
  expect(last).toMatchObject(WHOLE);
  expect(await curatedSums(lake)).toEqual(await expectedCurated(root, last['version'] === 0 ? 0 : 1));
  return { killed, inModels, old };
}

/** What no kill may change; the version that the lake holds. */
async function assertWhole(
  lake: LakeLocation,
  before: Awaited<ReturnType<typeof snapshotsOf>>,
  version: Version,
  context: string,
): Promise<Version> {
  expect((await checkLake(lake)).faults, context).toEqual([]);
  const ids = new Set(before.map(({ id }) => id));
  const kept = (await snapshotsOf(lake)).filter(({ id }) => ids.has(id));
  expect(kept, context).toEqual(before);
  expect(await stateOf(lake, before[0]!.id), context).toEqual({ ...WHOLE, version });
  const state = await stateOf(lake);
  expect(state, context).toEqual({ ...WHOLE, version: expect.any(Number) });
  return state['version'] === 0 ? 0 : 1;
}

/** The version that the lake holds when the ingest was run again: what is in is not read again, and the models go on. */
async function assertResumed(
  { lake, manifest, root }: { readonly lake: LakeLocation; readonly manifest: string; readonly root: string },
  version: Version,
  context: string,
): Promise<Version> {
  const { datasets, models } = await ingest({ manifest, lake });
  const failed = models.filter(({ status }) => status !== 'success');
  expect(failed, context).toEqual([]);
  // The messages name run and model: what the killed process had written is not written again.
  const written = (await snapshotsOf(lake)).flatMap(({ message }) => (message?.startsWith('model ') ? [message] : []));
  expect(new Set(written).size, context).toBe(written.length);
  const hasLanded = datasets.every(({ status }) => status === 'unchanged');
  const left = hasLanded ? version : other(version);
  expect(await curatedSums(lake), context).toEqual(await expectedCurated(root, left));
  return left;
}

function other(version: Version): Version {
  return version === 0 ? 1 : 0;
}

/** Newest first; why each is kept changes with the ones that come. */
async function snapshotsOf(lake: LakeLocation) {
  return (await listSnapshots(lake)).map(({ id, timeMs, message, runId }) => ({ id, timeMs, message, runId }));
}
