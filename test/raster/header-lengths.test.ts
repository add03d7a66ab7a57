import { afterEach, describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import { firstReadLength, learnHeaderEnd } from '../../src/raster/header-lengths.js';
import { openRaster } from '../../src/raster/open.js';
import { readPlane } from '../../src/raster/read-plane.js';
import { startFaultServer, type FaultServer } from '../fault-server.js';
import { seededValue } from './cog/seeded.js';
import { writeTiff, type ImageSpec } from './cog/tiff-writer.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const value = seededValue(9, 200);

/** A raster of `side`² pixels in tiles of 16²: eight bytes of header each. */
function tiles(side: number): ImageSpec {
  return { width: side, height: side, dtype: 'uint8', tile: { width: 16, height: 16 }, value };
}

async function serve(files: Readonly<Record<string, Uint8Array>>): Promise<FaultServer> {
  const server = await startFaultServer({ files });
  opened.push(server);
  return server;
}

function sourcesOf() {
  const sources = createSources({});
  opened.push(sources);
  return sources;
}

describe('the first read of a file', () => {
  it('is one request for the header and one for the tile of a COG that nothing is known of', async () => {
    const { url, requests } = await serve({
      'a.tif': writeTiff({ images: [{ ...tiles(600), compression: 'deflate' }] }),
    });
    const sources = sourcesOf();
    const { levels } = await openRaster(sources, `${url}a.tif`);
    expect(requests).toHaveLength(1);
    const data = await readPlane(
      levels[0]!,
      { at: [0, 0, 0], window: { col: 580, row: 500, width: 9, height: 9 } },
      sources,
    );
    expect(data[0]).toBe(value({ band: 0, row: 500, col: 580 }));
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it('is long enough for headers as long as those of the same origin', async () => {
    // 160,000 bytes of offsets and lengths.
    const long = writeTiff({ images: [tiles(16 * 140)] });
    const { url, requests } = await serve({ 'a.tif': long, 'b.tif': long, 'c.tif': long });
    const sources = sourcesOf();
    await openRaster(sources, `${url}a.tif`);
    const first = requests.length;
    expect(first).toBeGreaterThan(1);
    await openRaster(sources, `${url}b.tif`);
    await openRaster(sources, `${url}c.tif`);
    expect(requests.length - first).toBe(2);
  });

  it('shrinks slowly, is bounded, and belongs to one origin and one factory', () => {
    const sources = sourcesOf();
    const [near, other] = ['https://a.example/1.tif', 's3://bucket/1.tif'];
    const plain = firstReadLength(sources, near);
    learnHeaderEnd(sources, near, 200_000);
    const grown = firstReadLength(sources, near);
    expect(grown).toBeGreaterThanOrEqual(200_000);
    learnHeaderEnd(sources, near, 10_000);
    const shrunk = firstReadLength(sources, near);
    expect(shrunk).toBeLessThan(grown);
    expect(shrunk).toBeGreaterThan(150_000);
    learnHeaderEnd(sources, near, 50_000_000);
    expect(firstReadLength(sources, near)).toBe(shrunk);
    for (let i = 0; i < 50; i++) learnHeaderEnd(sources, near, 10_000);
    expect(firstReadLength(sources, near)).toBe(plain);
    expect(firstReadLength(sources, other)).toBe(plain);
    learnHeaderEnd(sources, 'file:///x.tif', 200_000);
    expect(firstReadLength(sources, 'file:///x.tif')).toBe(plain);
    expect(firstReadLength(sourcesOf(), near)).toBe(plain);
  });
});
