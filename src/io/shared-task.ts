import { abortedError, onAbort } from './abort.js';

/** Work that several callers wait for. It is stopped when the last of them has gone, and only then. */
export class SharedTask<T> {
  readonly #control = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#result = run(this.#control.signal);
    this.#result.catch(() => {}); // reported to those who joined
  }

  /** True when everybody left before the end: nobody may join any more. */
  get abandoned(): boolean {
    return this.#control.signal.aborted;
  }

  /** The result, or `aborted` as soon as this caller's signal fires; the others go on. */
  join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    return new Promise<T>((resolve, reject) => {
      const off = onAbort(signal, () => {
        this.#waiting--;
        if (this.#waiting === 0) this.#control.abort();
        if (signal !== undefined) reject(abortedError(signal));
      });
      this.#result.then(
        (value) => {
          off();
          resolve(value);
        },
        (error: unknown) => {
          off();
          reject(error);
        },
      );
    });
  }
}
