import { CubeError } from '../errors.js';

/** One bracketed element of Well-Known Text: `KEYWORD[value, …]`. Bare words such as `east` are strings. */
export type WktNode = { readonly keyword: string; readonly values: readonly (string | number | WktNode)[] };

/** Far above any real definition (ESRI's longest are 5 KiB); keeps hostile text cheap. */
const MAX_LENGTH = 100_000;
const MAX_DEPTH = 32;

/** Parse Well-Known Text (ISO 19162, OGC 01-009, ESRI's dialect). Throws `invalid-argument` with the place of the fault. */
export function parseWkt(text: string): WktNode {
  if (text.length > MAX_LENGTH) throw fault(`is ${text.length} characters long, more than ${MAX_LENGTH}`);
  const reader = new WktReader(text);
  const node = reader.node(0);
  reader.end();
  return node;
}

/** The first child element with one of the keywords (upper case), or null. */
export function childOf(node: WktNode, ...keywords: readonly string[]): WktNode | null {
  return childrenOf(node, ...keywords)[0] ?? null;
}

/** All child elements with one of the keywords (upper case), in order. */
export function childrenOf(node: WktNode, ...keywords: readonly string[]): WktNode[] {
  return node.values.filter((value): value is WktNode => typeof value === 'object' && keywords.includes(value.keyword));
}

/** The quoted name or bare word at a place, or an empty text. */
export function textAt(node: WktNode, index: number): string {
  const value = node.values[index];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The number at a place, or null. */
export function numberAt(node: WktNode, index: number): number | null {
  const value = node.values[index];
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : null;
}

class WktReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  node(depth: number): WktNode {
    if (depth > MAX_DEPTH) throw fault(`is nested deeper than ${MAX_DEPTH}`);
    const keyword = this.#match(/[A-Za-z_][A-Za-z0-9_]*/y);
    if (keyword === null) throw this.#unexpected('a keyword');
    if (this.#match(/[[(]/y) === null) throw this.#unexpected('"["');
    const values: (string | number | WktNode)[] = [];
    if (this.#match(/[\])]/y) !== null) return { keyword: keyword.toUpperCase(), values };
    do {
      values.push(this.#value(depth));
    } while (this.#match(/,/y) !== null);
    if (this.#match(/[\])]/y) === null) throw this.#unexpected('"," or "]"');
    return { keyword: keyword.toUpperCase(), values };
  }

  /** ESRI puts a vertical system behind the horizontal one; it does not concern us. */
  end(): void {
    while (this.#match(/,(?=\s*VERT)/iy) !== null) this.node(0);
    this.#match(/;/y);
    if (this.#match(/[^]/y) !== null) throw fault(`goes on after its end at character ${this.#at}`);
  }

  #value(depth: number): string | number | WktNode {
    const quoted = this.#match(/"(?:[^"]|"")*"/y);
    if (quoted !== null) return quoted.slice(1, -1).replaceAll('""', '"');
    const number = this.#match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w:.-])/y);
    if (number !== null) return Number(number);
    const start = this.#at;
    const word = this.#match(/[A-Za-z0-9_][\w:.-]*/y);
    if (word === null) throw this.#unexpected('a value');
    if (!/[[(]/.test(this.#peek())) return word;
    this.#at = start;
    return this.node(depth + 1);
  }

  #peek(): string {
    this.#match(/(?=[^])/y);
    return this.#text[this.#at] ?? '';
  }

  /** Skips white space, then takes a match; null and nothing taken when there is none. */
  #match(pattern: RegExp): string | null {
    while (this.#at < this.#text.length && this.#text[this.#at]!.trim() === '') this.#at++;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #unexpected(expected: string): CubeError {
    const found = this.#at < this.#text.length ? `"${this.#text.slice(this.#at, this.#at + 12)}"` : 'the end';
    return fault(`has ${found} at character ${this.#at} where ${expected} belongs`);
  }
}

function fault(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `the WKT of a coordinate reference system ${what}` });
}
