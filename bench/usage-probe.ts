import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// node --import usage-probe.js …: the process writes what it took to BENCH_USAGE_FILE when it ends.
const path = process.env['BENCH_USAGE_FILE'];
if (isMainThread && path !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(path, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 }));
  });
}
