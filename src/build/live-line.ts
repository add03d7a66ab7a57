/** A terminal is redrawn at most this often. */
const REDRAW_MS = 100;
/** Elsewhere a line is printed at most this often. */
const LINE_MS = 5000;

/** One line on stderr that is redrawn on a terminal; a line now and then elsewhere. */
export class LiveLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #live: boolean;
  #last: number;
  #drawn = false;

  /** `since`: when something was shown last, in milliseconds; the first line waits as long as the others. */
  constructor(stream: NodeJS.WriteStream, since = 0) {
    this.#stream = stream;
    this.#live = stream.isTTY === true;
    this.#last = since;
  }

  /** Show a text, unless the last one is too fresh; `always` shows it all the same. */
  show(text: string, always = false): void {
    const now = Date.now();
    if (!always && now - this.#last < (this.#live ? REDRAW_MS : LINE_MS)) return;
    this.#last = now;
    this.clear();
    this.#stream.write(this.#live ? text : `${text}\n`);
    this.#drawn = this.#live;
  }

  /** Print a line that stays. */
  print(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Take the line away. */
  clear(): void {
    if (this.#drawn) this.#stream.write('\r\u001B[K');
    this.#drawn = false;
  }
}
