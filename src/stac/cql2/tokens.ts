import { CubeError } from '../../errors.js';

/** One token of CQL2 text; `at` is the character where it begins. Words keep their case. */
export type Token = {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
};

/** Longer filters are not written by people. */
const MAX_CHARACTERS = 100_000;

const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  // Property names have colons, dots and dashes inside, such as eo:cloud_cover and properties.sat:relative_orbit.
  ['word', /[\p{L}_][\p{L}\p{M}\p{N}_]*(?:[:.-][\p{L}\p{M}\p{N}_]+)*/uy],
  ['name', /"(?:[^"]|"")*"/y],
  ['text', /'(?:[^']|'')*'/y],
  ['sign', /<>|<=|>=|!=|[=<>(),+\-*/%^]/y],
];

/** The tokens of a text; the last one is `end`. Problem: `invalid-argument` with the place. */
export function tokensOf(text: string): Token[] {
  if (text.length > MAX_CHARACTERS) throw atPlace(text.length, `longer than ${MAX_CHARACTERS} characters`);
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && text.charCodeAt(at) <= 32) at++;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    if (token === null) throw atPlace(at, `unexpected ${JSON.stringify(text[at])}`);
    tokens.push(token.token);
    at = token.end;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}

function tokenAt(text: string, at: number): { readonly token: Token; readonly end: number } | null {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    return { token: { kind, text: plain(kind, found), at }, end: at + found.length };
  }
  return null;
}

function plain(kind: Token['kind'], found: string): string {
  if (kind === 'text') return found.slice(1, -1).replaceAll("''", "'");
  return kind === 'name' ? found.slice(1, -1).replaceAll('""', '"') : found;
}

/** An `invalid-argument` problem of CQL2 text. */
export function atPlace(at: number, what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `CQL2: ${what} at character ${at + 1}` });
}
