import { JSDuckDBValueConverter } from '@duckdb/node-api';
import type { DuckDBValue, DuckDBValueConverter, JS } from '@duckdb/node-api';

/**
 * A DuckDB value as plain JavaScript: integers up to 32 bits and floats are numbers, (U)BIGINT and (U)HUGEINT bigints,
 * DECIMAL a number, TIMESTAMP and DATE a `Date` (UTC, cut to milliseconds), BLOB and GEOMETRY (as WKB) a `Uint8Array`
 * that owns its bytes, LIST an array, STRUCT an object, JSON its text, NULL null.
 */
export const toJavaScript: DuckDBValueConverter<JS> = (value, type, nested) => {
  const plain = JSDuckDBValueConverter(value, type, nested);
  return plain instanceof Uint8Array ? new Uint8Array(plain) : plain; // the library hands out a Buffer
};

/** The bytes of a BLOB as a data chunk gives it; of anything else, none. */
export function blobBytes(value: DuckDBValue | undefined): Uint8Array {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : null;
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(0);
}
