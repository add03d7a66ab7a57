import { setMaxListeners } from 'node:events';
import { CubeError } from '../errors.js';

/** Signals whose warning is off already: asking here takes a tenth of telling Node again. */
const quiet = new WeakSet<AbortSignal>();

/** The error of a fired signal: an `aborted` problem that names the reason the caller gave. */
export function abortedError(signal: AbortSignal): CubeError {
  const reason: unknown = signal.reason;
  const what = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : 'the caller aborted';
  return new CubeError({ kind: 'aborted', what }, { cause: reason });
}

/** Throws `aborted` when the signal has fired already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal);
}

/**
 * Calls `listener` once when the signal fires; the returned function takes it off again. One build's signal serves
 * thousands of reads at a time, so Node's warning about many listeners is turned off for it.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  if (!quiet.has(signal)) {
    setMaxListeners(0, signal);
    quiet.add(signal);
  }
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** The promise, or an `aborted` error as soon as the signal fires. What runs behind the promise is not stopped. */
export function withAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(abortedError(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const off = onAbort(signal, () => reject(abortedError(signal)));
    promise.then(resolve, reject).finally(off);
  });
}
