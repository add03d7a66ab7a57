import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchDataset } from '../../../src/ingest/fetch/fetch-dataset.js';
import type { FetchedFile } from '../../../src/ingest/fetch/fetched-dataset.js';
import type { FaultServer, SeenRequest } from '../../fault-server.js';
import { builtFolder } from '../../lake/built.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { hashOf, startRepository } from './repository-server.js';

const folder = temporaryFolder();
const SCRIPT = fileURLToPath(new URL('fetch-process.mjs', import.meta.url));
const servers: FaultServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(intercept: (request: SeenRequest, response: ServerResponse) => boolean, files = {}) {
  const server = await startRepository({ intercept, files });
  servers.push(server);
  return server;
}

function fetchInChild(request: object, options: object) {
  const dist = builtFolder('io', 'stac', 'ingest');
  const child = spawn(process.execPath, [SCRIPT, dist, JSON.stringify(request), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  const ended = new Promise<{ code: number | null; files: FetchedFile[]; peakBytes: number }>((resolve) =>
    child.on('close', (code) => resolve({ code, ...(text === '' ? { files: [], peakBytes: 0 } : JSON.parse(text)) })),
  );
  return { child, ended };
}

describe('a process that is killed in the middle of a download', () => {
  it('leaves a part, which the next one goes on with', async () => {
    const body = Buffer.from(Array.from({ length: 2_000_000 }, (_, i) => (i * 7) % 253));
    let slow = true;
    let half = () => {};
    const reached = new Promise<void>((resolve) => (half = resolve));
    const server = await serve(
      (_, response) => {
        if (!slow) return false;
        response.writeHead(200, { 'content-length': body.length, etag: `"a-${hashOf('sha1', body).slice(0, 12)}"` });
        response.write(body.subarray(0, 1_000_000), half);
        return true;
      },
      { 'a.bin': body },
    );
    const cacheDir = join(folder, 'killed');
    const request = { repo: 'direct_download', id: `${server.url}a.bin` } as const;
    const { child, ended } = fetchInChild(request, { cacheDir });
    await reached;
    await waitFor(() => partSize(cacheDir) >= 900_000);
    child.kill('SIGKILL');
    await ended;
    const left = partSize(cacheDir);
    expect(left).toBeGreaterThan(0);
    slow = false;
    const { files } = await fetchDataset(request, { cacheDir });
    expect(readFileSync(files[0]!.path).equals(body)).toBe(true);
    expect(server.requests.at(-1)).toMatchObject({ range: `bytes=${left}-`, status: 206 });
    expect(partSize(cacheDir)).toBe(0);
  });
});

describe('two processes that fetch the same', () => {
  it('both have it', async () => {
    const body = Buffer.alloc(1_000_000, 5);
    const server = await serve(() => false, { 'a.bin': body });
    const request = { repo: 'direct_download', id: `${server.url}a.bin` };
    const options = { cacheDir: join(folder, 'both') };
    const all = await Promise.all([1, 2, 3].map(() => fetchInChild(request, options).ended));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    for (const { files } of all) expect(hashOf('sha256', readFileSync(files[0]!.path))).toBe(hashOf('sha256', body));
  });
});

describe('a large file', () => {
  it('takes no memory', async () => {
    const piece = Buffer.alloc(2 ** 20, 3);
    const pieces = 600;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': pieces * piece.length });
      const send = (i: number): void => {
        if (i === pieces) response.end();
        else if (response.write(piece)) send(i + 1);
        else response.once('drain', () => send(i + 1));
      };
      send(0);
      return true;
    });
    const options = { cacheDir: join(folder, 'large') };
    const { files, peakBytes } = await fetchInChild({ repo: 'direct_download', id: `${server.url}a.bin` }, options)
      .ended;
    const hash = createHash('sha256');
    for (let i = 0; i < pieces; i++) hash.update(piece);
    expect(files[0]).toMatchObject({ size: pieces * piece.length, sha256: hash.digest('hex') });
    expect(peakBytes).toBeLessThan(300 * 2 ** 20);
  });
});

/** Bytes of the parts of a cache. */
function partSize(cacheDir: string): number {
  const parts = join(cacheDir, 'partial');
  if (!existsSync(parts)) return 0;
  const bodies = readdirSync(parts, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('body'));
  return bodies.reduce((sum, name) => sum + readFileSync(join(parts, name)).length, 0);
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
