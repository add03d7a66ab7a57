import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { cql2TextToJson } from '../../stac/cql2/parse-text.js';
import type { Json } from '../../stac/item.js';
import { isObject, objectsOf, parseJson, textOf, type JsonObject } from '../../stac/json.js';
import { askServer, inTransaction, serverJson, withPgstac, type PgstacDatabase } from './pgstac-server.js';

/** A search of pgstac: the body of a STAC API search, the filter as CQL2 text or JSON. All of CQL2 that pgstac knows is understood. */
export type PgstacSearchInput = PgstacDatabase & {
  readonly filter?: string | object;
  readonly bbox?: readonly number[];
  readonly intersects?: object;
  readonly datetime?: string;
  readonly collections?: readonly string[];
  readonly ids?: readonly string[];
  /** Most items in all. Default 100. */
  readonly limit?: number;
  /** Items in one answer of the database; the result does not depend on it. Default 1000. */
  readonly pageSize?: number;
};

/** Items in pgstac's own order (newest first); `matched` where the database is set to count them, else null. */
export type PgstacSearchResult = { readonly items: readonly JsonObject[]; readonly matched: number | null };

type Page = PgstacSearchResult & { readonly next: string | null };

/** Search pgstac, page after page of one snapshot. Problems: `missing-component` where the database has no pgstac, `lake` for what Postgres says. */
export async function searchPgstac(input: PgstacSearchInput): Promise<PgstacSearchResult> {
  const { database: _database, signal, filter, limit = 100, pageSize = 1000, ...rest } = input;
  const wanted = {
    ...(rest as JsonObject),
    ...(filter === undefined ? {} : { filter: filterJson(filter), 'filter-lang': 'cql2-json' }),
  };
  return withPgstac(input, (database) =>
    inTransaction(database, signal, async () => {
      const items: JsonObject[] = [];
      let matched: number | null = null;
      for (let token: string | null = ''; token !== null;) {
        throwIfAborted(signal);
        const paging: JsonObject = {
          limit: Math.min(limit - items.length, pageSize),
          ...(token === '' ? {} : { token }),
        };
        const page = await readPage(database, { ...wanted, ...paging });
        items.push(...page.items);
        matched ??= page.matched;
        token = items.length < limit && page.items.length > 0 ? page.next : null;
      }
      return { items, matched };
    }),
  );
}

async function readPage(database: DuckDb, body: JsonObject): Promise<Page> {
  const [row] = await askServer(database, `SELECT pgstac.search(${serverJson(body)})::text AS found`);
  const found = parseJson(new TextEncoder().encode(String(row?.['found'])), 'pgstac');
  if (!isObject(found)) throw new CubeError({ kind: 'invalid-data', url: 'pgstac', what: 'the answer is no object' });
  const matched = found['numberMatched'];
  return {
    items: objectsOf(found['features']),
    matched: typeof matched === 'number' ? matched : null,
    next: nextToken(found),
  };
}

/** Since 0.9 in a link, which is no URL that anybody encoded; before that in a field. */
function nextToken(found: JsonObject): string | null {
  const href = textOf(objectsOf(found['links']).find(({ rel }) => rel === 'next')?.['href']);
  if (href !== null) return /[?&]token=(.*)$/s.exec(href)?.[1] ?? null;
  const field = textOf(found['next']);
  return field === null ? null : `next:${field}`;
}

function filterJson(filter: string | object): Json {
  if (typeof filter !== 'string') return filter as Json;
  return filter.trimStart().startsWith('{')
    ? parseJson(new TextEncoder().encode(filter), 'the filter')
    : cql2TextToJson(filter);
}
