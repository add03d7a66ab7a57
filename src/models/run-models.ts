import { randomUUID } from 'node:crypto';
import { formatProblem, isCubeError } from '../errors.js';
import { LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../lake/attach.js';
import { withCommitRetries } from '../lake/commit-retries.js';
import { inWriteQueue } from '../lake/turns.js';
import { absentSources, missingSource } from './absent-sources.js';
import { ModelCompiler } from './compile.js';
import type { Model, ModelProject } from './project.js';
import { readProject, type ProjectInput } from './read-project.js';
import { selectModels, type ModelSelection } from './select-models.js';
import { writeModel } from './write-model.js';

/** Which models are run, on which lake. */
export type RunModelsInput = ProjectInput &
  ModelSelection & {
    readonly lake: LakeLocation;
    /** Write incremental models anew. */
    readonly fullRefresh?: boolean;
    /** Stands in the message of every commit; a random one where it is left out. */
    readonly runId?: string;
    /** Leave out what commits with this `runId` have written already: a run that was stopped goes on. */
    readonly resume?: boolean;
    readonly signal?: AbortSignal;
    /** Called when a model has ended. */
    readonly onModel?: (run: ModelRun) => void;
  };

/** What became of one model. */
export type ModelRun = {
  readonly model: string;
  readonly status: 'success' | 'error' | 'skipped';
  /** That the table has now; null for views, ephemeral models and those that have not run. */
  readonly rows: number | null;
  readonly seconds: number;
  /** Why it failed or was left out. */
  readonly message: string | null;
};

/** All models of a run, in the order in which they ran. */
export type ModelsReport = { readonly runId: string; readonly models: readonly ModelRun[] };

/**
 * Run the models of a dbt project in the order of what they read, each written by one commit to the lake. A model that fails has status
 * `error`; those that read it are skipped, and so are those of an optional source that the lake has not. The same inputs leave the
 * same tables. Problems: those of `readProject`, `invalid-argument` for a selection, `lake` where it cannot be opened, `aborted`.
 */
export async function runModels(input: RunModelsInput): Promise<ModelsReport> {
  const project = await readProject(input);
  const chosen = selectModels(project.models, input);
  const session = await openSession(input.lake);
  const compiler = new ModelCompiler(project);
  try {
    const running = { project, session, compiler, input, runId: input.runId ?? randomUUID() };
    return { runId: running.runId, models: await runChosen(running, chosen) };
  } finally {
    compiler.free();
    await session.database.close();
  }
}

type Running = {
  readonly project: ModelProject;
  readonly session: LakeSession;
  readonly compiler: ModelCompiler;
  readonly input: RunModelsInput;
  readonly runId: string;
};

async function runChosen(running: Running, chosen: ReadonlySet<string>): Promise<ModelRun[]> {
  const { project, session, input } = running;
  const { signal } = input;
  const sources = await withAttached(session, { readOnly: true, signal }, () =>
    absentSources(session.database, project),
  );
  running.compiler.absent = sources;
  const done = input.resume === true ? await modelsOfRun(running) : new Set<string>();
  const runs = new Map<string, ModelRun>();
  for (const model of project.models.values()) {
    if (!chosen.has(model.name)) continue;
    const run = done.has(model.name)
      ? { model: model.name, status: 'success' as const, rows: null, seconds: 0, message: 'done before' }
      : (notToRun(model, runs, missingSource(model, project, sources)) ?? (await runModel(running, model)));
    runs.set(model.name, run);
    input.onModel?.(run);
  }
  return [...runs.values()];
}

/** Models that commits of this run have written. */
function modelsOfRun({ session, input, runId }: Running): Promise<ReadonlySet<string>> {
  return withAttached(session, { readOnly: true, signal: input.signal }, async () => {
    const rows = await session.database.all(
      `SELECT DISTINCT TRY(json_extract_string(commit_extra_info, '$.model')) AS model FROM ${LAKE}.snapshots()
       WHERE TRY(json_extract_string(commit_extra_info, '$.run_id')) = ?`,
      [runId],
    );
    return new Set(rows.flatMap(({ model }) => (typeof model === 'string' ? [model] : [])));
  });
}

/** The end of a model that cannot be run, or null. */
function notToRun(
  model: Model,
  runs: ReadonlyMap<string, ModelRun>,
  missing: ReturnType<typeof missingSource>,
): ModelRun | null {
  const ended = (status: 'error' | 'skipped', message: string) =>
    ({ model: model.name, status, rows: null, seconds: 0, message }) as const;
  const before = model.refs.find((ref) => (runs.get(ref)?.status ?? 'success') !== 'success');
  if (before !== undefined) {
    const { status, message } = runs.get(before)!;
    return ended('skipped', status === 'error' ? `${before} failed` : message!);
  }
  if (missing === null) return null;
  return ended(missing.optional ? 'skipped' : 'error', `the lake has no ${missing.name}`);
}

async function runModel(running: Running, model: Model): Promise<ModelRun> {
  const { signal } = running.input;
  const started = performance.now();
  const ended = (run: Pick<ModelRun, 'status' | 'rows' | 'message'>) =>
    ({ model: model.name, ...run, seconds: Math.round(performance.now() - started) / 1000 }) as const;
  if (model.config.materialized === 'ephemeral') return ended({ status: 'success', rows: null, message: null });
  try {
    const rows = await inWriteQueue(() => withCommitRetries(signal, () => writeAttached(running, model)));
    return ended({ status: 'success', rows, message: null });
  } catch (error) {
    if (!isCubeError(error) || isCubeError(error, 'aborted')) throw error;
    return ended({ status: 'error', rows: null, message: formatProblem(error.problem) });
  }
}

function writeAttached({ session, compiler, input, runId }: Running, model: Model): Promise<number | null> {
  const { signal, fullRefresh = false } = input;
  return withAttached(session, { readOnly: false, signal }, () =>
    writeModel(session.database, compiler, model, { runId, fullRefresh, signal }),
  );
}
