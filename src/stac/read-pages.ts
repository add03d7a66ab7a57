import { CubeError, isCubeError } from '../errors.js';
import type { ApiAnswer, ApiClient, ApiRequest } from './api-client.js';
import type { ApiSearch } from './api-query.js';
import type { ItemCollector } from './collector.js';
import { isObject, type JsonObject } from './json.js';
import { nextPage, requestKey } from './next-page.js';

/** Pages in a row without any item: databases that filter late have some, endless ones nothing else. */
const MAX_EMPTY_PAGES = 1000;

/** A page that was read, and where. */
export type ApiPage = Pick<ApiAnswer, 'json' | 'url'>;

/** What reading the pages of a search shares. */
export type PageReader = {
  readonly client: ApiClient;
  readonly collector: ItemCollector;
  readonly signal?: AbortSignal;
};

/**
 * Run one search to its last page. A page that fails is asked for again by itself; the pages before it stay (E5). An API
 * that refuses the first page of a POST is asked by GET where it offers that.
 */
export async function readSearch({ request, fallback }: ApiSearch, reader: PageReader): Promise<void> {
  let first: ApiAnswer;
  let asked = request;
  try {
    first = await reader.client.send(request, reader.signal);
  } catch (error) {
    const refused = isCubeError(error, 'bad-response') || isCubeError(error, 'not-found');
    if (!refused || fallback === null) throw error;
    asked = fallback;
    first = await reader.client.send(fallback, reader.signal);
  }
  await readPagesFrom(first, asked, reader);
}

/** Read the pages that begin with the answer to `request`. */
export async function readPagesFrom(first: ApiPage, request: ApiRequest, reader: PageReader): Promise<void> {
  const { client, collector, signal } = reader;
  const seen = new Set([requestKey(request)]);
  let answer: ApiPage = first;
  let asked = request;
  let [received, empty] = [0, 0];
  for (;;) {
    const page = pageOf(answer);
    for (const feature of page.features) collector.add(feature, answer.url, { fromApi: true });
    received += page.features.length;
    empty = page.features.length === 0 ? empty + 1 : 0;
    const next = nextPage(page.json, asked, answer.url);
    if (next === null) return warnOfLoss(page.json, received, request, collector);
    if (seen.has(requestKey(next)) || empty > MAX_EMPTY_PAGES) {
      throw new CubeError({
        kind: 'bad-response',
        url: next.url,
        what: `its pages go round in circles after ${seen.size}`,
      });
    }
    seen.add(requestKey(next));
    asked = next;
    answer = await client.send(next, signal);
  }
}

function pageOf({ json, url }: ApiPage): { readonly json: JsonObject; readonly features: readonly JsonObject[] } {
  if (isObject(json) && Array.isArray(json['features'])) return { json, features: json['features'].filter(isObject) };
  throw new CubeError({ kind: 'bad-response', url, what: 'expected a FeatureCollection with features' });
}

/** `numberMatched`, or `context.matched` before STAC API 1.0. */
function warnOfLoss(page: JsonObject, received: number, { url }: ApiRequest, collector: ItemCollector): void {
  const context = isObject(page['context']) ? page['context'] : {};
  const matched = page['numberMatched'] ?? page['numMatched'] ?? context['matched'];
  if (typeof matched !== 'number' || matched <= received) return;
  collector.warn(`${new URL(url).host} says that ${matched} items match, its pages gave ${received}`);
}
