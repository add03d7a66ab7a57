import { CubeError } from '../errors.js';

/** Where the elements of a list lie in a file. */
export type ElementSpans = {
  /** Start and end byte of every element, in order: start0, end0, start1, … */
  readonly spans: readonly number[];
  /** The file's text without them. */
  readonly head: string;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** Deeper text than any GeoJSON; JSON.stringify and the like overflow the stack on text made to be deep. */
const MAX_DEPTH = 200;

/** Which list is looked for, and what a file is said not to be. */
type ListName = { readonly key: string; readonly format: string };

/**
 * Find the features of a FeatureCollection without parsing the text as one value: one feature at a time is parsed
 * later, so that memory stays small and one bad feature does not cost the others. Returns null where the text has no
 * top-level "features" array (a bare Feature or geometry). Brackets that do not match are `invalid-data`.
 */
export function findFeatures(bytes: Uint8Array, url: string): ElementSpans | null {
  return findElements(bytes, url, { key: 'features', format: 'GeoJSON' });
}

/** `findFeatures` for the elements of another list of an object. */
export function findElements(bytes: Uint8Array, url: string, list: ListName): ElementSpans | null {
  return findIn(new Scan(bytes, url, list), bytes);
}

function findIn(scan: Scan, bytes: Uint8Array): ElementSpans | null {
  const list = scan.findList();
  if (list === null) return null;
  const spans = scan.elements(list);
  const end = scan.at;
  const decode = (part: Uint8Array) => new TextDecoder('utf-8').decode(part);
  scan.toEnd();
  return { spans, head: `${decode(bytes.subarray(0, list + 1))}${decode(bytes.subarray(end - 1))}` };
}

class Scan {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #url: string;
  readonly #list: ListName;
  #depth = 0;

  constructor(bytes: Uint8Array, url: string, list: ListName) {
    this.#bytes = bytes;
    this.#url = url;
    this.#list = list;
  }

  /** Byte offset of the bracket that opens the top-level list; `at` stands behind it. */
  findList(): number | null {
    let key = '';
    while (this.at < this.#bytes.length) {
      const byte = this.#bytes[this.at]!;
      if (byte === QUOTE) {
        const start = this.at + 1;
        this.#skipString();
        if (this.#depth === 1 && this.#nextIs(COLON)) key = this.#key(start, this.at - 1);
        continue;
      }
      if (byte === OPEN_BRACKET && this.#depth === 1 && key === this.#list.key) {
        this.#depth++;
        return this.at++;
      }
      this.#step(byte);
    }
    if (this.#depth !== 0) this.#fail('the text ends inside a value');
    return null;
  }

  /** Spans of the elements of the array that `at` stands in; `at` ends behind its closing bracket. */
  elements(list: number): number[] {
    const spans: number[] = [];
    let start = list + 1;
    const close = (end: number) => {
      const [from, to] = this.#trim(start, end);
      if (from < to) spans.push(from, to);
      return from < to;
    };
    while (this.at < this.#bytes.length) {
      const byte = this.#bytes[this.at]!;
      if (byte === QUOTE) {
        this.#skipString();
        continue;
      }
      if (this.#depth === 2 && byte === COMMA) {
        if (!close(this.at)) this.#fail('a comma without a value before it');
        start = this.at + 1;
      }
      if (this.#depth === 2 && byte === CLOSE_BRACKET) {
        if (!close(this.at) && spans.length > 0) this.#fail('a comma without a value behind it');
        this.#step(byte);
        return spans;
      }
      this.#step(byte);
    }
    return this.#fail(`the text ends inside "${this.#list.key}"`);
  }

  toEnd(): void {
    while (this.at < this.#bytes.length) {
      const byte = this.#bytes[this.at]!;
      if (byte === QUOTE) this.#skipString();
      else this.#step(byte);
    }
    if (this.#depth !== 0) this.#fail('the text ends inside a value');
  }

  #step(byte: number): void {
    this.at++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
    else return;
    if (this.#depth < 0) this.#fail('a bracket too many');
    if (this.#depth > MAX_DEPTH) this.#fail(`values nested deeper than ${MAX_DEPTH}`);
  }

  /** `at` stands on the opening quote and ends behind the closing one. */
  #skipString(): void {
    for (let i = this.at + 1; i < this.#bytes.length; i++) {
      const byte = this.#bytes[i]!;
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) {
        this.at = i + 1;
        return;
      }
    }
    this.#fail('a string without an end');
  }

  #nextIs(wanted: number): boolean {
    let i = this.at;
    while (i < this.#bytes.length && isSpace(this.#bytes[i]!)) i++;
    return this.#bytes[i] === wanted;
  }

  #key(start: number, end: number): string {
    return end - start > 64 ? '' : new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  #trim(start: number, end: number): [number, number] {
    let [from, to] = [start, end];
    while (from < to && isSpace(this.#bytes[from]!)) from++;
    while (to > from && isSpace(this.#bytes[to - 1]!)) to--;
    return [from, to];
  }

  #fail(what: string): never {
    throw new CubeError({
      kind: 'invalid-data',
      url: this.#url,
      what: `not ${this.#list.format}: ${what}`,
      offset: this.at,
    });
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x1e;
}
