import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import { identityOf, isKnownSame, isSameObject } from '../../src/io/with-identity.js';
import { startFaultServer } from '../fault-server.js';

describe('two identities', () => {
  const size = 10;
  it.each([
    ['sizes decide first', { size, etag: 'a' }, { size: 11, etag: 'a' }, false, false],
    ['ETags decide', { size, etag: 'a' }, { size, etag: 'b' }, false, false],
    [
      'ETags decide, whatever the times',
      { size, etag: 'a', modifiedMs: 1 },
      { size, etag: 'a', modifiedMs: 2 },
      true,
      true,
    ],
    [
      'times decide where an ETag is missing',
      { size, etag: 'a', modifiedMs: 1 },
      { size, etag: null, modifiedMs: 2 },
      false,
      false,
    ],
    ['equal times', { size, etag: null, modifiedMs: 1 }, { size, etag: null, modifiedMs: 1 }, true, true],
    ['nothing tells them apart', { size, etag: 'a' }, { size, etag: null, modifiedMs: 2 }, true, false],
  ])('%s', (_, a, b, same, knownSame) => {
    expect([isSameObject(a, b), isSameObject(b, a)]).toEqual([same, same]);
    expect([isKnownSame(a, b), isKnownSame(b, a)]).toEqual([knownSame, knownSame]);
  });
});

describe('the time of the last change', () => {
  it('comes from Last-Modified, through the cache too', async () => {
    const modified = Date.UTC(2024, 4, 3, 2, 1, 0);
    const header = (path: string) => (path === '/odd' ? 'yesterday' : new Date(modified).toUTCString());
    const server = await startFaultServer({
      intercept: ({ path }, response) => {
        response.writeHead(200, { 'last-modified': header(path), etag: '"1"' }).end('abc');
        return true;
      },
    });
    const sources = createSources();
    for (let i = 0; i < 2; i++) {
      const read = await sources.open(`${server.url}a`).read({ offset: 0, length: 2 });
      expect(identityOf(read)).toEqual({ size: 3, etag: '"1"', modifiedMs: modified });
    }
    expect(server.requests.length).toBe(1);
    expect(identityOf(await sources.open(`${server.url}odd`).read('all'))).toEqual({ size: 3, etag: '"1"' });
    await sources.close();
    await server.close();
  });

  it('is that of a local file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'identity-'));
    const path = join(folder, 'a');
    writeFileSync(path, 'abc');
    utimesSync(path, 1000, 1234.567);
    const sources = createSources();
    expect((await sources.open(path).read('all')).modifiedMs).toBe(1_234_567);
    await sources.close();
    rmSync(folder, { recursive: true });
  });
});
