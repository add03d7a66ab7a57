import type { LakeLocation } from '../lake/attach.js';
import { runModels, type ModelRun } from '../models/run-models.js';

/**
 * The SQL models over what a run left; they carry its id, so that those which a stopped run has written are not written again. `onModel` is
 * told how many have ended.
 */
export async function runCurated(
  lake: LakeLocation,
  runId: string,
  onModel: (model: string, done: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly ModelRun[]> {
  let done = 0;
  const report = await runModels({
    lake,
    runId,
    resume: true,
    onModel: ({ model }) => onModel(model, ++done),
    ...(signal === undefined ? {} : { signal }),
  });
  return report.models;
}
