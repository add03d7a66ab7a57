// Ingests in a process of its own: node ingest-process.mjs DIST INPUT
// INPUT is the JSON of ingest's input. Prints one JSON line a step: {"phase"}, then {"report"} or {"problem"}.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, input] = process.argv.slice(2);
const { ingest } = await import(pathToFileURL(join(dist, 'ingest/ingest.js')).href);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`); // at once: this process may be killed at any time

try {
  say({ phase: 'start' });
  const report = await ingest({ ...JSON.parse(input), onProgress: ({ phase }) => say({ phase }) });
  say({ report });
} catch (error) {
  say({ problem: error.problem ?? String(error.stack) });
}
