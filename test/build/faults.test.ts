import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import { isCubeError } from '../../src/errors.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { startFaultServer, type Faults, type FaultServer, type FaultServerOptions } from '../fault-server.js';
import { folderHashes, imagerySpec, lakeRows, SAMPLE_SIZE } from './sample-build.js';

const SEED = 7;
/** Quick retries: the faults are drawn anew for every request. */
const RETRIES = { attempts: 8, baseMs: 1, maxMs: 20 };

describe('a build over a network that fails', () => {
  let folder = '';
  let clean: Record<string, string>;
  let server: FaultServer | null = null;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faults-'));
    await makeSample(join(folder, 'source'), { size: SAMPLE_SIZE, labels: 10 });
    const spec = imagerySpec(join(folder, 'source/catalog.json'));
    await buildCube({ spec, out: join(folder, 'clean'), workers: 0 });
    clean = await folderHashes(join(folder, 'clean', 'cube.zarr'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  async function build(
    name: string,
    faults: Faults,
    more: { workers?: number; allowIncomplete?: boolean; intercept?: FaultServerOptions['intercept'] } = {},
  ): Promise<BuildSummary> {
    const { intercept, ...options } = more;
    server = await startFaultServer({
      root: join(folder, 'source'),
      faults: { seed: SEED, ...faults },
      ...(intercept === undefined ? {} : { intercept }),
    });
    const spec = imagerySpec(`${server.url}catalog.json`);
    return buildCube({
      spec,
      out: join(folder, name),
      workers: 0,
      sources: { retries: RETRIES, allowedOrigins: [new URL(server.url).origin] },
      ...options,
    });
  }

  const kinds: Readonly<Record<string, Faults>> = {
    '5 % 503': { rate503: 0.05 },
    '1 % cut bodies': { truncateRate: 0.01 },
    resets: { resetRate: 0.05 },
    'wrong Content-Range': { wrongRangeRate: 0.05 },
    slow: { delayMs: 3 },
    'all of them': { rate503: 0.05, truncateRate: 0.01, resetRate: 0.02, wrongRangeRate: 0.02 },
    'a server that ignores Range': { ignoreRange: true },
  };
  for (const [name, faults] of Object.entries(kinds)) {
    it(`E1 E2 ${name}: the byte-identical cube`, async () => {
      const out = name.replaceAll(/\W+/g, '-');
      await build(out, faults);
      expect(await folderHashes(join(folder, out, 'cube.zarr'))).toEqual(clean);
    });
  }

  it('asks for no bytes twice, and for those of the next chunk while one is made', async () => {
    // Chunks as large as the tiles of the source: every one needs tiles of its own.
    let open = 0;
    let most = 0;
    await build('once', { delayMs: 2 }, {
      intercept: (request, response) => {
        if (request.path.endsWith('.tif')) most = Math.max(most, ++open);
        response.once('close', () => (open -= request.path.endsWith('.tif') ? 1 : 0));
        return false;
      },
    }); // prettier-ignore
    const asked = server!.requests
      .filter(({ path }) => path.endsWith('.tif'))
      .map(({ path, range }) => `${path} ${range}`);
    expect(new Set(asked).size).toBe(asked.length);
    expect(most).toBeGreaterThan(1);
    expect(await folderHashes(join(folder, 'once', 'cube.zarr'))).toEqual(clean);
  });

  it('E2 the same with threads', async () => {
    await build('threads', { rate503: 0.05, truncateRate: 0.01 }, { workers: 2 });
    expect(await folderHashes(join(folder, 'threads', 'cube.zarr'))).toEqual(clean);
  });

  it('E6 a file that changes between plan and read is a typed error, never mixed bytes', async () => {
    const error = await build('drift', { changeEtagAfter: 25 }).catch((one: unknown) => one);
    expect(isCubeError(error, 'changed'), String(error)).toBe(true);
  });

  it('E2 a permanent failure stops the build and names item, band and chunk; E3 without a token', async () => {
    const error = await build('gone', {}, { intercept: broken }).catch((one: unknown) => one);
    expect(isCubeError(error)).toBe(true);
    expect(String(error)).toMatch(/item T33_20240617, band "nir", chunk 1\//);
  });

  it('E2 where it may be incomplete, failed pixels have reason 4 and every failure has its row', async () => {
    const summary = await build('incomplete', {}, { intercept: broken, allowIncomplete: true });
    expect(summary.status).toBe('incomplete');
    expect(summary.failures).toBeGreaterThan(0);
    const { failures, chunks } = (await lakeRows(join(folder, 'incomplete'))) as {
      failures: unknown[][];
      chunks: unknown[][];
    };
    expect(failures.length).toBe(summary.failures);
    expect(new Set(failures.map((row) => row[4]))).toEqual(new Set(['T33_20240617']));
    const failedFraction = 9; // the place of the column among those of `chunks`, without `run_id`
    expect(chunks.some((row) => Number(row[failedFraction]) > 0)).toBe(true);
    const touched = new Set(failures.map((row) => `1/${String(row[2])}/${String(row[3])}`));
    const hashes = await folderHashes(join(folder, 'incomplete', 'cube.zarr'));
    for (const [key, hash] of Object.entries(hashes)) {
      const place = /^(?:nir|blue|scl|reason)\/c\/(.*)$/.exec(key)?.[1];
      if (place !== undefined && !touched.has(place)) expect(hash, key).toBe(clean[key]);
    }
    // The failed chunks are not kept as finished: a resumed build tries them again, and stops where they still fail.
    const healed = await buildCube({
      spec: imagerySpec(`${server!.url}catalog.json`),
      out: join(folder, 'incomplete'),
      workers: 0,
      resume: true,
      sources: { allowedOrigins: [new URL(server!.url).origin] },
    }).catch((one: unknown) => one);
    expect(isCubeError(healed)).toBe(true);
  });

  it('reads no local file that a remote catalogue names', async () => {
    const catalog = await readFile(join(folder, 'source', 'catalog.json'), 'utf8');
    const evil = catalog.replace(
      './T32_20240607/T32_20240607.json',
      `file://${join(folder, 'source/T32_20240607/T32_20240607.json')}`,
    );
    const error = await build(
      'evil',
      {},
      {
        intercept: (request, response) => {
          if (!request.path.startsWith('/catalog.json')) return false;
          response.end(evil);
          return true;
        },
      },
    ).catch((one: unknown) => one);
    expect(isCubeError(error, 'forbidden'), String(error)).toBe(true);
  });
});

/** Pixels of one band of one item never come; its header does. */
function broken(
  request: { path: string; range: string | null },
  response: { statusCode: number; end(): unknown },
): boolean {
  if (!request.path.startsWith('/T33_20240617/nir.tif') || request.range === null || /=0-/.test(request.range))
    return false;
  response.statusCode = 404;
  response.end();
  return true;
}
