import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReferences } from '../../src/build/build-references.js';
import { icechunkStatus } from '../../src/native/load.js';
import { ICECHUNK_PYTHON, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';

const SCRIPT = fileURLToPath(new URL('references_check.py', import.meta.url));
const MANIFESTS = fileURLToPath(new URL('manifest_check.py', import.meta.url));

const SCENES = sharedPath('data', 'imagery', 's2-earthsearch-static', 'sentinel-2-l2a');
const BANDS = { blue: 'B02', green: 'B03', red: 'B04', nir: 'B08', scl: 'SCL' };
const GROUPS = {
  EPSG_32633_120_499980_5200020: [
    'S2B_33TWM_20230810',
    'S2B_33TWM_20230813',
    'S2A_33TWM_20230815',
    'S2B_33TWM_20230820',
  ],
  EPSG_32633_120_499980_5100000: ['S2B_33TWL_20230813'],
};

/** Files by group, band and time step. */
const expected = Object.fromEntries(
  Object.entries(GROUPS).map(([group, items]) => [
    group,
    Object.fromEntries(
      Object.entries(BANDS).map(([band, file]) => [
        band,
        items.map((item) => join(SCENES, `${item}_0_L2A`, `${file}.tif`)),
      ]),
    ),
  ]),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'references-python-'));
});
afterAll(() => rm(folder, { recursive: true }));

const absent = !hasShared || !existsSync(ICECHUNK_PYTHON);

describe.skipIf(absent)('references that Python reads', () => {
  const places = [
    ['kerchunk', 'refs.json'],
    ['kerchunk', 'refs.parquet'],
    ...(icechunkStatus().kind === 'loaded' ? [['icechunk', 'refs.icechunk'] as const] : []),
  ] as const;
  it.each(places)('%s at %s: every plane and overview equals rasterio', { timeout: 300_000 }, async (kind, name) => {
    const place = join(folder, name);
    await buildReferences({ spec: sharedPath('specs', 's2-austria.yaml'), [kind]: place });
    const input = JSON.stringify(expected);
    const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, kind, place], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (stdout === '') throw new Error(stderr);
    const { planes, wrong, times } = JSON.parse(stdout) as {
      planes: number;
      wrong: string[];
      times: Record<string, string[]>;
    };
    expect({ planes, wrong }).toEqual({ planes: 75, wrong: [] });
    expect(times['EPSG_32633_120_499980_5200020/1']).toEqual([
      '2023-08-10T09:57:57.166',
      '2023-08-13T10:07:53.782',
      expect.stringMatching(/^2023-08-15/),
      expect.stringMatching(/^2023-08-20/),
    ]);
  });

  it('as manifests, with nothing but json: chunks equal rasterio', { timeout: 120_000 }, async () => {
    const place = join(folder, 'refs.zarr');
    await buildReferences({ spec: sharedPath('specs', 's2-austria.yaml'), zarr: place });
    const found = await runPython(MANIFESTS, [place], JSON.stringify(expected));
    expect(found).toEqual({ chunks: expect.any(Number), wrong: [] });
    expect((found as { chunks: number }).chunks).toBeGreaterThan(100);
  });
});
