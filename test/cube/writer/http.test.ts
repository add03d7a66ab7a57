import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CubeLayout } from '../../../src/cube/writer/layout.js';
import { createSources } from '../../../src/io/sources.js';
import { openZarr } from '../../../src/raster/zarr/open.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { startFaultServer, type FaultServer } from '../../fault-server.js';
import { arraySamples, cubeInput, writeCube } from './sample-cube.js';

describe('a cube over HTTP', () => {
  let folder = '';
  let server: FaultServer;
  let layout: CubeLayout;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zarr-http-'));
    await writeCube(join(folder, 'plain.zarr'), cubeInput('int16'));
    layout = await writeCube(join(folder, 'shards.zarr'), cubeInput('int16', { shard: 32 }));
    server = await startFaultServer({ root: folder });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it.each(['plain.zarr', 'shards.zarr'])('is read as it was written: %s', async (name) => {
    const sources = createSources();
    const { levels, problems } = await openZarr(sources, `${server.url}/${name}`, { variable: 'red' });
    const samples = await readWholeArray(levels[0]!, sources, { maxSamples: 2 ** 20 });
    expect(samples).toEqual(arraySamples(layout.arrays[0]!));
    expect(problems).toEqual([]);
    await sources.close();
  });
});
