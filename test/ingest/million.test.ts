import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { makeFeatures } from '../../bench/data/make-features.js';
import { FEATURES, SIZES } from '../../bench/data/sizes.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { runCube } from '../cli/run-cube.js';
import { useAllThreads } from '../duckdb-threads.js';
import { temporaryFolder } from '../lake/temporary.js';

useAllThreads();

/** It takes some minutes, so it is run by HELIOCUBE_MILLION=1. */
const IS_WANTED = process.env['HELIOCUBE_MILLION'] === '1';
const COUNT = 1_000_000;
const FILES = 10;
const folder = temporaryFolder();

it.skipIf(!IS_WANTED)(
  'a million features are ingested and made sites of within 4 GiB',
  async () => {
    await makeFeatures(folder, { ...SIZES.full, features: COUNT });
    await split(join(folder, FEATURES.lines));
    const field_map = { cap_ac: { column: 'kw', unit: 'kW' }, native_id: 'uid', installed: 'year' };
    const names = Array.from({ length: FILES }, (_, i) => `part_${i}`);
    const manifest = Object.fromEntries(
      names.map((name) => [name, { doi: `parts/${name}.geojsonl`, repo: 'local', field_map }]),
    );
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const lake = join(folder, 'lake.ducklake');
    const run = await runCube([
      'ingest',
      join(folder, 'manifest.json'),
      '--lake',
      lake,
      '--no-models',
      '--json',
      '--quiet',
    ]);
    expect(run.code, run.stderr).toBe(0);
    const { sites, seconds } = JSON.parse(run.stdout) as {
      readonly sites: { readonly features: number; readonly sites: number; readonly pairs: Record<string, number> };
      readonly seconds: number;
    };
    process.stdout.write(
      `${sites.features} features, ${sites.sites} sites, ${seconds.toFixed(0)} s, peak ${(run.peakBytes / 2 ** 20).toFixed(0)} MiB\n`,
    );
    expect(sites.features).toBe(COUNT);
    const [rows] = await queryLakeRows(
      { catalog: lake, dataPath: join(folder, 'lake/') },
      `SELECT count(*)::INTEGER AS members, count(DISTINCT feature_uid)::INTEGER AS features,
       count(DISTINCT site_uid)::INTEGER AS sites FROM site_members`,
    );
    expect(rows).toEqual({ members: COUNT, features: COUNT, sites: sites.sites });
    expect(run.peakBytes).toBeLessThan(4 * 2 ** 30);
  },
  3_600_000,
);

async function split(path: string): Promise<void> {
  mkdirSync(join(folder, 'parts'));
  const outs = Array.from({ length: FILES }, (_, i) => createWriteStream(join(folder, `parts/part_${i}.geojsonl`)));
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const out = outs[Math.floor((line++ * FILES) / COUNT)]!;
    if (!out.write(`${text}\n`)) await once(out, 'drain');
  }
  await Promise.all(
    outs.map((out) => {
      out.end();
      return finished(out);
    }),
  );
}
