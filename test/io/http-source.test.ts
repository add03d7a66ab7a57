import { afterEach, describe, expect, it } from 'vitest';
import { createSources } from '../../src/io/sources.js';
import { startFaultServer, type FaultServer, type FaultServerOptions } from '../fault-server.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) & 255);

let server: FaultServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function serve(options: Omit<FaultServerOptions, 'files'> = {}): Promise<FaultServer> {
  server = await startFaultServer({ files: { 'a.bin': bytes, empty: new Uint8Array(0) }, ...options });
  return server;
}

describe('HttpSource', () => {
  it('reads ranges, tails and whole objects as the slices they are', async () => {
    const { url } = await serve();
    const sources = createSources();
    const source = sources.open(`${url}a.bin`);
    expect((await source.read({ offset: 10, length: 20 })).bytes).toEqual(bytes.subarray(10, 30));
    expect((await source.read({ offset: 990, length: 20 })).bytes).toEqual(bytes.subarray(990));
    expect((await source.read({ offset: 5000, length: 20 })).bytes).toHaveLength(0);
    expect((await source.read({ offset: 5, length: 0 })).bytes).toHaveLength(0);
    expect((await source.read({ suffix: 8 })).bytes).toEqual(bytes.subarray(992));
    expect((await source.read({ suffix: 5000 })).bytes).toEqual(bytes);
    const all = await source.read('all');
    expect(all.bytes).toEqual(bytes);
    expect(all.size).toBe(1000);
    const empty = await sources.open(`${url}empty`).read({ suffix: 8 });
    expect(empty).toMatchObject({ size: 0, bytes: new Uint8Array(0) });
    await expect(sources.open(`${url}none`).read('all')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    await sources.close();
  });
});
