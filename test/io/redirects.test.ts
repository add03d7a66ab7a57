import { afterEach, describe, expect, it } from 'vitest';
import { HttpAgents, type LookupAll } from '../../src/io/http-agents.js';
import { HttpSource } from '../../src/io/http-source.js';
import { PlainTarget } from '../../src/io/plain-target.js';
import { createSources, type SourceOptions } from '../../src/io/sources.js';
import { startFaultServer, type FaultServer, type FaultServerOptions } from '../fault-server.js';

const bytes = new Uint8Array([1, 2, 3, 4]);

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function serve(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await startFaultServer({ files: { 'a.bin': bytes }, ...options });
  opened.push(server);
  return server;
}

/** A server whose `/from/N` leads to `/from/N-1`, `/from/0` to the target. */
function redirecting(target: string): Promise<FaultServer> {
  return serve({
    intercept: (seen, response) => {
      const left = Number(/^\/from\/(\d+)/.exec(seen.path)?.[1] ?? Number.NaN);
      if (Number.isNaN(left)) return false;
      response.writeHead(302, { location: left === 0 ? target : `/from/${left - 1}` }).end();
      return true;
    },
  });
}

function open(url: string, options: SourceOptions = {}, declaredBy?: string) {
  const sources = createSources({ retries: { attempts: 2, baseMs: 1 }, ...options });
  opened.push(sources);
  return sources.open(url, declaredBy === undefined ? {} : { declaredBy });
}

describe('redirects', () => {
  it('follows five and no more', async () => {
    const { url } = await redirecting('/a.bin');
    expect((await open(`${url}from/4`).read('all')).bytes).toEqual(bytes);
    await expect(open(`${url}from/5`).read('all')).rejects.toMatchObject({
      problem: { kind: 'bad-response', what: 'more than 5 redirects' },
    });
  });

  it('drops credentials on the way to another origin, and keeps them on its own', async () => {
    const other = await serve();
    const { url, requests } = await redirecting(`${other.url}a.bin?sig=theirs`);
    const allowedOrigins = [new URL(other.url).origin];
    const secret = `${url.replace('http://', 'http://me:secret@')}from/1`;
    expect((await open(secret, { allowedOrigins }).read({ offset: 1, length: 2 })).bytes).toEqual(bytes.subarray(1, 3));
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(other.requests[0]?.range).not.toBeNull();
  });

  it.each(['http://169.254.169.254/latest', 'http://10.0.0.1/x', 'file:///etc/passwd', 'http://[::ffff:127.0.0.1]/x'])(
    'refuses one to %s',
    async (target) => {
      const { url } = await redirecting(target);
      await expect(open(`${url}from/0`).read('all')).rejects.toMatchObject({ problem: { kind: 'forbidden' } });
    },
  );
});

describe('names that lead to private addresses', () => {
  /** Every host name leads to this machine. */
  const lookup: LookupAll = (_hostname, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

  function httpSource(url: string, trusted: readonly string[]): HttpSource {
    const agents = new HttpAgents({ connectTimeoutMs: 1000, connections: 2 }, lookup);
    opened.push(agents);
    return new HttpSource(new PlainTarget(url), {
      agents,
      trustedOrigins: new Set(trusted),
      headersTimeoutMs: 1000,
      bodyTimeoutMs: 1000,
      maxObjectBytes: 1000,
    });
  }

  it('are refused when the connection is made', async () => {
    const server = await serve();
    const { port } = new URL(server.url);
    await expect(httpSource(`http://rebound.example:${port}/a.bin`, []).read('all')).rejects.toMatchObject({
      problem: { kind: 'forbidden', what: expect.stringContaining('private address') },
    });
    expect(server.requests).toHaveLength(0);
  });

  it('localhost is refused to remote catalogues before anything is asked, and open to the user', async () => {
    const server = await serve();
    const url = server.url.replace('127.0.0.1', 'localhost');
    expect(() => open(`${url}a.bin`, {}, 'https://stac.example.com/catalog.json')).toThrow(/private address/);
    expect((await open(`${url}a.bin`).read('all')).bytes).toEqual(bytes);
    expect((await open(`${server.url}a.bin`, {}, `${server.url}catalog.json`).read('all')).bytes).toEqual(bytes);
    expect(() => open('/etc/hosts', { declaredBy: [`${server.url}catalog.json`] })).toThrow(/local files/);
    expect(() => open('/etc/hosts', { declaredBy: [`${server.url}catalog.json`] }, '/data/catalog.json')).not.toThrow();
  });
});
