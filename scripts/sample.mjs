// `npm start` behind the set-up: generates the sample, builds it twice, prints what came of it.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatProblem, isCubeError, exitCodeOf } from '../dist/errors.js';
import { runSample } from '../dist/sample/run-sample.js';

try {
  await runSample(join(dirname(fileURLToPath(import.meta.url)), '..'));
} catch (error) {
  if (!isCubeError(error)) throw error;
  console.error(formatProblem(error.problem));
  process.exitCode = exitCodeOf(error.problem);
}
