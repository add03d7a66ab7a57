import { afterEach, describe, expect, it } from 'vitest';
import { formatProblem, problemOf } from '../../../src/errors.js';
import { providerSigner, type ProviderSignerOptions } from '../../../src/ingest/stac/provider-signer.js';
import { systemClock, type Clock } from '../../../src/io/clock.js';
import { createSources } from '../../../src/io/sources.js';
import { UrlSigner, type SignHook } from '../../../src/io/url-signer.js';
import { startFaultServer, type FaultServer, type FaultServerOptions } from '../../fault-server.js';
import { VirtualClock } from '../../io/virtual-clock.js';
import { startTokenServer, type TokenServer, type TokenServerOptions } from './token-server.js';

const BLOB = 'https://acct.blob.core.windows.net/hls';
const LPDAAC = 'https://data.lpdaac.earthdatacloud.nasa.gov/lp-prod-protected';
const bytes = Uint8Array.from({ length: 4096 }, (_, i) => i % 251);
/** Waits for nothing. */
const hasty: Clock = { ...systemClock, wait: async () => {} };
const servers: (TokenServer | FaultServer)[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function tokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const server = await startTokenServer(options);
  servers.push(server);
  return server;
}

const signerOf = (server: TokenServer, options: ProviderSignerOptions = {}) =>
  providerSigner({ tokens: `${server.url}/token`, login: server.url, environment: {}, clock: hasty, ...options });

/** The hook for a local server that stands for the hosts of a provider. */
function standIn(sign: SignHook, local: string, origin: string): SignHook {
  return async (url, options) => {
    const signed = await sign(url.replace(local, `${origin}/`), options);
    if (typeof signed === 'string') return signed.replace(`${origin}/`, local);
    return { ...signed, url: signed.url.replace(`${origin}/`, local) };
  };
}

async function fileServer(options: FaultServerOptions): Promise<FaultServer> {
  const server = await startFaultServer({ files: { 'hls/a.tif': bytes, 'hls/b.tif': bytes }, ...options });
  servers.push(server);
  return server;
}

describe('tokens of the Planetary Computer', () => {
  it('are asked for once a container, when something is read, by all who share the hook', async () => {
    const server = await tokenServer({ delayMs: 20 });
    const hook = signerOf(server);
    const signers = [new UrlSigner(hook), new UrlSigner(hook), new UrlSigner(hook)];
    expect(server.asked).toEqual([]);
    const signed = await Promise.all(
      signers.flatMap((signer) => ['a.tif', 'b.tif?x=1'].map((name) => signer.sign(`${BLOB}/${name}`))),
    );
    expect(server.asked).toEqual(['GET /token/acct/hls']);
    expect(signed[0]!.url).toMatch(/\/hls\/a\.tif\?st=2023&se=.*&sr=c&sig=SECRET1%3D$/);
    expect(signed[1]!.url).toMatch(/\/hls\/b\.tif\?x=1&st=2023&.*&sig=SECRET1%3D$/);
  });

  it('are asked for again before they expire', async () => {
    const clock = new VirtualClock();
    const server = await tokenServer({ lifetimeMs: 60_000, now: () => clock.now() });
    const signer = new UrlSigner(signerOf(server, { clock }), clock);
    for (let second = 0; second < 600; second += 5) {
      const { url } = await signer.sign(`${BLOB}/a.tif`);
      expect(Date.parse(new URL(url).searchParams.get('se')!)).toBeGreaterThan(clock.now());
      clock.advance(5000);
    }
    expect(server.asked.length).toBeLessThanOrEqual(600 / 45 + 1);
  });

  it('carry the subscription key to the service and to nobody else', async () => {
    const server = await tokenServer();
    const files = await fileServer({});
    const environment = { PC_SDK_SUBSCRIPTION_KEY: 'KEY', PC_SDK_SAS_URL: `${server.url}/token/` };
    const sign = standIn(providerSigner({ environment }), files.url, 'https://acct.blob.core.windows.net');
    const sources = createSources({ sign });
    await sources.open(`${files.url}hls/a.tif`).read('all');
    await sources.close();
    expect(server.headers.map((sent) => sent['ocp-apim-subscription-key'])).toEqual(['KEY']);
    expect(JSON.stringify(files.requests)).not.toContain('KEY');
  });

  it('leave alone what has none', async () => {
    const server = await tokenServer();
    const signer = new UrlSigner(signerOf(server));
    for (const url of [
      'https://example.com/a.tif',
      'https://acct.blob.core.windows.net/open/a.tif',
      'https://acct.blob.core.windows.net/open/b.tif',
      'http://acct.blob.core.windows.net/hls/a.tif',
      'https://acct.blob.core.windows.net/hls/a.tif?sig=own',
      'https://evil.example/acct.blob.core.windows.net/hls/a.tif',
      'https://acct.blob.core.windows.net.evil.example/hls/a.tif',
    ])
      expect((await signer.sign(url)).url).toBe(url);
    // A 404 is believed the second time.
    expect(server.asked).toEqual(['GET /token/acct/open', 'GET /token/acct/open']);
    const none = new UrlSigner(signerOf(server, { providers: ['earthdata'] }));
    expect((await none.sign(`${BLOB}/a.tif`)).url).toBe(`${BLOB}/a.tif`);
    expect(server.asked).toHaveLength(2);
  });

  it('take the place of a signature that an item was saved with and that is over', async () => {
    const server = await tokenServer();
    const signer = new UrlSigner(signerOf(server));
    const over = 'x=1&st=2023-01-01&se=2023-01-02T00%3A00%3A00Z&sp=rl&sv=2021-06-08&sr=c&sig=OLD';
    for (const name of ['a.tif', 'b.tif']) {
      const { url } = await signer.sign(`${BLOB}/${name}?${over}`);
      const { searchParams } = new URL(url);
      expect(searchParams.getAll('sig')).toEqual(['SECRET1=']);
      expect(searchParams.getAll('x')).toEqual(['1']);
      expect(searchParams.getAll('se')).toHaveLength(1);
    }
    const good = `https://other.blob.core.windows.net/box/a.tif?${over.replace('2023-01-02', '2999-01-02')}`;
    expect((await signer.sign(good)).url).toBe(good);
    expect(server.asked).toEqual(['GET /token/acct/hls']);
  });

  it('are found although the service says 404 when it is busy', async () => {
    const server = await tokenServer({ busy: 1 });
    expect((await new UrlSigner(signerOf(server)).sign(`${BLOB}/a.tif`)).url).toContain('sig=SECRET2');
  });

  it('are asked for once more when a read is refused, and no more', async () => {
    const server = await tokenServer();
    let valid = 'SECRET1';
    const files = await fileServer({
      intercept: (seen, response) => {
        if (seen.path.includes(`sig=${valid}`)) return false;
        response.writeHead(403).end('<Error><Code>AuthenticationFailed</Code></Error>');
        return true;
      },
    });
    const sign = standIn(signerOf(server), files.url, 'https://acct.blob.core.windows.net');
    const sources = createSources({ sign, cacheBytes: 0, mergedBytes: 0 });
    const readAll = () =>
      Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          sources.open(`${files.url}hls/${'ab'[i % 2]}.tif`).read({ offset: 10 * i, length: 10 }),
        ),
      );
    await readAll();
    expect(server.asked).toHaveLength(1);
    valid = 'SECRET2';
    expect((await readAll())[3]!.bytes).toEqual(bytes.subarray(30, 40));
    expect(server.asked).toHaveLength(2);
    valid = 'NOTHING';
    const error = await readAll().catch((cause: unknown) => cause);
    expect(problemOf(error)).toMatchObject({ kind: 'denied', status: 403, url: `${files.url}hls/a.tif` });
    expect(formatProblem(problemOf(error))).not.toMatch(/SECRET|sig=/);
    expect(server.asked).toHaveLength(2);
    await sources.close();
  });
});

describe("a user's token of Earthdata", () => {
  const user = { EARTHDATA_USERNAME: 'me', EARTHDATA_PASSWORD: 'PASSWORD' };

  it('is asked for once for all servers, and is a header', async () => {
    const server = await tokenServer({ delayMs: 20 });
    const clock = new VirtualClock();
    const signer = new UrlSigner(signerOf(server, { environment: user, clock }), clock);
    const urls = [`${LPDAAC}/HLSL30.020/a.tif`, 'https://archive.podaac.earthdata.nasa.gov/x/b.nc', `${LPDAAC}/c.tif`];
    const signed = await Promise.all(urls.map((url) => signer.sign(url)));
    expect(signed.map(({ url }) => url)).toEqual(urls);
    expect(new Set(signed.map(({ headers }) => headers?.['authorization']))).toEqual(new Set(['Bearer SECRET1']));
    expect(server.asked).toEqual(['POST /api/users/find_or_create_token']);
    // It expires with its day.
    clock.advance(Date.parse('2023-10-01T00:00:01Z') - clock.now());
    expect((await signer.sign(urls[0]!)).headers).toEqual({ authorization: 'Bearer SECRET2' });
    expect(server.asked).toHaveLength(2);
  });

  it('may be given, and goes to no other server', async () => {
    const server = await tokenServer();
    const signer = new UrlSigner(signerOf(server, { environment: { EARTHDATA_TOKEN: ' GIVEN\n' } }));
    expect((await signer.sign(`${LPDAAC}/a.tif`)).headers).toEqual({ authorization: 'Bearer GIVEN' });
    for (const url of [
      'https://cmr.earthdata.nasa.gov/stac/LPCLOUD',
      'https://urs.earthdata.nasa.gov/a',
      'https://earthdatacloud.nasa.gov.evil.example/a.tif',
      LPDAAC.replace('https', 'http'),
    ])
      expect((await signer.sign(url)).headers).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it('does not follow a redirect to where the bytes are', async () => {
    const server = await tokenServer();
    const store = await fileServer({});
    const files = await fileServer({
      intercept: (seen, response) => {
        const isOurs = seen.headers.authorization === 'Bearer SECRET1';
        const login = 'https://urs.earthdata.nasa.gov/oauth/authorize?client_id=x&response_type=code';
        response.writeHead(isOurs ? 307 : 302, { location: isOurs ? `${store.url}hls/a.tif?A-userid=me` : login });
        response.end();
        return true;
      },
    });
    const local = files.url.replace('127.0.0.1', 'localhost');
    const origin = new URL(LPDAAC).origin;
    const open = (environment: Readonly<Record<string, string>>) =>
      createSources({
        sign: standIn(signerOf(server, { environment }), local, origin),
        allowedOrigins: [new URL(store.url).origin],
        retries: { attempts: 1 },
      });
    const sources = open(user);
    expect((await sources.open(`${local}hls/a.tif`).read({ offset: 5, length: 5 })).bytes).toEqual(
      bytes.subarray(5, 10),
    );
    await sources.close();
    expect(store.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(store.requests[0]!.range).toMatch(/^bytes=/);

    // The way to a login page stands for "unauthorized", and the answer says what is missing.
    const without = open({});
    const error = await without
      .open(`${local}hls/a.tif`)
      .read('all')
      .catch((cause: unknown) => cause);
    expect(problemOf(error)).toMatchObject({
      kind: 'denied',
      status: 401,
      fix: 'set EARTHDATA_TOKEN, or EARTHDATA_USERNAME and EARTHDATA_PASSWORD, in the environment',
    });
    await without.close();
  });

  it('tells of a wrong password without the password', async () => {
    const server = await tokenServer();
    const environment = { ...user, EARTHDATA_PASSWORD: 'WRONG' };
    const signer = new UrlSigner(signerOf(server, { environment }));
    const error = await signer.sign(`${LPDAAC}/a.tif`).catch((cause: unknown) => cause);
    expect(problemOf(error)).toMatchObject({ kind: 'denied', status: 401 });
    expect(formatProblem(problemOf(error))).not.toMatch(/WRONG|Basic/);
  });
});
