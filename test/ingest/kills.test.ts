import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { seeded } from '../vector/mutate.js';
import { cubePath } from '../cli/run-cube.js';
import { catalogCases } from '../lake/catalogs.js';
import { temporaryFolder } from '../lake/temporary.js';

const folder = temporaryFolder();
/** More are asked for by HELIOCUBE_KILLS. */
const KILLS = Number(process.env['HELIOCUBE_KILLS'] ?? 7);
const SEED = 20_261_126;
const METRE = 1 / 111_320;

/** Two versions of a manifest's files: all of the second one differs from the first. */
function writeVersion(place: string, version: number): void {
  const random = seeded(version + 1);
  for (const name of ['a', 'b']) {
    const features = Array.from({ length: 300 }, (_, i) => {
      const [x, y] = [10 + (i % 20) * 0.01 + random() * 10 * METRE, 50 + Math.floor(i / 20) * 0.01 + version * 0.0001];
      const h = 40 * METRE;
      const ring = [[x - h, y - h], [x + h, y - h], [x + h, y + h], [x - h, y + h], [x - h, y - h]]; // prettier-ignore
      return { type: 'Feature', properties: { id: i, version }, geometry: { type: 'Polygon', coordinates: [ring] } };
    });
    writeFileSync(join(place, `${name}.geojson`), JSON.stringify({ type: 'FeatureCollection', features }));
  }
}

const MANIFEST = {
  a: { doi: 'a.geojson', repo: 'local', priority: 1 },
  b: { doi: 'b.geojson', repo: 'local', priority: 2 },
};

describe.each(catalogCases())('an ingest into a lake in $name', ({ name, place }) => {
  it(`killed at ${KILLS} seeded random points leaves the old state or the new one, whole (seed ${SEED})`, async () => {
    const here = join(folder, name);
    mkdirSync(here);
    const catalog = place(here);
    const dataPath = join(here, 'data');
    const lake = { catalog, dataPath };
    const manifest = join(here, 'manifest.json');
    writeFileSync(manifest, JSON.stringify(MANIFEST));
    writeVersion(here, 0);
    const started = performance.now();
    await cubeIngest(manifest, lake);
    let wholeMs = performance.now() - started;

    const stateOf = () =>
      queryLakeRows(
        lake,
        `SELECT (SELECT min(CAST(properties->>'version' AS INTEGER)) FROM features) AS version,
             (SELECT count(DISTINCT properties->>'version') FROM features) AS versions,
             (SELECT count(*) FROM features) AS features, (SELECT count(*) FROM site_members) AS members,
             (SELECT count(*) FROM sites) AS sites, (SELECT count(*) FROM datasets) AS datasets,
             (SELECT count(*) FROM sites s JOIN features f ON f.feature_uid = s.site_uid) AS canonical,
             (SELECT count(DISTINCT run_id) FROM sites) AS runs`,
      );
    const whole = { versions: 1n, features: 600n, members: 600n, sites: 300n, datasets: 2n, canonical: 300n, runs: 1n };
    expect(await stateOf()).toEqual([{ ...whole, version: 0 }]);

    const random = seeded(SEED);
    let [version, killed, old] = [0, 0, 0];
    for (let kill = 0; kill < KILLS; kill++) {
      writeVersion(here, version + 1);
      // Most of a run is its start and its commit: the moments are spread over all of it.
      const begun = performance.now();
      const code = await cubeIngest(manifest, lake, wholeMs * (0.2 + 0.8 * random()));
      if (code !== 0) killed++;
      // The machine may have been busier when the first one was timed.
      else wholeMs = Math.min(wholeMs, performance.now() - begun);
      const [state] = await stateOf();
      expect(state, `after kill ${kill}`).toEqual({ ...whole, version: expect.any(Number) });
      const now = Number(state!['version']);
      expect([version, version + 1]).toContain(now);
      if (now === version) old++;
      version = now;
    }
    console.info(`${name}: ${killed} of ${KILLS} were killed, ${old} left the old state`);
    expect(killed).toBeGreaterThan(KILLS / 2);
    const last = await ingest({ manifest, lake });
    expect(last.datasets.every(({ status }) => status === 'replaced' || status === 'unchanged')).toBe(true);
    expect(await stateOf()).toEqual([{ ...whole, version: expect.any(Number) }]);
  }, 600_000);
});

/** The exit code, null where it was killed. */
function cubeIngest(
  manifest: string,
  { catalog, dataPath }: { catalog: string; dataPath: string },
  killAfterMs?: number,
): Promise<number | null> {
  return new Promise((resolve) => {
    const parameters = ['ingest', manifest, '--lake', catalog, '--lake-data', dataPath, '--quiet', '--no-models'];
    const child = spawn(process.execPath, [cubePath(), ...parameters], { stdio: 'ignore' });
    const timer = killAfterMs === undefined ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('close', (code) => {
      if (timer !== null) clearTimeout(timer);
      resolve(code);
    });
  });
}
