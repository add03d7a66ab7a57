import { forgetDatasets, type ForgetProgress, type ForgetReport } from '../ingest/forget-datasets.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { describeModels, printFailedModels } from './describe-models.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { phaseLine } from './run-lake.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube lake forget`, as they were typed. */
export type ForgetOptions = CommonOptions & LakeOptions & { readonly apply?: boolean; readonly models?: boolean };

/** What has become of the work when it is stopped, by what was under way. */
const INTERRUPTED: Readonly<Record<ForgetProgress['phase'], string>> = {
  look: 'nothing was changed',
  commit: 'the data sets are out of the lake whole, or not at all; run it again',
  models: 'the data sets are out of the lake, models that have not run are as they were: cube models run',
};

/** What `cube lake forget` does. Never throws: the problem is printed and the exit code set. */
export async function runForget(datasets: readonly string[], options: ForgetOptions): Promise<void> {
  let phase: ForgetProgress['phase'] = 'look';
  const tell = phaseLine(options);
  try {
    const lake = await neededLake(options);
    const report = await interruptible(
      () => INTERRUPTED[phase],
      (signal) =>
        forgetDatasets({
          lake,
          datasets,
          apply: options.apply === true,
          models: options.models !== false,
          onProgress: (progress) => {
            if (progress.phase !== phase || phase === 'look') tell(progress.phase);
            phase = progress.phase;
          },
          signal,
        }),
    );
    printResult(options, report, () => describe(report, options.models !== false));
    printFailedModels(report.models);
  } catch (error) {
    printError(options, error);
  }
}

function describe({ lake, applied, runId, datasets, sites, models }: ForgetReport, ranModels: boolean): string {
  const went = applied ? 'took out' : 'would take out';
  return [
    `lake     ${lake}`,
    ...(runId === null ? [] : [`run      ${runId}`]),
    ...datasets.map(
      ({ dataset, rows }) =>
        `dataset  ${dataset}: ${went} ${rows.features} features, ${rows.quarantine} records in quarantine`,
    ),
    `sites    ${sites.before} before, ${sites.after} after`,
    ...describeModels(models),
    ...(applied && !ranModels ? ['models   are as they were, with what was taken out: cube models run'] : []),
    ...(applied ? [] : ['nothing was changed; pass --apply to do it']),
  ].join('\n');
}
