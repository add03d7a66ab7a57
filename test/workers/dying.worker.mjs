// A worker that dies: at the first attempt of every third task, or at every attempt of one. The rest is the real one.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGroupJob as run } from '../../dist/workers/cube.worker.js';

const folder = process.env.HELIOCUBE_TEST_DEATHS;

export async function runGroupJob(group) {
  for (const { key } of group) {
    const mark = join(folder, key.replaceAll('/', '-'));
    const tried = existsSync(mark);
    writeFileSync(mark, '');
    const third = [...key].reduce((sum, sign) => sum + sign.charCodeAt(0), 0) % 3 === 0;
    if (key === process.env.HELIOCUBE_TEST_DEAD_KEY || (third && !tried)) process.exit(1);
  }
  return run(group);
}
