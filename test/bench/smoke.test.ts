import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCases } from '../../bench/cases.js';
import { makeData, type DataSize } from '../../bench/data.js';
import type { Job } from '../../bench/protocol.js';
import { openGeotiffJs } from '../../bench/routes/geotiff-js.js';
import { openHeliocube } from '../../bench/routes/heliocube.js';
import type { Route } from '../../bench/route.js';

const SIZE: DataSize = { name: 'smoke', scene: 512, tile: 128, polygons: 20, buildTile: 512 };

async function resultOf(route: Route, job: Job, scratch: string): Promise<Buffer> {
  await route.prepare?.(job, scratch);
  const result = await route.run(job, scratch);
  const pieces: Uint8Array[] = [];
  for await (const piece of result()) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

describe('bench cases', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliocube-bench-'));
    await makeData(folder, SIZE, () => {});
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const jobOf = (name: string) => listCases(folder, SIZE, 0).find((one) => one.name === name)!.job;

  it('decode the window that geotiff.js decodes', async () => {
    const ours = await resultOf(openHeliocube(), jobOf('decode-window'), folder);
    expect(ours.equals(await resultOf(openGeotiffJs(0), jobOf('decode-window'), folder))).toBe(true);
    expect(new Set(ours).size).toBeGreaterThan(100);
  });

  it('warp to samples everywhere, close to each other for both kernels', async () => {
    const nearest = await resultOf(openHeliocube(), jobOf('warp-window-nearest'), folder);
    const bilinear = await resultOf(openHeliocube(), jobOf('warp-window-bilinear'), folder);
    expect(nearest.length).toBe(2 * 128 * 128);
    let sum = 0;
    for (let at = 0; at < nearest.length; at += 2) sum += nearest.readUInt16LE(at) - bilinear.readUInt16LE(at);
    expect(Math.abs(sum / 128 ** 2)).toBeLessThan(10);
  });

  it('measure every polygon', async () => {
    const bytes = await resultOf(openHeliocube(), jobOf('zonal'), folder);
    expect(bytes.length).toBe(8 * 5 * SIZE.polygons);
    for (let i = 0; i < SIZE.polygons; i++) expect(bytes.readDoubleLE(40 * i)).toBeGreaterThan(5);
  });

  it('build two dates of three bands', async () => {
    const bytes = await resultOf(openHeliocube(), jobOf('build'), join(folder, 'out'));
    expect(bytes.length).toBe(2 * 2 * 3 * 512 * (1024 - 256));
    const first = bytes.readUInt16LE(0);
    expect(first).toBeGreaterThan(0);
  });
});
