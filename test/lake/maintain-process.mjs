// Maintains a lake in a process of its own: node maintain-process.mjs DIST OPTIONS
// OPTIONS is the JSON of maintainLake's options. Prints one JSON line a phase: {"phase"}, then {"report"} or {"problem"}.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, options] = process.argv.slice(2);
const { maintainLake } = await import(pathToFileURL(join(dist, 'lake/maintain/maintain.js')).href);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`); // at once: this process may be killed at any time

try {
  const report = await maintainLake({ ...JSON.parse(options), onPhase: (phase) => say({ phase }) });
  say({ report });
} catch (error) {
  say({ problem: error.problem ?? String(error.stack) });
}
