import { CubeError } from '../errors.js';
import type { ModelRun } from '../models/run-models.js';
import { printError } from './output.js';

/** Models that were run behind an ingest or a forgetting, for people; a line for each that failed. */
export function describeModels(models: readonly ModelRun[]): string[] {
  if (models.length === 0) return [];
  const count = (wanted: string) => models.filter(({ status }) => status === wanted).length;
  const failed = models.filter(({ status }) => status === 'error');
  const told = failed.map(({ model, message }) => `         ${model}: ${message ?? 'failed'}`);
  return [`models   ${count('success')} are current, ${count('skipped')} skipped, ${failed.length} failed`, ...told];
}

/** Say on stderr that models have failed, where some have, and set the exit code. */
export function printFailedModels(models: readonly ModelRun[]): void {
  const failed = models.filter(({ status }) => status === 'error').length;
  if (failed > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'models', failed }));
}
