import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogCases } from '../lake/catalogs.js';
import { temporaryFolder } from '../lake/temporary.js';
import { killIngests } from './kill-ingests.js';

const root = temporaryFolder();
/** More are asked for by HELIOCUBE_KILLS. */
const KILLS = Number(process.env['HELIOCUBE_KILLS'] ?? 7);
const SEED = 20_261_126;

describe.each(catalogCases())('an ingest into a lake in $name', ({ name, place }) => {
  it(`killed at ${KILLS} seeded random points leaves the old state or the new one, whole (seed ${SEED})`, async () => {
    const folder = join(root, name);
    mkdirSync(folder);
    const lake = { catalog: place(folder), dataPath: join(folder, 'data') };
    const { killed, inModels, old } = await killIngests({ lake, folder, root, kills: KILLS, seed: SEED });
    console.info(`${name}: ${killed} of ${KILLS} were killed, ${inModels} in the models, ${old} left the old state`);
    expect(killed).toBeGreaterThan(KILLS / 2);
  }, 1_800_000);
});
