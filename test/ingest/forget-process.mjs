// Forgets data sets in a process of its own: node forget-process.mjs DIST INPUT
// INPUT is the JSON of forgetDatasets' input. Prints one JSON line a step: {"phase"}, then {"report"} or {"problem"}.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, input] = process.argv.slice(2);
const { forgetDatasets } = await import(pathToFileURL(join(dist, 'ingest/forget-datasets.js')).href);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`); // at once: this process may be killed at any time

try {
  const report = await forgetDatasets({ ...JSON.parse(input), onProgress: ({ phase }) => say({ phase }) });
  say({ report });
} catch (error) {
  say({ problem: error.problem ?? String(error.stack) });
}
