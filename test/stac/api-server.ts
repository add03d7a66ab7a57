import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

export type ApiItem = { readonly id: string; readonly [key: string]: unknown };

/** How the API behaves. */
export type ApiOptions = {
  readonly items: readonly ApiItem[];
  /** Search methods that the landing page names. Default both. */
  readonly methods?: readonly ('GET' | 'POST')[];
  /** The last item of a page comes again as the first of the next. */
  readonly repeats?: boolean;
  /** `next` links: a whole body, a body to merge, or a URL with a token. Default merge. */
  readonly next?: 'body' | 'merge' | 'url' | 'header' | 'circle';
  /** Answers first: true where it has. `count` begins at 1. */
  readonly intercept?: (request: SeenSearch, response: ServerResponse, count: number) => boolean;
  readonly conformsTo?: readonly string[];
  readonly gzip?: boolean;
  readonly matched?: number;
};

export type SeenSearch = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Parameters of a GET as texts, or the body of a POST. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type ApiServer = {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly requests: readonly SeenSearch[];
  close(): Promise<void>;
};

/** A STAC API with item search and token paging on the loopback interface. It filters by `bbox`, `intersects` (boxes only), `ids` and `collections`. */
export async function startApiServer(options: ApiOptions): Promise<ApiServer> {
  const requests: SeenSearch[] = [];
  const server = createServer((incoming, response) => {
    void readSearch(incoming).then((seen) => {
      requests.push(seen);
      if (options.intercept?.(seen, response, requests.length) === true) return;
      const base = `http://${incoming.headers.host}/v1`;
      const json = answer(options, seen, base);
      response.statusCode = json === null ? 404 : 200;
      const text = JSON.stringify(json ?? { code: 'NotFound' });
      if (
        options.gzip === true &&
        String(incoming.headers['accept-encoding']).includes('gzip') &&
        seen.path.endsWith('/search')
      ) {
        response.setHeader('content-encoding', 'gzip').end(gzipSync(text));
      } else response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readSearch(incoming: IncomingMessage): Promise<SeenSearch> {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  const parameters = body === '' ? Object.fromEntries(url.searchParams) : JSON.parse(body);
  return { method: incoming.method ?? '', path: url.pathname, headers: incoming.headers, parameters };
}

function answer(options: ApiOptions, seen: SeenSearch, base: string): unknown {
  if (seen.path === '/v1' || seen.path === '/v1/') return landingPage(options, base);
  if (seen.path === '/v1/search') return searchPage(options, seen, `${base}/search`);
  const collection = /^\/v1\/collections\/([\w-]+)(\/items)?$/.exec(seen.path);
  if (collection === null) return null;
  const items = options.items.filter((item) => item['collection'] === collection[1]);
  if (collection[2] !== undefined) return searchPage({ ...options, items }, seen, base + seen.path.slice(3));
  const links = [{ rel: 'items', href: `${base}/collections/${collection[1]}/items` }];
  return { type: 'Collection', id: collection[1], links };
}

function landingPage({ methods = ['GET', 'POST'], conformsTo = [] }: ApiOptions, base: string): unknown {
  const links = methods.map((method) => ({
    rel: 'search',
    href: `${base}/search`,
    method,
    type: 'application/geo+json',
  }));
  return { type: 'Catalog', id: 'api', conformsTo, links };
}

function searchPage(
  { items, repeats = false, next = 'merge', matched }: ApiOptions,
  seen: SeenSearch,
  href: string,
): unknown {
  const { parameters, method } = seen;
  const found = items.filter((item) => isWanted(item, parameters));
  const limit = Number(parameters['limit'] ?? 10);
  const token = Number(parameters['token'] ?? seen.headers['x-token'] ?? 0);
  const start = repeats && token > 0 ? token - 1 : token;
  const end = Math.min(found.length, token + limit);
  const links = end < found.length ? [nextLink(next, method, href, parameters, end)] : [];
  return {
    type: 'FeatureCollection',
    features: found.slice(start, end),
    links,
    numberMatched: matched ?? found.length,
  };
}

function nextLink(
  kind: NonNullable<ApiOptions['next']>,
  method: string,
  href: string,
  parameters: SeenSearch['parameters'],
  token: number,
): unknown {
  if (kind === 'circle') return { rel: 'next', method, href, body: parameters };
  if (method === 'GET') {
    const url = new URL(href);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value));
    if (kind !== 'header') url.searchParams.set('token', String(token));
    return { rel: 'next', href: url.href, ...(kind === 'header' ? { headers: { 'X-Token': String(token) } } : {}) };
  }
  if (kind === 'merge') return { rel: 'next', method, href, merge: true, body: { token } };
  if (kind === 'header') return { rel: 'next', method, href, headers: { 'X-Token': String(token) } };
  return { rel: 'next', method, href, body: { ...parameters, token } };
}

function isWanted(item: ApiItem, parameters: SeenSearch['parameters']): boolean {
  const boxes = boxesOf(parameters['intersects']);
  if (boxes === null) return isWantedIn(item, parameters);
  return boxes.some((bbox) => isWantedIn(item, { ...parameters, bbox }));
}

/** The boxes of a MultiPolygon of boxes. */
function boxesOf(intersects: unknown): number[][] | null {
  if (typeof intersects !== 'object' || intersects === null || !('coordinates' in intersects)) return null;
  const polygons = intersects.coordinates as number[][][][];
  return polygons.map(([ring]) => [...ring![0]!, ...ring![2]!]);
}

function isWantedIn(item: ApiItem, { bbox, ids, collections }: SeenSearch['parameters']): boolean {
  const listed = (value: unknown) =>
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.map(String) : null;
  const [box, wanted, from] = [listed(bbox)?.map(Number), listed(ids), listed(collections)];
  if (wanted !== null && !wanted.includes(item.id)) return false;
  if (from !== null && !from.includes(String(item['collection']))) return false;
  if (box === undefined || !Array.isArray(item['bbox'])) return true;
  const [west, south, east, north] = item['bbox'].map(Number);
  return west! <= box[2]! && east! >= box[0]! && south! <= box[3]! && north! >= box[1]!;
}
