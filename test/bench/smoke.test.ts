import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCases } from '../../bench/cases/list-cases.js';
import { makeData } from '../../bench/data/make-data.js';
import { patternSamples, referencePattern } from '../../bench/data/reference-pattern.js';
import type { DataSize } from '../../bench/data/sizes.js';
import { LatencyServer } from '../../bench/latency.js';
import type { Job } from '../../bench/protocol.js';
import { openGeotiffJs } from '../../bench/routes/geotiff-js.js';
import { openHeliocube } from '../../bench/routes/heliocube/open.js';
import { openZarrita } from '../../bench/routes/zarrita.js';
import type { Route } from '../../bench/route.js';
import { icechunkStatus } from '../../src/native/load.js';

const ICECHUNK = icechunkStatus().kind === 'loaded' ? ['icechunk'] : [];
const STORES = ['lake', ...ICECHUNK];
const FORMS = ['kerchunk', ...ICECHUNK];

const SIZE: DataSize = {
  name: 'smoke',
  scene: 520,
  tile: 64,
  plain: 448,
  window: 384,
  chip: 16,
  chips: { distinct: 20, shared: 5 },
  chunk: 192,
  warp: 128,
  polygons: { one: 20, series: 10, scenes: 10 },
  series: { side: 192, dates: 2 },
  remote: 2,
  headers: 7,
  references: { files: 5, rows: 4, cols: 6 },
  stack: 2,
  features: 300,
};

describe('bench cases', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliocube-bench-'));
    await makeData(folder, SIZE, () => {});
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const cases = (server = 'http://x/') => listCases({ folder, size: SIZE, threads: 0, server });
  const jobOf = (name: string): Job => cases().find((one) => one.name === name)!.runs[0]!.job;

  async function resultOf(route: Route, job: Job): Promise<Buffer> {
    const scratch = join(folder, 'out');
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch);
    // What prepared rounds leave beside it.
    for (const store of STORES) await rm(`${scratch}-${store}`, { recursive: true, force: true });
    const { result } = await (await route.prepare(job, { round: 1, scratch }))();
    const pieces: Uint8Array[] = [];
    for await (const piece of result()) pieces.push(piece.slice());
    return Buffer.concat(pieces);
  }

  it('are those of the table of claims, each row with runs that exist', () => {
    const numbers = new Set(cases().map(({ name }) => name.split('.')[0]));
    expect([...numbers]).toEqual([...Array.from({ length: 15 }, (_, i) => `P${i + 1}`), 'R1', 'R2', 'R3', 'V1', 'V2']);
    for (const { runs, rows } of cases()) {
      for (const { ours, peer } of rows) expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining([ours, peer]));
    }
  });

  it.each(['P1', 'P2.float32', 'P3.lzw', 'P3.none'])('%s: decode the window that geotiff.js decodes', async (name) => {
    const ours = await resultOf(openHeliocube(), jobOf(name));
    expect(ours.equals(await resultOf(openGeotiffJs(0), jobOf(name)))).toBe(true);
    expect(new Set(ours).size).toBeGreaterThan(100);
  });

  it('decode zstd to the samples that LZW has', async () => {
    const [zstd, lzw] = [
      await resultOf(openHeliocube(), jobOf('P2.zstd')),
      await resultOf(openHeliocube(), jobOf('P3.lzw')),
    ];
    expect(zstd.equals(lzw)).toBe(true);
  });

  it('cut the chips that geotiff.js cuts', async () => {
    for (const name of ['P4', 'P4.shared']) {
      const ours = await resultOf(openHeliocube(), jobOf(name));
      expect(ours.equals(await resultOf(openGeotiffJs(0), jobOf(name)))).toBe(true);
    }
  });

  it('warp from memory to the samples of a warp from the file, close to each other for both kernels', async () => {
    const nearest = await resultOf(openHeliocube(), jobOf('P5.near'));
    expect(nearest.equals(await resultOf(openHeliocube(), jobOf('P6.near')))).toBe(true);
    const bilinear = await resultOf(openHeliocube(), jobOf('P5.bilinear'));
    let sum = 0;
    for (let at = 0; at < nearest.length; at += 2) sum += nearest.readUInt16LE(at) - bilinear.readUInt16LE(at);
    expect(Math.abs(sum / 128 ** 2)).toBeLessThan(10);
  });

  it('measure every polygon, from memory as from the file', async () => {
    const [memory, file] = [await resultOf(openHeliocube(), jobOf('P7')), await resultOf(openHeliocube(), jobOf('P8'))];
    expect(file.length).toBe(8 * 5 * SIZE.polygons.one);
    for (let at = 0; at < file.length; at += 8) {
      const [one, other] = [memory.readDoubleLE(at), file.readDoubleLE(at)];
      expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-4 * Math.abs(other));
    }
    expect((await resultOf(openHeliocube(), jobOf('P9'))).length).toBe(8 * 5 * 10 * 2);
  });

  it('write and read the Zarr arrays that zarrita writes and reads', async () => {
    for (const name of ['P10', 'P11']) {
      const ours = await resultOf(openHeliocube(), jobOf(name));
      expect(ours.length).toBe(2 * 384 ** 2);
      expect(ours.equals(await resultOf(openZarrita(), jobOf(name)))).toBe(true);
    }
  });

  it('build two dates of three bands', async () => {
    const bytes = await resultOf(openHeliocube(), jobOf('P13'));
    expect(bytes.length).toBe(2 * 2 * 3 * 384 ** 2);
    const window = await resultOf(openHeliocube(), jobOf('P1'));
    expect(bytes.subarray(0, window.length).equals(window)).toBe(true);
  });

  it('find in headers over HTTP where the tiles of the files are, in memory and through a lake', async () => {
    const tiles = Math.ceil(SIZE.scene / SIZE.tile) ** 2;
    const server = await LatencyServer.start('bench', folder);
    try {
      for (const name of ['R1', 'R1.stored']) {
        const job = cases(server.url).find((one) => one.name === name)!.runs[0]!.job;
        const found = await resultOf(openHeliocube(), job);
        expect(found.length).toBe(8 * 2 * tiles * SIZE.headers);
        // The tiles of a file follow each other to its end.
        const { size } = await stat(join(folder, 'scenes/0/red.tif'));
        const number = (at: number) => found.readDoubleLE(8 * (2 * tiles + at));
        for (let i = 0; i < tiles; i++)
          expect(number(i) + number(tiles + i)).toBe(i + 1 < tiles ? number(i + 1) : size);
      }
    } finally {
      server.close();
    }
  });

  it.each(STORES)('write references to a store and open it: what they point at is there, %s', async (store) => {
    const { rows, cols } = SIZE.references;
    const lengths = referencePattern(SIZE.references).lengths;
    const samples = patternSamples(SIZE.references);
    expect(new Set(samples.map((chunk) => Math.floor(chunk / (rows * cols)))).size).toBe(SIZE.references.files);
    const expected = Buffer.from(Float64Array.from(samples.flatMap((chunk) => [chunk, lengths[chunk]!])).buffer);
    for (const part of ['write', 'open']) {
      const { runs } = cases().find(({ name }) => name === `R2.${part}`)!;
      const { job } = runs.find(({ id }) => id.endsWith(` ${store}`))!;
      expect((await resultOf(openHeliocube(), job)).equals(expected)).toBe(true);
    }
  });

  it.each(FORMS)('read rasters through references to the samples of the files, %s', async (form) => {
    const { runs } = cases().find(({ name }) => name === 'R3')!;
    const jobOfRun = (id: string) => runs.find((run) => run.id === id)!.job;
    const direct = await resultOf(openHeliocube(), jobOfRun('heliocube-files'));
    expect(direct.length).toBe(2 * SIZE.stack * SIZE.series.side ** 2);
    expect(new Set(direct).size).toBeGreaterThan(100);
    expect((await resultOf(openHeliocube(), jobOfRun(`heliocube-${form}`))).equals(direct)).toBe(true);
  });
});
