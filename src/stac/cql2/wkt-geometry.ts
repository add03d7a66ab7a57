import type { Json } from '../item.js';
import { atPlace, type Token } from './tokens.js';

/** GeoJSON's names of WKT's types, and how many brackets stand around a position. */
const TYPES: Readonly<Record<string, readonly [name: string, depth: number]>> = {
  POINT: ['Point', 1],
  MULTIPOINT: ['MultiPoint', 1],
  LINESTRING: ['LineString', 1],
  MULTILINESTRING: ['MultiLineString', 2],
  POLYGON: ['Polygon', 2],
  MULTIPOLYGON: ['MultiPolygon', 3],
};
const MAX_DEPTH = 16;

/** The geometry of WKT whose type stands before token `at`, as GeoJSON, and where it ends. Heights and measures are left out. */
export function parseWktGeometry(
  type: string,
  tokens: readonly Token[],
  at: number,
  nesting = 0,
): { readonly geometry: Json; readonly end: number } {
  const reader = new PositionReader(tokens, at);
  while (['Z', 'M', 'ZM'].includes(reader.next.text.toUpperCase())) reader.at++;
  if (type === 'GEOMETRYCOLLECTION') return collection(tokens, reader, nesting);
  const [name, depth] = TYPES[type]!;
  if (type === 'POINT') {
    reader.need('(');
    const coordinates = reader.position();
    reader.need(')');
    return { geometry: { type: name, coordinates }, end: reader.at };
  }
  return { geometry: { type: name, coordinates: reader.list(depth) }, end: reader.at };
}

function collection(
  tokens: readonly Token[],
  reader: PositionReader,
  nesting: number,
): { readonly geometry: Json; readonly end: number } {
  if (nesting > MAX_DEPTH) throw atPlace(reader.next.at, 'nested too deep');
  const geometries: Json[] = [];
  reader.need('(');
  do {
    const type = reader.next.text.toUpperCase();
    if (!(type in TYPES) && type !== 'GEOMETRYCOLLECTION') throw atPlace(reader.next.at, 'expected a geometry');
    const { geometry, end } = parseWktGeometry(type, tokens, reader.at + 1, nesting + 1);
    geometries.push(geometry);
    reader.at = end;
  } while (reader.take(','));
  reader.need(')');
  return { geometry: { type: 'GeometryCollection', geometries }, end: reader.at };
}

class PositionReader {
  at: number;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[], at: number) {
    this.#tokens = tokens;
    this.at = at;
  }

  get next(): Token {
    return this.#tokens[Math.min(this.at, this.#tokens.length - 1)]!;
  }

  take(sign: string): boolean {
    const isIt = this.next.kind === 'sign' && this.next.text === sign;
    if (isIt) this.at++;
    return isIt;
  }

  need(sign: string): void {
    if (!this.take(sign)) throw atPlace(this.next.at, `expected "${sign}"`);
  }

  /** A list of lists of positions, `depth` brackets deep. */
  list(depth: number): Json[] {
    const members: Json[] = [];
    this.need('(');
    do {
      if (depth > 1) members.push(this.list(depth - 1));
      else if (this.take('(')) {
        members.push(this.position()); // MULTIPOINT((1 2), (3 4))
        this.need(')');
      } else members.push(this.position());
    } while (this.take(','));
    this.need(')');
    return members;
  }

  position(): Json[] {
    const numbers: number[] = [];
    while (this.next.kind === 'number') {
      numbers.push(Number(this.next.text));
      this.at++;
    }
    if (numbers.length < 2 || numbers.length > 4) throw atPlace(this.next.at, 'expected two numbers');
    return numbers.slice(0, 2);
  }
}
