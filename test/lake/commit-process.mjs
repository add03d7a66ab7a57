// Commits runs to a lake in a process of its own: node commit-process.mjs DIST RECORDS OPTIONS
// RECORDS is a file with v8-serialised RunRecords[], OPTIONS the JSON of openLake's options.
// Prints one JSON line a step: {"ready":true}, then {"runId","alreadyCommitted"} for each run, or {"problem"}.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deserialize } from 'node:v8';

const [dist, recordsPath, options] = process.argv.slice(2);
const { openLake } = await import(pathToFileURL(join(dist, 'lake/lake.js')).href);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const runs = deserialize(readFileSync(recordsPath));
  const lake = await openLake(JSON.parse(options));
  say({ ready: true });
  for (const records of runs) {
    const { alreadyCommitted } = await lake.commit(records);
    say({ runId: records.run.runId, alreadyCommitted });
  }
  await lake.close();
} catch (error) {
  say({ problem: error.problem ?? String(error.stack) });
}
