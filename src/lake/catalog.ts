import { CubeError } from '../errors.js';

/** Where DuckLake keeps its tables of tables. */
export type Catalog =
  /** A DuckDB file: one process at a time. */
  | { readonly kind: 'duckdb'; readonly path: string }
  /** A SQLite file: several processes on one machine. */
  | { readonly kind: 'sqlite'; readonly path: string }
  /** A libpq connection string or URI: many machines. It may hold a password. */
  | { readonly kind: 'postgres'; readonly connection: string }
  /** A database of MotherDuck's; its extension takes the token from the environment and needs the network. */
  | { readonly kind: 'motherduck'; readonly name: string };

const HIDDEN = '***';

/**
 * `sqlite:PATH`, `postgres:CONNECTION`, a `postgres://` or `postgresql://` URI, `md:NAME`, else the path of a DuckDB file.
 * Problem: `invalid-argument`, also for the pooled endpoint of a Neon project.
 */
export function parseCatalog(text: string): Catalog {
  const catalog = catalogOf(text);
  if (catalog.kind === 'postgres') assertDirect(catalog.connection);
  const place = placeOf(catalog);
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
    case 'motherduck':
      return `md:${catalog.name}`;
  }
}

/** DuckDB's extension for this kind of catalog; null where none is needed. */
export function extensionOf(catalog: Catalog): string | null {
  switch (catalog.kind) {
    case 'duckdb':
      return null;
    case 'sqlite':
      return 'sqlite_scanner';
    case 'postgres':
      return 'postgres_scanner';
    case 'motherduck':
      return 'motherduck';
  }
}

/** The catalog in words that may be printed and stored. */
export function describeCatalog(catalog: Catalog): string {
  return hideSecrets(attachTarget(catalog), catalogSecrets(catalog));
}

/** The catalog's passwords as they may stand in a message: as given, encoded or plain. */
export function catalogSecrets(catalog: Catalog): string[] {
  switch (catalog.kind) {
    case 'postgres':
      return secretsOf(catalog.connection);
    case 'motherduck':
      return [process.env['MOTHERDUCK_TOKEN'] ?? '', /motherduck_token=([^&]*)/i.exec(catalog.name)?.[1] ?? ''].filter(
        (token) => token !== '',
      );
    case 'duckdb':
    case 'sqlite':
      return [];
  }
}

/** The text without the secrets. Too much is hidden rather than too little: a password that is also a word vanishes everywhere. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text;
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length); // one may contain another
  for (const secret of longestFirst) hidden = hidden.replaceAll(secret, HIDDEN);
  return hidden;
}

function catalogOf(text: string): Catalog {
  if (text.startsWith('sqlite:')) return { kind: 'sqlite', path: text.slice('sqlite:'.length) };
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'postgres', connection: text };
  if (text.startsWith('postgres:')) return { kind: 'postgres', connection: text.slice('postgres:'.length) };
  if (text.startsWith('md:')) return { kind: 'motherduck', name: text.slice('md:'.length) };
  return { kind: 'duckdb', path: text };
}

function placeOf(catalog: Catalog): string {
  switch (catalog.kind) {
    case 'duckdb':
    case 'sqlite':
      return catalog.path;
    case 'postgres':
      return catalog.connection;
    case 'motherduck':
      return catalog.name;
  }
}

/** Neon's pooler gives each transaction another connection, which loses settings and advisory locks. */
function assertDirect(connection: string): void {
  const host = /[\w-]+-pooler\.[\w.-]*neon\.(?:tech|build)/i.exec(connection)?.[0];
  if (host === undefined) return;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `${host} is Neon's connection pooler, which a lake's catalog cannot live behind`,
    fix: `use the direct endpoint, ${host.replace('-pooler', '')}`,
  });
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
  const inUri = /^[a-z]+:\/\/[^/?#@]*?:(.*)@/i.exec(connection)?.[1];
  add(inUri);
  // Where its @ and / are not escaped libpq takes pieces of it for a host or a port, and names these in its messages.
  for (const piece of (inUri ?? '').split(/[@/?#:]/).filter((one) => one !== '')) {
    for (const form of [`${piece}@`, `"${piece}"`, `"${decoded(piece)}"`]) found.add(form);
  }
  return [...found];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
