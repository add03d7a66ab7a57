import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from './system-error.js';

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A file of another machine, or of a live process, is given up after a day. */
const FOREIGN_AGE_MS = 24 * 60 * 60 * 1000;

/** Who made a file, as its name tells. */
export type Owner = { readonly host: string; readonly pid: number };

/** A new file name that nobody else takes and that tells its maker: `PREFIX-HOST-PID-RANDOM`, HOST as a hash. */
export function ownedName(prefix: string): string {
  return `${prefix}-${HOST}-${process.pid}-${randomBytes(8).toString('hex')}`;
}

/** Who made the file of that name; null where the name is no `ownedName` of the prefix. */
export function ownerOf(name: string, prefix: string): Owner | null {
  if (!name.startsWith(`${prefix}-`)) return null;
  const match = /^([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{16}$/.exec(name.slice(prefix.length + 1));
  return match === null ? null : { host: match[1]!, pid: Number(match[2]) };
}

/** Whether the process that made the file is gone. Of another machine that is not known: its files count for a day. */
export async function isAbandoned(path: string, { host, pid }: Owner): Promise<boolean> {
  const { mtimeMs } = await stat(path);
  const age = Date.now() - mtimeMs;
  if (host !== HOST) return age > FOREIGN_AGE_MS;
  // Our own number, from before we started: an earlier process had it.
  if (pid === process.pid) return age > process.uptime() * 1000;
  return !isAlive(pid) || age > FOREIGN_AGE_MS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0); // signal 0 only asks
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
