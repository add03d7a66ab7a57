import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as zarrita from 'zarrita';
import { temporaryFolder } from '../lake/temporary.js';
import { buildSmall, samplesOf, SIDE, writeItems } from './small-items.js';

const folder = temporaryFolder();
const image = (base: number, col: number) => ({
  v: { col, value: ({ row, col: at }: { row: number; col: number }) => base + row + at },
});
/** Longitude 15 and a bit: one hour ahead of UTC, so the first two share a solar day and not a UTC date. */
const items = () =>
  writeItems(folder, 'days', [
    { id: 'next', datetime: '2024-03-02T10:00:00Z', images: image(200, SIDE) },
    { id: 'late', datetime: '2024-03-01T23:30:00Z', images: image(100, 0) },
    { id: 'other', datetime: '2024-03-05T10:00:00Z', images: image(300, 0) },
  ]);

/** A coordinate as another reader gives it. */
async function axis(name: string, coordinate: string): Promise<number[]> {
  const root = join(folder, name, 'cube.zarr', coordinate);
  const store = { get: async (key: string) => readFile(join(root, key)).catch(() => undefined) };
  const { data } = await zarrita.get(await zarrita.open.v3(store, { kind: 'array' }));
  return Array.from(data as BigInt64Array | Int32Array, Number);
}

describe('T2 labels of time steps', () => {
  it('T2 a cube holds the instant of the first item, the solar day and the ids of its items', async () => {
    const summary = await buildSmall(folder, 'days', items(), { nodata: 0 });
    expect(summary.counts.times).toBe(2);
    expect(await axis('days', 'time')).toEqual([
      Date.parse('2024-03-01T23:30:00Z'),
      Date.parse('2024-03-05T10:00:00Z'),
    ]);
    const days = (await axis('days', 'solar_day')).map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
    expect(days).toEqual(['2024-03-02', '2024-03-05']);
    const group = JSON.parse(readFileSync(join(folder, 'days', 'cube.zarr', 'zarr.json'), 'utf8'));
    expect(group.attributes.items).toEqual([['late', 'next'], ['other']]);
  });
});

describe('T4 nodata and time steps', () => {
  it('T4 a nodata value that is given leaves the time steps as they are, and equals masking afterwards', async () => {
    await buildSmall(folder, 'plain', items(), { nodata: 0 });
    const before = await samplesOf(folder, 'plain');
    for (const gone of [110, 231, 300]) {
      const summary = await buildSmall(folder, `nodata-${gone}`, items(), { nodata: { v: [0, gone] } });
      expect(summary.counts.times).toBe(2);
      expect(await samplesOf(folder, `nodata-${gone}`)).toEqual(before.map((one) => (one === gone ? 0 : one)));
      expect(before).toContain(gone);
    }
  });
});
