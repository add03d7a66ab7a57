import { runFlow } from '../flows/run-flow.js';
import { INGEST_FLOW, ingestReport, type IngestSettings } from './ingest-flow.js';
import type { IngestInput, IngestReport } from './ingest-report.js';

/** As many functions as wait at once: downloads, and what goes on beside them. */
const JOBS = 8;

/**
 * Bring published data sets into a lake: fetch, read, harmonise, deduplicate, and commit in one transaction. A data set whose entry and
 * files have not changed is not read again. Problems: `invalid-spec` for the manifest, those of fetching and reading, with the data
 * set's name.
 */
export async function ingest(input: IngestInput): Promise<IngestReport> {
  const { manifest, lake, keepGoing = false, signal, onProgress = () => {}, ...settings } = input;
  let ended = 0;
  const run = await runFlow(INGEST_FLOW, {
    inputs: {
      manifest,
      lake,
      settings: {
        ...settings,
        onStep: (step) =>
          onProgress({ ...step, done: step.phase === 'fetch' || step.phase === 'read' ? ended : step.total }),
      } satisfies IngestSettings,
    },
    jobs: JOBS,
    // A lake that fails will fail for the next data set too, and what we did not foresee is no fault of a data set.
    keepGoing: ({ kind }) => keepGoing && kind !== 'lake' && kind !== 'worker',
    signal,
    onNode: ({ node }) => {
      if (node === 'rows') ended++;
    },
  });
  return run.value(ingestReport);
}
