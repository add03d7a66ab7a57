import type { SourceColumn } from './survey-source.js';

/** Whole numbers up to this are the same in every reader of JSON (RFC 8259 §6). */
const LARGEST = '9007199254740991';

/**
 * SQL of a value as JSON. What JSON has no number for (NaN, infinities, whole numbers beyond 2^53) is text, cells of H3 are
 * hexadecimal, times ISO 8601 (in UTC where they have a zone), bytes base64, geometries WKT.
 */
export function jsonValue({ name, type }: SourceColumn, value: string): string {
  if (type.endsWith('[]')) {
    const item = jsonValue({ name, type: type.slice(0, -2) }, 'x');
    return item === 'to_json(x)' ? `to_json(${value})` : `to_json(list_transform(${value}, lambda x: ${item}))`;
  }
  if (type.startsWith('GEOMETRY')) return `to_json(ST_AsText(${value}))`;
  const text = `to_json(CAST(${value} AS VARCHAR))`;
  switch (type) {
    case 'FLOAT':
    case 'DOUBLE':
      return `CASE WHEN isfinite(${value}) THEN to_json(${value}) ELSE ${text} END`;
    case 'BIGINT':
      return `CASE WHEN ${value} BETWEEN -${LARGEST} AND ${LARGEST} THEN to_json(${value}) ELSE ${text} END`;
    case 'UBIGINT':
      return /^h3(?:_|$)/i.test(name) ? `to_json(lower(to_hex(${value})))` : text;
    case 'BLOB':
      return `to_json(base64(${value}))`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_S':
    case 'TIMESTAMP_MS':
    case 'TIMESTAMP_NS':
      return `to_json(replace(CAST(${value} AS VARCHAR), ' ', 'T'))`;
    case 'TIMESTAMP WITH TIME ZONE':
      return `to_json(replace(replace(CAST(${value} AS VARCHAR), ' ', 'T'), '+00', 'Z'))`;
    case 'HUGEINT':
    case 'UHUGEINT':
    case 'BIGNUM':
      return text;
    default:
      return type.startsWith('DECIMAL') ? text : `to_json(${value})`;
  }
}
