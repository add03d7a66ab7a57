import { CubeError } from '../errors.js';

/** Where DuckLake keeps its tables of tables. */
export type Catalog =
  /** A DuckDB file: one process at a time. */
  | { readonly kind: 'duckdb'; readonly path: string }
  /** A SQLite file: several processes on one machine. */
  | { readonly kind: 'sqlite'; readonly path: string }
  /** A libpq connection string or URI: many machines. It may hold a password. */
  | { readonly kind: 'postgres'; readonly connection: string };

const HIDDEN = '***';

/** `sqlite:PATH`, `postgres:CONNECTION`, a `postgres://` or `postgresql://` URI, else the path of a DuckDB file. */
export function parseCatalog(text: string): Catalog {
  const catalog = catalogOf(text);
  const place = catalog.kind === 'postgres' ? catalog.connection : catalog.path;
  if (place.trim() !== '' && !place.includes('\0')) return catalog;
  throw new CubeError({
    kind: 'invalid-argument',
    what: 'the lake names no catalog',
    fix: 'give the path of a DuckDB file, sqlite:PATH or postgres:CONNECTION',
  });
}

/** What stands after `ducklake:` in ATTACH. Holds the secrets of a connection string: never print it. */
export function attachTarget(catalog: Catalog): string {
  switch (catalog.kind) {
    case 'duckdb':
      return catalog.path;
    case 'sqlite':
      return `sqlite:${catalog.path}`;
    case 'postgres':
      return `postgres:${catalog.connection}`;
  }
}

/** The catalog in words that may be printed and stored. */
export function describeCatalog(catalog: Catalog): string {
  return catalog.kind === 'postgres' ? hideSecrets(attachTarget(catalog), catalog) : attachTarget(catalog);
}

/**
 * The text without the catalog's passwords, wherever they stand in it: in the connection string as given, encoded or
 * plain. Too much is hidden rather than too little: a password that is also a word vanishes everywhere.
 */
export function hideSecrets(text: string, catalog: Catalog): string {
  if (catalog.kind !== 'postgres') return text;
  let hidden = text;
  for (const secret of secretsOf(catalog.connection)) hidden = hidden.replaceAll(secret, HIDDEN);
  return hidden;
}

function catalogOf(text: string): Catalog {
  if (text.startsWith('sqlite:')) return { kind: 'sqlite', path: text.slice('sqlite:'.length) };
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'postgres', connection: text };
  if (text.startsWith('postgres:')) return { kind: 'postgres', connection: text.slice('postgres:'.length) };
  return { kind: 'duckdb', path: text };
}

// libpq 34.1.1: key = value with quotes and backslashes, or a URI with user info and parameters.
function secretsOf(connection: string): string[] {
  const found = new Set<string>();
  const add = (secret: string | undefined) => {
    if (secret === undefined || secret === '') return;
    for (const form of [secret, decoded(secret), JSON.stringify(secret).slice(1, -1), secret.replaceAll("'", "''")]) {
      found.add(form);
    }
  };
  for (const match of connection.matchAll(/\b(?:ssl)?password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&]+))/gi)) {
    const [, quoted, bare] = match;
    add(quoted ?? bare);
    add((quoted ?? bare)?.replace(/\\(.)/g, '$1'));
  }
  add(/^[a-z]+:\/\/[^/?#@]*?:(.*)@/i.exec(connection)?.[1]);
  return [...found].sort((a, b) => b.length - a.length); // the longest first: one may contain another
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
