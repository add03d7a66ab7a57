import { CubeError } from '../../errors.js';

/** A parsed pattern. `test` takes a code point. */
export type PatternNode =
  | { readonly kind: 'one'; readonly test: (code: number) => boolean }
  | { readonly kind: 'at'; readonly place: 'start' | 'end' | 'word' | 'inside' }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number | null };

type Test = (code: number) => boolean;

/** Longer patterns are no patterns for file names. */
const MAX_PATTERN = 1000;

const CLASSES: Readonly<Record<string, Test>> = {
  d: (code) => code >= 48 && code <= 57,
  w: isWord,
  s: (code) => code === 32 || (code >= 9 && code <= 13) || code === 0xa0,
};

const CONTROLS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7, '0': 0 };

const PLACES: Readonly<Record<string, 'start' | 'end' | 'word' | 'inside'>> = {
  A: 'start',
  Z: 'end',
  b: 'word',
  B: 'inside',
};

/** Letters, digits and underscore, ASCII or not, as Python's `\\w`. */
export function isWord(code: number): boolean {
  return code < 128 ? /\w/.test(String.fromCodePoint(code)) : /[\p{L}\p{N}]/u.test(String.fromCodePoint(code));
}

/**
 * Parse a regular expression in Python's syntax: literals, classes, groups, alternatives, quantifiers, anchors, a leading `(?i)`.
 * Problems: `invalid-argument`; `unsupported` for what cannot be decided in linear time (lookaround, references to groups).
 */
export function parseRegex(text: string): PatternNode {
  return new Parser(text).parse();
}

/** Parse a glob as Python's `fnmatch` does: star for any text, slashes too, `?` for one character, `[a-z]`, `[!a-z]`.
 * Problem: `invalid-argument` for a range that runs backwards. */
export function parseGlob(text: string): PatternNode {
  const pieces = text.replaceAll(/\[(?:!|(?!!))(?:\][^\]]*|[^\]]+)\]|[^]/gu, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.length < 2 || !piece.startsWith('[')) return piece.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
    const negated = piece.startsWith('[!');
    const members = piece.slice(negated ? 2 : 1, -1).replaceAll('\\', '\\\\');
    return `[${negated ? '^' : ''}${members.replace(/^\^/, '\\^')}]`;
  });
  return parseRegex(`^${pieces}$`);
}

class Parser {
  readonly #text: string;
  readonly #codes: readonly string[];
  #at = 0;
  #fold = false;

  constructor(text: string) {
    this.#text = text;
    this.#codes = [...text];
  }

  parse(): PatternNode {
    if (this.#codes.length > MAX_PATTERN) throw this.#wrong(`longer than ${MAX_PATTERN} characters`);
    if (this.#take('(?i)')) this.#fold = true;
    const node = this.#choice();
    if (this.#at < this.#codes.length) throw this.#wrong('unbalanced parenthesis');
    return node;
  }

  #choice(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      nodes.push(this.#quantified(this.#atom()));
    }
    return { kind: 'sequence', nodes };
  }

  #quantified(node: PatternNode): PatternNode {
    const bounds = this.#quantifier();
    if (bounds === null) return node;
    this.#take('?'); // what matches first makes no difference to whether anything does
    if (/^[*+?]$/.test(this.#peek() ?? '') || this.#bounds() !== null) throw this.#wrong('multiple repeat');
    return { kind: 'repeat', node, ...bounds };
  }

  #quantifier(): { min: number; max: number | null } | null {
    if (this.#take('*')) return { min: 0, max: null };
    if (this.#take('+')) return { min: 1, max: null };
    if (this.#take('?')) return { min: 0, max: 1 };
    return this.#bounds();
  }

  /** `{3}`, `{3,}`, `{,3}`, `{3,5}`; other braces stand for themselves. */
  #bounds(): { min: number; max: number | null } | null {
    const match = /^\{(\d{0,4})(,?)(\d{0,4})\}/.exec(this.#codes.slice(this.#at, this.#at + 12).join(''));
    if (match === null || (match[1] === '' && match[3] === '')) return null;
    this.#at += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === '' ? min : match[3] === '' ? null : Number(match[3]);
    if (max !== null && max < min) throw this.#wrong('min repeat greater than max repeat');
    return { min, max };
  }

  #atom(): PatternNode {
    const char = this.#next();
    if (char === '(') return this.#group();
    if (char === '[') return { kind: 'one', test: this.#set() };
    if (char === '.') return { kind: 'one', test: (code) => code !== 10 };
    if (char === '^') return { kind: 'at', place: 'start' };
    if (char === '$') return { kind: 'at', place: 'end' };
    if (char === '*' || char === '+' || char === '?') throw this.#wrong('nothing to repeat');
    if (char !== '\\') return { kind: 'one', test: this.#equal(char.codePointAt(0)!) };
    const place = PLACES[this.#peek() ?? ''];
    if (place === undefined) return { kind: 'one', test: this.#escape() };
    this.#at++;
    return { kind: 'at', place };
  }

  #group(): PatternNode {
    if (this.#take('?')) {
      const named = /^P<\w{1,100}>/.exec(this.#codes.slice(this.#at, this.#at + 110).join(''));
      if (named !== null) this.#at += named[0].length;
      else if (!this.#take(':')) throw this.#unsupported(`(?${this.#peek() ?? ''}`);
    }
    const node = this.#choice();
    if (!this.#take(')')) throw this.#wrong('missing )');
    return node;
  }

  #set(): Test {
    const negated = this.#take('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const low = this.#setMember();
      if (typeof low === 'number' && this.#peek() === '-' && (this.#codes[this.#at + 1] ?? ']') !== ']') {
        this.#at++;
        const high = this.#setMember();
        if (typeof high !== 'number' || high < low) throw this.#wrong('bad character range');
        tests.push(this.#folded((code) => code >= low && code <= high));
      } else tests.push(typeof low === 'number' ? this.#equal(low) : low);
    }
    this.#at++;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  #setMember(): number | Test {
    const char = this.#next();
    if (char !== '\\') return char.codePointAt(0)!;
    if (this.#take('b')) return 8;
    return this.#escaped();
  }

  #escape(): Test {
    const escaped = this.#escaped();
    return typeof escaped === 'number' ? this.#equal(escaped) : escaped;
  }

  #escaped(): number | Test {
    const char = this.#next();
    const named = CLASSES[char.toLowerCase()];
    if (named !== undefined) return char === char.toLowerCase() ? named : (code) => !named(code);
    if (Object.hasOwn(CONTROLS, char)) return CONTROLS[char]!;
    if (/[1-9]/.test(char)) throw this.#unsupported(`\\${char}`);
    if (char === 'x' || char === 'u') return this.#hexadecimal(char === 'x' ? 2 : 4);
    if (/[a-zA-Z]/.test(char)) throw this.#wrong(`bad escape \\${char}`);
    return char.codePointAt(0)!;
  }

  #hexadecimal(digits: number): number {
    const text = this.#codes.slice(this.#at, this.#at + digits).join('');
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) throw this.#wrong('incomplete escape');
    this.#at += digits;
    return Number.parseInt(text, 16);
  }

  #equal(code: number): Test {
    return this.#folded((other) => other === code);
  }

  #folded(test: Test): Test {
    if (!this.#fold) return test;
    return (code) => {
      const char = String.fromCodePoint(code);
      return test(code) || test(char.toLowerCase().codePointAt(0)!) || test(char.toUpperCase().codePointAt(0)!);
    };
  }

  #peek(): string | undefined {
    return this.#codes[this.#at];
  }

  #next(): string {
    const char = this.#codes[this.#at++];
    if (char === undefined) throw this.#wrong('it ends too early');
    return char;
  }

  #take(text: string): boolean {
    const found = this.#codes.slice(this.#at, this.#at + text.length).join('') === text;
    if (found) this.#at += text.length;
    return found;
  }

  #wrong(what: string): CubeError {
    const shown = this.#text.length > 100 ? `${this.#text.slice(0, 100)}…` : this.#text;
    return new CubeError({ kind: 'invalid-argument', what: `the file pattern "${shown}" is wrong: ${what}` });
  }

  #unsupported(what: string): CubeError {
    const fix = 'lookaround and references to groups are not read; say it with exclude patterns';
    return new CubeError({ kind: 'unsupported', feature: `${what} in the file pattern "${this.#text}"`, fix });
  }
}
