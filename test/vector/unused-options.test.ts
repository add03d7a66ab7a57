import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLabels } from '../../src/vector/read-labels.js';
import { temporaryFolder } from '../lake/temporary.js';

const folder = temporaryFolder();
const geojson = join(folder, 'one.geojson');
const csv = join(folder, 'points.csv');
const geometry = { type: 'Point', coordinates: [15, 48] };
writeFileSync(geojson, JSON.stringify({ type: 'Feature', properties: {}, geometry }));
writeFileSync(csv, 'lon,lat\n15,48\n');

describe('options that a label file has no use for', () => {
  it.each([geojson, csv, 'lake:labels'])('a layer of %s is an error, and not passed over', async (path) => {
    await expect(readLabels({ path, h3: 9, layer: 'roofs' })).rejects.toMatchObject({
      problem: {
        kind: 'invalid-spec',
        path: 'labels.layer',
        what: `${path} has no layer "roofs"`,
        fix: expect.stringContaining('--layer'),
      },
    });
  });

  it('coordinate columns of a file with geometries are an error', async () => {
    const pointColumns = { x: 'lon', y: 'lat' };
    await expect(readLabels({ path: geojson, h3: 9, pointColumns })).rejects.toMatchObject({
      problem: { kind: 'invalid-spec', path: 'labels.x', fix: expect.stringContaining('--x and --y') },
    });
    expect((await readLabels({ path: csv, h3: 9, pointColumns })).labels).toHaveLength(1);
    expect((await readLabels({ path: geojson, h3: 9 })).labels).toHaveLength(1);
  });
});
