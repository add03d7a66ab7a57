import { formatProblem, isCubeError } from '../errors.js';
import { toJavaScript } from '../duckdb/values.js';
import { sqlErrors, type DuckDb } from '../duckdb/connection.js';
import { throwIfAborted } from '../io/abort.js';
import { openSession, withAttached, type LakeLocation } from '../lake/attach.js';
import { isUnfinished } from '../lake/roll-back-sqlite.js';
import { absentSources, missingSource, type AbsentSources } from './absent-sources.js';
import { ModelCompiler } from './compile.js';
import type { ModelProject, ModelTest, ModelValue } from './project.js';
import { readProject, type ProjectInput } from './read-project.js';
import { selectModels, type ModelSelection } from './select-models.js';

/** Which models are tested, on which lake. */
export type TestModelsInput = ProjectInput &
  ModelSelection & {
    readonly lake: LakeLocation;
    readonly signal?: AbortSignal;
    /** Called when a test has ended. */
    readonly onTest?: (result: ModelTestResult) => void;
  };

/** What a test found. */
export type ModelTestResult = {
  readonly test: string;
  /** The file that asks for it. */
  readonly path: string;
  /** `fail` and `warn` have failing rows; `error` could not be asked; `skipped` reads an optional source that the lake has not. */
  readonly status: 'pass' | 'fail' | 'warn' | 'error' | 'skipped';
  /** Failing rows. */
  readonly failures: number;
  /** The first of them, by column. */
  readonly sample: readonly { readonly [column: string]: ModelValue }[];
  readonly seconds: number;
  readonly message: string | null;
};

/** Failing rows that are shown. */
const SAMPLE_ROWS = 5;

/**
 * Ask every test of the chosen models, of sources where nothing is chosen, and of files whose models are all chosen. The lake is
 * only read. Problems: those of `readProject`, `invalid-argument` for a selection, `lake` where it cannot be opened, `aborted`.
 */
export async function testModels(input: TestModelsInput): Promise<ModelTestResult[]> {
  const project = await readProject(input);
  const chosen = selectModels(project.models, input);
  const all = input.select === undefined;
  const tests = project.tests.filter(({ question, refs }) => {
    if (question.kind === 'singular') return refs.every((ref) => chosen.has(ref));
    return question.on.kind === 'source' ? all : chosen.has(question.on.name);
  });
  const session = await openSession(input.lake);
  const compiler = new ModelCompiler(project);
  try {
    return await withAttached(session, { readOnly: true, signal: input.signal }, async () => {
      const absent = await absentSources(session.database, project);
      compiler.absent = absent;
      const results: ModelTestResult[] = [];
      for (const test of tests) {
        throwIfAborted(input.signal);
        const result = notToAsk(test, project, absent) ?? (await ask(session.database, compiler, test));
        results.push(result);
        input.onTest?.(result);
      }
      return results;
    });
  } finally {
    compiler.free();
    await session.database.close();
  }
}

function notToAsk(test: ModelTest, project: ModelProject, absent: AbsentSources): ModelTestResult | null {
  const missing = missingSource(test, project, absent);
  if (missing === null) return null;
  return {
    ...resultOf(test),
    status: missing.optional ? 'skipped' : 'error',
    message: `the lake has no ${missing.name}`,
  };
}

async function ask(database: DuckDb, compiler: ModelCompiler, test: ModelTest): Promise<ModelTestResult> {
  const started = performance.now();
  const ended = (result: Partial<ModelTestResult>): ModelTestResult => ({
    ...resultOf(test),
    seconds: Math.round(performance.now() - started) / 1000,
    ...result,
  });
  try {
    const sql = compiler.testSql(test);
    const [counted] = await database.all(`SELECT count(*)::DOUBLE AS failures FROM (\n${sql}\n)`);
    const failures = Number(counted?.['failures']);
    if (failures === 0) return ended({});
    const status = test.severity === 'warn' ? 'warn' : 'fail';
    return ended({ status, failures, sample: await sampleOf(database, sql) });
  } catch (error) {
    if (!isCubeError(error) || isCubeError(error, 'aborted') || isUnfinished(error)) throw error;
    return ended({ status: 'error', message: formatProblem(error.problem) });
  }
}

function resultOf({ name, path }: ModelTest): ModelTestResult {
  return { test: name, path, status: 'pass', failures: 0, sample: [], seconds: 0, message: null };
}

function sampleOf({ connection }: DuckDb, sql: string): Promise<ModelTestResult['sample']> {
  return sqlErrors(async () => {
    const result = await connection.run(`SELECT * FROM (\n${sql}\n) LIMIT ${SAMPLE_ROWS}`);
    const rows = await result.convertRowObjects(toJavaScript);
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, shown(value)])));
  });
}

/** A value of DuckDB as it is told: whole numbers and times as text, bytes as their count. */
function shown(value: unknown): ModelValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object') return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(one)]));
}
