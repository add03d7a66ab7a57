import { createHash } from 'node:crypto';

/**
 * SHA-256, hex, of plain data: keys sorted, numbers as JavaScript prints them (NaN and infinities by name, -0 as 0),
 * bigints with an "n", typed arrays by type and bytes (little endian machines). The same data gives the same hash on
 * every machine and in every run.
 */
export function canonicalHash(value: unknown): string {
  const hash = createHash('sha256');
  feed(value, (text) => hash.update(text));
  return hash.digest('hex');
}

type Sink = (text: string | Uint8Array) => void;

function feed(value: unknown, sink: Sink): void {
  if (value === null || value === undefined) return sink('null');
  switch (typeof value) {
    case 'number':
      return sink(String(value === 0 ? 0 : value));
    case 'bigint':
      return sink(`${value}n`);
    case 'boolean':
      return sink(String(value));
    case 'string':
      return sink(JSON.stringify(value));
    case 'object':
      return feedObject(value, sink);
    default:
      throw new TypeError(`a ${typeof value} has no canonical form`);
  }
}

function feedObject(value: object, sink: Sink): void {
  if (ArrayBuffer.isView(value)) {
    sink(`<${value.constructor.name}:${value.byteLength}>`);
    return sink(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  if (Array.isArray(value)) {
    sink('[');
    for (const entry of value) {
      feed(entry, sink);
      sink(',');
    }
    return sink(']');
  }
  sink('{');
  for (const [key, entry] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (entry === undefined) continue;
    sink(JSON.stringify(key) + ':');
    feed(entry, sink);
    sink(',');
  }
  sink('}');
}
