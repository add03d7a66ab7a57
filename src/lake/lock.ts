import { CubeError } from '../errors.js';

/** Writers share a lake; maintenance is alone with it. */
export type LockMode = 'shared' | 'exclusive';

/** How a lake is locked. */
export type LockOptions = {
  readonly mode: LockMode;
  /** How long to wait for others. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
};

/** The problem of one who waited in vain. */
export function lockedError(mode: LockMode, where: string): CubeError {
  const who = mode === 'shared' ? 'another process maintains the lake' : 'another process writes to the lake';
  return new CubeError({ kind: 'lake', what: `${who}: ${where}`, fix: 'wait until it ends, and run this again' });
}
