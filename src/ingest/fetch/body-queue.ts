/** The end that pieces come from may be told to wait, and to go on. */
export type Flow = { readonly pause: () => void; readonly resume: () => void; readonly stop: () => void };

/** So much waits for its reader before the sender has to. */
const QUEUE_BYTES = 4 * 2 ** 20;

/**
 * A body as it arrives, for one reader. Unlike a stream's, its error comes behind the pieces that came before it, so that nothing
 * which has arrived of a cut body is lost.
 */
export class BodyQueue implements AsyncIterable<Uint8Array> {
  readonly #flow: Flow;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  #paused = false;
  #end: { readonly error: unknown } | null = null;
  #wake: () => void = () => {};

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  push(piece: Uint8Array): void {
    if (this.#end !== null) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > QUEUE_BYTES && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wake();
  }

  /** No more pieces; with an error that is not null where the body is not whole. */
  end(error: unknown = null): void {
    this.#end ??= { error };
    this.#wake();
  }

  /** The reader wants no more. */
  destroy(): void {
    if (this.#end !== null) return;
    this.end();
    this.#pieces.length = 0;
    this.#flow.stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#take(piece.length);
        yield piece;
      } else if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error;
        return;
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.#paused || this.#bytes > QUEUE_BYTES / 2) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
