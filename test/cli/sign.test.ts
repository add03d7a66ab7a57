import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { SIDE, smallTiff } from '../build/small-items.js';
import { startFaultServer, type FaultServer } from '../fault-server.js';
import { startTokenServer, type TokenServer } from '../ingest/stac/token-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { startHttpsHost, type HttpsHost } from './https-host.js';
import { readNpy } from './npy.js';
import { runCube, type CubeRun } from './run-cube.js';

const folder = temporaryFolder();
const HOST = 'acct.blob.core.windows.net';
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const value = ({ row, col }: { row: number; col: number }) => row * SIDE + col;
const runs: CubeRun[] = [];
let tokens: TokenServer;
let blobs: FaultServer;
let host: HttpsHost | null = null;
/** Which signature the container takes. */
let valid = 'SECRET1';

beforeAll(async () => {
  blobs = await startFaultServer({
    files: Object.fromEntries(IDS.map((id) => [`hls/${id}.tif`, smallTiff({ value })])),
    intercept: (seen, response) => {
      if (new URL(seen.path, 'http://x').searchParams.get('sig') === `${valid}=`) return false;
      // As Azure answers where a container is closed to all, and where a signature is not good any more.
      const [status, code] = seen.path.includes('sig=')
        ? [403, 'AuthenticationFailed']
        : [409, 'PublicAccessNotPermitted'];
      response.writeHead(status as number, { 'x-ms-error-code': code! }).end(`<Error><Code>${code}</Code></Error>`);
      return true;
    },
  });
  host = await startHttpsHost(folder, HOST, blobs.url);
});

afterAll(async () => {
  await host?.close();
  await blobs.close();
});

/** Run `cube` with tokens that count up from SECRET1; `needed`: what the container takes meanwhile. */
async function signed(parameters: readonly string[], needed = 'SECRET1'): Promise<CubeRun & { asked: string[] }> {
  valid = needed;
  tokens = await startTokenServer({ delayMs: 10 });
  const env = {
    ...host!.env,
    PC_SDK_SAS_URL: `${tokens.url}/token`,
    PC_SDK_SUBSCRIPTION_KEY: 'SECRETKEY',
    EARTHDATA_TOKEN: '',
    EARTHDATA_USERNAME: '',
  };
  const run = await runCube(parameters, { cwd: folder, env });
  await tokens.close();
  runs.push(run);
  return { ...run, asked: tokens.asked };
}

const ONCE = ['GET /token/acct/hls'];

describe('what the Planetary Computer signs', () => {
  it('is read with a token that is asked for at the read, and again where it is refused', async (context) => {
    if (host === null) return context.skip();
    const read = await signed(['read', `${host.url}hls/a.tif`, '-o', 'a.npy', '--json']);
    expect(read.code, read.stderr).toBe(0);
    expect(read.asked).toEqual(ONCE);
    const { bytes } = readNpy(join(folder, 'a.npy'));
    expect(Array.from({ length: SIDE * SIDE }, (_, i) => bytes.readUInt16LE(2 * i))).toEqual(
      Array.from({ length: SIDE * SIDE }, (_, i) => i),
    );
    const renewed = await signed(['read', `${host.url}hls/a.tif`, '-o', 'b.npy'], 'SECRET2');
    expect(renewed.code, renewed.stderr).toBe(0);
    expect(renewed.asked).toEqual([...ONCE, ...ONCE]);
    const refused = await signed(['inspect', `${host.url}hls/a.tif`], 'OTHER');
    expect(refused).toMatchObject({ code: 6, asked: [...ONCE, ...ONCE] });
    expect(refused.stderr).toContain('AuthenticationFailed');
  });

  it('is not signed where nobody is to', async (context) => {
    if (host === null) return context.skip();
    const read = (sign: string) => signed(['read', `${host!.url}hls/a.tif`, '-o', 'none.npy', '--sign', sign]);
    const none = await read('none');
    expect(none).toMatchObject({ code: 6, asked: [] });
    expect(none.stderr).toMatch(/denied.*PublicAccessNotPermitted/);
    expect((await read('earthdata')).stderr).toContain('set EARTHDATA_TOKEN');
    expect((await signed(['read', 'x.tif', '-o', 'x.npy', '--sign', 'none,nobody'])).stderr).toContain(
      '--sign "none,nobody" is unknown',
    );
  });

  it('is scanned and built with threads, and leaves no secret anywhere', async (context) => {
    if (host === null) return context.skip();
    const features = IDS.map((id, i) => ({
      type: 'Feature',
      stac_version: '1.0.0',
      id,
      geometry: null,
      links: [],
      properties: { datetime: `2024-06-0${i + 1}T10:00:00Z` },
      assets: { v: { href: `${host!.url}hls/${id}.tif` } },
    }));
    writeFileSync(join(folder, 'items.json'), JSON.stringify({ type: 'FeatureCollection', features }));
    const scan = await signed(['refs', 'scan', 'items.json', '--lake', 'refs.ducklake', '--json']);
    expect(JSON.parse(scan.stdout)).toMatchObject({ added: IDS.length, refused: [] });
    expect(scan.asked).toEqual(ONCE);
    const spec = {
      name: 's',
      source: { stac: './items.json' },
      bands: ['v'],
      grid: { extent: 'items', chunk: 16 },
    };
    writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
    const build = ['build', 'spec.json', '--out', 'out', '--workers', '2', '--refs', 'refs.ducklake', '--json'];
    const built = await signed(build);
    expect(built.code, built.stderr).toBe(0);
    expect(built.asked).toEqual(ONCE);
    const kerchunk = await signed(['refs', 'build', 'spec.json', '--kerchunk', 'refs.json', '--json']);
    expect(kerchunk.code, kerchunk.stderr).toBe(0);
    expect(kerchunk.asked).toEqual(ONCE);
    const read = await signed(['read', 'refs.json', '--variable', 'v', '-o', 'refs.npy']);
    expect(read.code, read.stderr).toBe(0);
    const items = await signed(['stac', 'fetch', 'items.json', '--lake', 'items.ducklake', '--json']);
    expect(items.code, items.stderr).toBe(0);
    expect(items.asked).toEqual([]);

    expect(runs.map(({ stdout, stderr }) => stdout + stderr).join('\n')).not.toMatch(/SECRET|sig=/);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(20);
    for (const entry of files) {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      expect(bytes.includes('SECRET') || bytes.includes('sig='), entry.name).toBe(false);
    }
    await expectClean(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  });
});

/** Parquet is compressed: its values are looked at one by one. */
async function expectClean(names: readonly string[]): Promise<void> {
  const database = await openDuckDb({ extensions: ['spatial'] });
  const tables = names.filter((name) => name.endsWith('.parquet'));
  expect(tables.length).toBeGreaterThan(3);
  for (const name of tables) {
    const rows = await database.all(`SELECT t::VARCHAR AS text FROM read_parquet(?) t`, [join(folder, name)]);
    expect(rows.filter(({ text }) => /SECRET|sig=/.test(String(text)))).toEqual([]);
  }
  await database.close();
}
