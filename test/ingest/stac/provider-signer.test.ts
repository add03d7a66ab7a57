import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { providerSigner } from '../../../src/ingest/stac/provider-signer.js';
import { UrlSigner } from '../../../src/io/url-signer.js';

describe('signatures of providers', () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    if (request.url !== '/token/acct/hls') response.writeHead(404).end('{}');
    else response.end(JSON.stringify({ 'msft:expiry': '2999-01-01T00:00:00Z', token: 'sv=1&sr=c&sig=abc' }));
  });
  let tokens = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    tokens = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/token`;
  });
  afterAll(() => server.close());

  it('are asked for once a container, when something is read', async () => {
    const signer = new UrlSigner(providerSigner({ tokens }));
    const blob = 'https://acct.blob.core.windows.net/hls';
    expect(asked).toEqual([]);
    expect(await signer.sign(`${blob}/a.tif`)).toBe(`${blob}/a.tif?sv=1&sr=c&sig=abc`);
    expect(await signer.sign(`${blob}/b.tif?x=1`)).toBe(`${blob}/b.tif?x=1&sv=1&sr=c&sig=abc`);
    expect(asked).toEqual(['/token/acct/hls']);
  });

  it('leave alone what has none', async () => {
    const sign = providerSigner({ tokens });
    for (const url of [
      'https://example.com/a.tif',
      'https://acct.blob.core.windows.net/open/a.tif',
      'https://acct.blob.core.windows.net/open/b.tif',
      'https://acct.blob.core.windows.net/hls/a.tif?sig=own',
      'https://evil.example/acct.blob.core.windows.net/hls/a.tif',
    ])
      expect(await sign(url)).toBe(url);
    expect(asked).toEqual(['/token/acct/hls', '/token/acct/open']);
  });
});
