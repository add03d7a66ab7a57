import { afterEach, describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import type { SourceFactory } from '../../src/io/byte-source.js';
import { searchItems, type SearchOptions, type SearchQuery } from '../../src/stac/search.js';
import { startApiServer, type ApiOptions, type ApiServer } from './api-server.js';
import { makeItem, makeItems } from './make-item.js';

const retries = { baseMs: 1, maxMs: 2 };
let server: ApiServer | null = null;
let sources: SourceFactory | null = null;

afterEach(async () => {
  await server?.close();
  await sources?.close();
  [server, sources] = [null, null];
});

async function search(api: ApiOptions, query: Omit<SearchQuery, 'stac'> = {}, options: SearchOptions = {}, path = '') {
  server = await startApiServer(api);
  sources = createSources({ retries });
  return searchItems({ ...query, stac: server.url + path }, sources, { retries, pageSize: 7, ...options });
}

const idsOf = ({ items }: { readonly items: readonly { readonly id: string }[] }) => items.map(({ id }) => id);
const searches = () => server!.requests.filter(({ path }) => path.endsWith('/search'));

describe('API search', () => {
  const items = makeItems(45);
  const all = items.map(({ id }) => id);

  it.each(['merge', 'body', 'url', 'header'] as const)(
    'E5 reads every page by POST, next links by %s',
    async (next) => {
      const found = await search({ items, next, repeats: true });
      expect(idsOf(found)).toEqual(all);
      expect(found.warnings).toEqual([]);
      expect(searches()).toHaveLength(7);
      expect(searches().every(({ method }) => method === 'POST')).toBe(true);
    },
  );

  it.each(['url', 'header'] as const)('E5 reads every page by GET, next links by %s', async (next) => {
    expect(idsOf(await search({ items, next, methods: ['GET'] }))).toEqual(all);
    expect(searches().every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([1, 10, 45, 100])('E5 finds the same items with %i on a page', async (pageSize) => {
    expect(idsOf(await search({ items, repeats: true }, {}, { pageSize }))).toEqual(all);
  });

  it('E5 asks again for the page that failed, not for those before it', async () => {
    let failures = 0;
    const found = await search({
      items,
      intercept: ({ parameters }, response) => {
        if (parameters['token'] !== 21 || failures === 3) return false;
        failures++;
        if (failures === 1) response.destroy();
        else if (failures === 2) response.writeHead(503, { 'retry-after': '0' }).end();
        else response.end('{"type": "FeatureColl');
        return true;
      },
    });
    expect(idsOf(found)).toEqual(all);
    const tokens = searches().map(({ parameters }) => parameters['token'] ?? 0);
    expect(tokens).toEqual([0, 7, 14, 21, 21, 21, 21, 28, 35, 42]);
  });

  it('E5 gives up on a page that never comes, and says how often it asked', async () => {
    const broken = search(
      {
        items,
        intercept: ({ parameters }, response) => parameters['token'] === 7 && response.writeHead(502).end() !== null,
      },
      {},
      { retries: { ...retries, attempts: 3 } },
    );
    await expect(broken).rejects.toMatchObject({ problem: { kind: 'network', attempts: 3 } });
  });

  it('P6 pages that go in circles and wrong answers are errors', async () => {
    await expect(search({ items, next: 'circle' })).rejects.toThrowError(/bad-response.*circles/);
    await server!.close();
    const wrong = search({
      items,
      intercept: ({ path }, response) => path.endsWith('/search') && response.end('[]') !== null,
    });
    await expect(wrong).rejects.toThrowError(/bad-response.*FeatureCollection/);
  });

  it('P6 says when the pages gave less than the API promised', async () => {
    const { warnings } = await search({ items, matched: 50 });
    expect(warnings).toEqual([expect.stringMatching(/says that 50 items match, its pages gave 45/)]);
  });

  it('G10 a box across the antimeridian is two queries, their union without duplicates', async () => {
    const east = makeItem('east', { bbox: [178, 50, 180, 51] });
    const west = makeItem('west', { bbox: [-180, 50, -178, 51] });
    const both = makeItem('both', { bbox: [-180, 50, 180, 51] });
    const inner = makeItem('inner', { bbox: [0, 50, 1, 51] });
    const found = await search({ items: [east, west, both, inner] }, { bbox: [179, 49, -179, 52] });
    expect(idsOf(found)).toEqual(['both', 'east', 'west']);
    expect(searches().map(({ parameters }) => parameters['bbox'])).toEqual([
      [179, 49, 180, 52],
      [-180, 49, -179, 52],
    ]);
  });

  it('sends what the API understands and filters again what it does not', async () => {
    const query = { 'eo:cloud_cover': { lt: 5 } };
    const datetime = '2023-08-01/2023-08-01T00:03:00Z';
    const plain = await search({ items }, { query, datetime, collections: ['images'] });
    expect(idsOf(plain)).toEqual(['i000', 'i001', 'i002', 'i003']);
    expect(searches()[0]!.parameters).toEqual({
      limit: 7,
      collections: ['images'],
      datetime: '2023-08-01T00:00:00Z/2023-08-01T00:03:00Z',
    });
    await server!.close();
    await search({ items, conformsTo: ['https://api.stacspec.org/v1.0.0/item-search#query'] }, { query });
    expect(searches()[0]!.parameters['query']).toEqual(query);
  });

  it('asks for many ids in parts', async () => {
    const many = makeItems(250);
    const found = await search({ items: many, methods: ['GET'] }, { ids: many.map(({ id }) => id) }, { pageSize: 100 });
    expect(found.items).toHaveLength(250);
    expect(searches()).toHaveLength(3);
  });

  it('asks by GET where POST is refused, and quotes the API where both are', async () => {
    const refuse = (methods: readonly string[]): ApiOptions => ({
      items,
      intercept: ({ method, path }, response) =>
        path.endsWith('/search') &&
        methods.includes(method) &&
        response.writeHead(405).end(JSON.stringify({ description: 'not here' })) !== null,
    });
    expect(idsOf(await search(refuse(['POST'])))).toEqual(all);
    await server!.close();
    await expect(search(refuse(['POST', 'GET']))).rejects.toThrowError(/bad-response.*405: not here/);
  });

  it('sends its headers to the API, and only there', async () => {
    const other = await startApiServer({ items });
    const found = await search(
      {
        items,
        gzip: true,
        intercept: ({ headers }, response) =>
          headers['authorization'] !== 'Bearer x' && response.writeHead(401).end() !== null,
      },
      {},
      { headers: { Authorization: 'Bearer x' } },
    );
    expect(idsOf(found)).toEqual(all);
    await server!.close();
    const elsewhere = search({
      items,
      intercept: ({ path }, response) => {
        const links = [{ rel: 'next', href: `${other.url}/search` }];
        return path.endsWith('/search') && response.end(JSON.stringify({ features: [], links })) !== null;
      },
    });
    await expect(elsewhere).rejects.toThrowError(/forbidden.*private address/);
    expect(other.requests).toHaveLength(0);
    await other.close();
  });

  it('reads the items of one collection of an API in pages', async () => {
    const mixed = [...items, makeItem('other', { collection: 'others' })];
    const found = await search({ items: mixed }, { bbox: [0, 0, 90, 90] }, {}, '/collections/images');
    expect(idsOf(found)).toEqual(all);
    await server!.close();
    expect(idsOf(await search({ items: mixed }, {}, {}, '/collections/images/items?limit=9'))).toEqual(all);
  });

  it('a remote catalogue may not lead to local files or private addresses', async () => {
    for (const href of ['file:///etc/passwd', 'http://169.254.169.254/latest', 'http://127.0.0.1:1/x']) {
      const catalog = JSON.stringify({ type: 'Catalog', links: [{ rel: 'child', href }] });
      const led = search({ items, intercept: (_request, response) => response.end(catalog) !== null });
      await expect(led).rejects.toThrowError(/forbidden/);
      await server!.close();
    }
  });

  it('a search can be stopped', async () => {
    const stop = new AbortController();
    const stopped = search({ items }, {}, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrowError(/enough/);
  });
});
