import { readFileSync, writeFileSync } from 'node:fs';

/** Seconds, seconds and MiB of one piece of work of this process. */
export type Measure = { readonly wall: number; readonly cpu: number; readonly peakMiB: number };

/**
 * Run work and measure it: wall clock, CPU of all threads, and peak resident memory (of the work alone on Linux, where
 * the mark can be reset; of the process's life elsewhere).
 */
export async function measure<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly measure: Measure }> {
  globalThis.gc?.();
  resetPeak();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { result, measure: { wall, cpu: (user + system) / 1e6, peakMiB: peakMiB() } };
}

/** proc(5): writing 5 to clear_refs resets VmHWM of a process of ours. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: the peak is then that of the process's life.
  }
}

function peakMiB(): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (match !== null) return Number(match[1]) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
