import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCube } from '../cli/run-cube.js';
import { s3Server } from '../lake/s3-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { killIngests } from './kill-ingests.js';

const root = temporaryFolder();
const server = s3Server();
/** One in the commit, one in the reading, one in the models; more are asked for by HELIOCUBE_KILLS. */
const KILLS = Number(process.env['HELIOCUBE_KILLS'] ?? 3);
const SEED = 20_261_127;

describe.skipIf(server === null)('an ingest into a lake with data in a bucket', () => {
  const { bucket, accessKey, secretKey } = server ?? { bucket: '', accessKey: '', secretKey: '' };
  const before = { ...process.env };
  beforeAll(() => {
    process.env['AWS_ACCESS_KEY_ID'] = accessKey;
    process.env['AWS_SECRET_ACCESS_KEY'] = secretKey;
  });
  afterAll(() => {
    process.env = before;
  });

  it(`leaves what one into a folder leaves, after ${KILLS} kills too (seed ${SEED})`, async () => {
    const folder = join(root, 'files');
    mkdirSync(folder);
    const { endpoint } = server!;
    const [catalog, data] = [join(root, 'lake.ducklake'), `s3://${bucket}/lake`];
    const lake = { catalog, dataPath: `${data}/`, storage: { endpoint } };
    const { killed, inModels } = await killIngests({ lake, folder, root, kills: KILLS, seed: SEED });
    console.info(`S3: ${killed} of ${KILLS} were killed, ${inModels} in the models`);
    expect(killed).toBeGreaterThan(KILLS / 2);
    for (const schema of ['cube', 'prepared', 'curated'])
      expect(readdirSync(join(server!.folder, 'lake', schema)).length).toBeGreaterThan(2);

    const config = join(root, 'heliocube.yaml');
    writeFileSync(config, JSON.stringify({ targets: { bucket: { catalog, data, endpoint } } }));
    const parameters = ['ingest', join(folder, 'manifest.json'), '--target', 'bucket', '--config', config];
    const again = await runCube([...parameters, '--json', '--quiet']);
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      runId: null,
      datasets: [{ status: 'unchanged' }, { status: 'unchanged' }],
    });
    expect(again.stdout + again.stderr).not.toContain(secretKey);
  }, 1_800_000);
});
