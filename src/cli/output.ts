import { exitCodeOf, formatProblem, isCubeError, problemOf } from '../errors.js';

/** Options that every command has. */
export type CommonOptions = { readonly json?: boolean; readonly quiet?: boolean };

/** Results go to stdout: JSON for programs, text for people. */
export function printResult(options: CommonOptions, value: unknown, text: () => string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(value, jsonValue, 2)}\n` : `${text()}\n`);
}

/** Errors go to stderr, and with --json to stdout as well, so that a program reads one place. Sets the exit code. */
export function printError(options: CommonOptions, error: unknown): void {
  const problem = problemOf(error);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ error: problem }, jsonValue)}\n`);
  process.stderr.write(`cube: ${formatProblem(problem)}\n`);
  if (!isCubeError(error) && process.env['HELIOCUBE_DEBUG'] !== undefined)
    process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = exitCodeOf(problem);
}

function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
