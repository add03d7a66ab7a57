import { CubeError } from '../../errors.js';
import { onAbort, throwIfAborted } from '../../io/abort.js';
import { LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../attach.js';
import { describeCatalog } from '../catalog.js';
import { inWriteQueue } from '../turns.js';
import { readVersions } from '../versions.js';
import { backUpLake, backupFolderOf, type LakeBackup } from './backup.js';
import { assertThere, missingFiles } from './check-files.js';
import { assertRetention, judgeSnapshots, RETENTION, type JudgedSnapshot, type Retention } from './retention.js';
import { hasWork, planStep, runStep, STEPS, type MaintenanceStep, type StepContext, type StepWork } from './steps.js';
import { compareSums, readSums } from './table-sums.js';

/** Which lake is maintained, and how. */
export type MaintainOptions = LakeLocation & {
  /** All but `orphans` where left out; they run in the safe order whatever order they are given in. */
  readonly steps?: readonly MaintenanceStep[];
  /** Without it nothing changes, and the report says what would be done. */
  readonly apply?: boolean;
  readonly retention?: Partial<Retention>;
  /** Files are deleted once they have been given up, or have lain there unknown, for so many days; at least 1, the default. */
  readonly minAgeDays?: number;
  /** Where the copy of the catalog goes; beside the catalog where left out. */
  readonly backupFolder?: string;
  /** Told before each phase: `lock`, `backup`, `sums`, a step, `compare`, `check`. */
  readonly onPhase?: (phase: string) => void;
  readonly signal?: AbortSignal;
  /** How long to wait for writers; 60 s where left out. */
  readonly lockTimeoutMs?: number;
};

/** What maintenance did, or would do. */
export type MaintenanceReport = {
  /** The catalog, without passwords. */
  readonly lake: string;
  readonly dataPath: string;
  readonly applied: boolean;
  readonly steps: readonly StepWork[];
  /** Snapshots that stay, and why. */
  readonly kept: readonly JudgedSnapshot[];
  /** Null for a dry run, and where there was nothing to do. */
  readonly backup: LakeBackup | null;
  /** Tables whose rows were compared before and after, and their rows. */
  readonly compared: { readonly tables: number; readonly rows: number } | null;
};

const DAY_MS = 86_400_000;

/**
 * Clean a lake up in the safe order: rows out of the catalog, snapshots, small files, files with many deleted rows, files that
 * nothing needs; what no catalog knows only where `steps` names `orphans`. Nobody else writes meanwhile. The catalog is copied
 * first, every value is read before and after, and nothing is deleted unless both agree. Problem: `lake`, `io`,
 * `invalid-argument`, `unsupported`.
 */
export async function maintainLake(options: MaintainOptions): Promise<MaintenanceReport> {
  const plan = settingsOf(options);
  const session = await openSession(options);
  try {
    if (session.catalog.kind === 'motherduck') throw unlockable();
    const { signal, lockTimeoutMs } = options;
    const attach = { readOnly: !plan.apply, alone: plan.apply, signal, lockTimeoutMs };
    if (plan.apply) await assertThere(session, { signal, lockTimeoutMs });
    plan.onPhase('lock');
    const run = () => withAttached(session, attach, () => interruptible(session, plan));
    return await (plan.apply ? inWriteQueue(run) : run());
  } finally {
    await session.database.close();
  }
}

type Settings = Required<Pick<MaintainOptions, 'apply' | 'steps' | 'onPhase'>> & {
  readonly retention: Retention;
  readonly minAgeMs: number;
  readonly backupFolder: string | undefined;
  readonly signal: AbortSignal | undefined;
};

function settingsOf(options: MaintainOptions): Settings {
  const { steps = STEPS.filter((step) => step !== 'orphans'), minAgeDays = 1, backupFolder, signal } = options;
  const retention = { ...RETENTION, ...options.retention };
  assertRetention(retention);
  if (!(Number.isFinite(minAgeDays) && minAgeDays >= 1)) {
    const what = `${minAgeDays} days are no age that files may be deleted at`;
    const fix = 'wait at least one day: a reader or a writer may be using them';
    throw new CubeError({ kind: 'invalid-argument', what, fix });
  }
  return {
    apply: options.apply === true,
    steps: STEPS.filter((step) => steps.includes(step)),
    onPhase: options.onPhase ?? (() => {}),
    retention,
    minAgeMs: minAgeDays * DAY_MS,
    backupFolder,
    signal,
  };
}

async function interruptible(session: LakeSession, settings: Settings): Promise<MaintenanceReport> {
  const { signal } = settings;
  const off = onAbort(signal, () => session.database.connection.interrupt());
  try {
    return await runAttached(session, settings);
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    off();
  }
}

async function runAttached(session: LakeSession, settings: Settings): Promise<MaintenanceReport> {
  const { database, catalog, dataPath } = session;
  const nowMs = Date.now();
  await database.run(`SET TimeZone = 'UTC'`);
  const snapshots = judgeSnapshots(await readVersions(database), settings.retention, nowMs);
  const context = { session, snapshots, minAgeMs: settings.minAgeMs, nowMs, signal: settings.signal };
  const planned: StepWork[] = [];
  for (const step of settings.steps) planned.push(await planStep(step, context));
  const kept = snapshots.filter(({ keptFor }) => keptFor !== null);
  const report = { lake: describeCatalog(catalog), dataPath, applied: settings.apply, kept };
  if (!settings.apply || !planned.some(hasWork)) return { ...report, steps: planned, backup: null, compared: null };
  return { ...report, ...(await apply(session, context, settings)) };
}

/** Everything is planned again step by step, because a step may make work for the next. */
async function apply(
  session: LakeSession,
  context: StepContext,
  settings: Settings,
): Promise<Pick<MaintenanceReport, 'steps' | 'backup' | 'compared'>> {
  const { database } = session;
  const { onPhase, signal } = settings;
  assertSound(await missingFiles(session));
  onPhase('backup');
  const backup = await backUpLake(session, settings.backupFolder ?? backupFolderOf(session), context.nowMs);
  onPhase('sums');
  const kept = keptIds(context.snapshots);
  const before = await readSums(database, kept);
  const isDeleting = (step: MaintenanceStep) => step === 'cleanup' || step === 'orphans';
  const done: StepWork[] = [];
  const runAll = async (steps: readonly MaintenanceStep[]) => {
    for (const step of steps) {
      throwIfAborted(signal);
      onPhase(step);
      const work = await planStep(step, context);
      if (hasWork(work)) await runStep(work, context);
      done.push(work);
    }
  };
  await runAll(settings.steps.filter((step) => !isDeleting(step)));
  onPhase('compare');
  assertEqual(compareSums(before, await readSums(database, kept)), backup);
  await runAll(settings.steps.filter(isDeleting));
  onPhase('check');
  assertEqual(
    (await missingFiles(session)).map((path) => `${path} is gone`),
    backup,
  );
  const rows = before.tables.reduce((sum, table) => sum + table.rows, 0);
  return { steps: done, backup, compared: { tables: before.tables.length, rows } };
}

/** Those that somebody named come first: only so many are counted. */
function keptIds(snapshots: readonly JudgedSnapshot[]): number[] {
  const isNamed = ({ keptFor }: JudgedSnapshot) => keptFor !== 'newest' && keptFor !== 'recent';
  const kept = snapshots.filter(({ keptFor }) => keptFor !== null);
  return [...kept.filter(isNamed), ...kept.filter((one) => !isNamed(one))].map(({ id }) => id);
}

function assertSound(missing: readonly string[]): void {
  if (missing.length === 0) return;
  const what = `${missing.length} data files are not what the catalog says, such as ${missing[0]}`;
  throw new CubeError({ kind: 'lake', what, fix: 'see `cube lake check`; a damaged lake is not maintained' });
}

function assertEqual(differences: readonly string[], backup: LakeBackup): void {
  if (differences.length === 0) return;
  const told = differences.slice(0, 10).join('; ');
  const what = `maintenance has changed what the lake holds: ${told}${differences.length > 10 ? '; …' : ''}`;
  throw new CubeError({ kind: 'lake', what, fix: `go back to the catalog of before: ${backup.restore}` });
}

function unlockable(): CubeError {
  return new CubeError({
    kind: 'unsupported',
    feature: 'maintenance of a lake in MotherDuck, where nothing tells of other writers',
    fix: `run MotherDuck's own maintenance, or CHECKPOINT ${LAKE}, while nobody writes`,
  });
}
