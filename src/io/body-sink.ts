/** A declared length is believed up to here; longer bodies grow as they arrive, so a lie costs little memory. */
const TRUSTED_BYTES = 64 * 1024 * 1024;

const FIRST_BYTES = 64 * 1024;

/** Collects a body into one buffer: of exactly the declared length where that is known, else growing up to `limit`. */
export class BodySink {
  readonly #limit: number;
  #buffer: Uint8Array;
  #length = 0;

  constructor(declared: number | null, limit: number) {
    this.#limit = limit;
    this.#buffer = new Uint8Array(Math.min(declared ?? FIRST_BYTES, limit, TRUSTED_BYTES));
  }

  /** Adds a piece; false where the body is longer than the limit (nothing of the piece is kept then). */
  push(piece: Uint8Array): boolean {
    const length = this.#length + piece.length;
    if (length > this.#limit) return false;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(piece, this.#length);
    this.#length = length;
    return true;
  }

  /** The bytes so far; the whole buffer where the declared length was right. */
  bytes(): Uint8Array {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#buffer.length * 2)));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
