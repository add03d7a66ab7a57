import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

/** Where numbers were measured. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Load average of the last minute: threads that want a core. Above a fraction of one, wall times say little. */
  readonly load: number;
};

/** The machine that this runs on. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${arch()}`,
    node: process.version,
    load: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
  };
}
