import { CubeError } from '../../errors.js';
import type { Json } from '../item.js';
import type { Cql2 } from './expression.js';
import { parseCql2Json } from './parse-json.js';
import { atPlace, tokensOf, type Token } from './tokens.js';
import { parseWktGeometry } from './wkt-geometry.js';

const MAX_DEPTH = 64;
const COMPARISONS = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);
const GEOMETRIES = new Set([
  'POINT',
  'MULTIPOINT',
  'LINESTRING',
  'MULTILINESTRING',
  'POLYGON',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
]);

/**
 * Parse a filter in CQL2 text, such as `eo:cloud_cover < 20 AND platform IN ('sentinel-2a', 'sentinel-2b')`. Problems: those of
 * `parseCql2Json`, `invalid-argument` with the character where the text breaks the grammar.
 */
export function parseCql2Text(text: string): Cql2 {
  return parseCql2Json(cql2TextToJson(text));
}

/** CQL2 text in the JSON encoding, with operators that we do not know too. */
export function cql2TextToJson(text: string): Json {
  const reader = new Reader(tokensOf(text));
  const json = reader.either(0);
  reader.end();
  return json;
}

/** A filter as text or JSON, whichever it is. */
export function parseCql2(filter: string | Json): Cql2 {
  if (typeof filter !== 'string') return parseCql2Json(filter);
  if (!filter.trimStart().startsWith('{')) return parseCql2Text(filter);
  let json: Json;
  try {
    json = JSON.parse(filter) as Json;
  } catch (cause) {
    throw new CubeError({ kind: 'invalid-argument', what: `CQL2: no JSON: ${(cause as Error).message}` }, { cause });
  }
  return parseCql2Json(json);
}

/** Recursive descent over the tokens (OGC 21-065r2, Annex B), one method a rule. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  either(depth: number): Json {
    if (depth > MAX_DEPTH) throw atPlace(this.#next.at, 'nested too deep');
    const args = [this.#both(depth)];
    while (this.#takeWord('OR')) args.push(this.#both(depth));
    return args.length === 1 ? args[0]! : { op: 'or', args };
  }

  end(): void {
    if (this.#next.kind !== 'end') throw this.#unexpected('AND, OR or the end');
  }

  #both(depth: number): Json {
    const args = [this.#condition(depth)];
    while (this.#takeWord('AND')) args.push(this.#condition(depth));
    return args.length === 1 ? args[0]! : { op: 'and', args };
  }

  #condition(depth: number): Json {
    if (depth > MAX_DEPTH) throw atPlace(this.#next.at, 'nested too deep');
    if (this.#takeWord('NOT')) return { op: 'not', args: [this.#condition(depth + 1)] };
    if (this.#takeSign('(')) {
      const inner = this.either(depth + 1);
      this.#needSign(')');
      return inner;
    }
    const value = this.#value(depth + 1);
    return this.#predicate(value, depth + 1);
  }

  /** What follows the first value of a condition; a function or a constant may be the whole condition. */
  #predicate(left: Json, depth: number): Json {
    const { kind, text } = this.#next;
    if (kind === 'sign' && COMPARISONS.has(text)) {
      this.#at++;
      return { op: text === '!=' ? '<>' : text, args: [left, this.#value(depth)] };
    }
    if (kind === 'sign' && /^[-+*/%^]$/.test(text)) {
      throw new CubeError({ kind: 'unsupported', feature: `CQL2 arithmetic ("${text}")` });
    }
    if (this.#takeWord('IS')) {
      const isNot = this.#takeWord('NOT');
      this.#needWord('NULL');
      const test: Json = { op: 'isNull', args: [left] };
      return isNot ? { op: 'not', args: [test] } : test;
    }
    const isNot = this.#takeWord('NOT');
    const test = this.#wordPredicate(left, depth);
    if (test !== null) return isNot ? { op: 'not', args: [test] } : test;
    if (!isNot && (typeof left === 'boolean' || (typeof left === 'object' && left !== null && 'op' in left)))
      return left;
    throw this.#unexpected('a comparison');
  }

  #wordPredicate(left: Json, depth: number): Json | null {
    if (this.#takeWord('LIKE')) return { op: 'like', args: [left, this.#value(depth)] };
    if (this.#takeWord('BETWEEN')) {
      const low = this.#value(depth);
      this.#needWord('AND');
      return { op: 'between', args: [left, low, this.#value(depth)] };
    }
    if (!this.#takeWord('IN')) return null;
    this.#needSign('(');
    return { op: 'in', args: [left, this.#list(depth)] };
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) throw atPlace(this.#next.at, 'nested too deep');
    const token = this.#next;
    this.#at++;
    switch (token.kind) {
      case 'number':
        return Number(token.text);
      case 'text':
        return token.text;
      case 'name':
        return { property: token.text };
      case 'word':
        return this.#word(token, depth);
      default:
        this.#at--;
        throw this.#unexpected('a property or a value');
    }
  }

  #word({ text }: Token, depth: number): Json {
    const name = text.toUpperCase();
    if (name === 'TRUE' || name === 'FALSE') return name === 'TRUE';
    if (GEOMETRIES.has(name)) {
      const { geometry, end } = parseWktGeometry(name, this.#tokens, this.#at);
      this.#at = end;
      return geometry;
    }
    if (!this.#takeSign('(')) return { property: text };
    const args = this.#list(depth);
    if (name === 'TIMESTAMP') return { timestamp: args[0] ?? null };
    if (name === 'DATE') return { date: args[0] ?? null };
    if (name === 'INTERVAL') return { interval: args };
    return name === 'BBOX' ? { bbox: args } : { op: text.toLowerCase(), args };
  }

  /** Values with commas between them, up to the bracket that ends them. */
  #list(depth: number): Json[] {
    const values: Json[] = [];
    if (this.#takeSign(')')) return values;
    do values.push(this.#value(depth + 1));
    while (this.#takeSign(','));
    this.#needSign(')');
    return values;
  }

  get #next(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#next;
    const isIt = kind === 'word' && text.toUpperCase() === word;
    if (isIt) this.#at++;
    return isIt;
  }

  #takeSign(sign: string): boolean {
    const { kind, text } = this.#next;
    const isIt = kind === 'sign' && text === sign;
    if (isIt) this.#at++;
    return isIt;
  }

  #needWord(word: string): void {
    if (!this.#takeWord(word)) throw this.#unexpected(word);
  }

  #needSign(sign: string): void {
    if (!this.#takeSign(sign)) throw this.#unexpected(`"${sign}"`);
  }

  #unexpected(expected: string): CubeError {
    const { kind, text, at } = this.#next;
    return atPlace(at, `expected ${expected}, found ${kind === 'end' ? 'the end' : JSON.stringify(text.slice(0, 40))}`);
  }
}
