import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isCubeError } from '../../src/errors.js';
import { createSources } from '../../src/io/sources.js';
import { openHdf5Hierarchy } from '../../src/raster/hdf5/hierarchy.js';
import { openHdf5 } from '../../src/raster/hdf5/open.js';
import type { RasterLevel } from '../../src/raster/level.js';
import { openRaster } from '../../src/raster/open.js';
import { readWholeArray } from '../../src/raster/zarr/read-array.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';
import { updateSupported } from '../supported-section.js';
import { formatHdf5Table } from './hdf5-table.js';
import type { ArrayResult } from './zarr-table.js';

const SCRIPT = fileURLToPath(new URL('hdf5_expected.py', import.meta.url));
const FOLDERS = ['data/imagery/s2-cube-belgium-nc', 'data/irradiance'];
const expectedArray = z.union([
  z.object({ error: z.string() }),
  z.object({ shape: z.array(z.number()), dtype: z.string(), sha256: z.string() }),
]);
const expectedAnswer = z.union([
  z.object({ missing: z.string() }),
  z.object({ files: z.record(z.string(), z.record(z.string(), expectedArray)) }),
]);
type Expected = z.infer<typeof expectedArray>;

const sources = createSources();
afterAll(() => sources.close());

async function read(path: string, variable: string): Promise<{ level: RasterLevel; sha256: string }> {
  const level = (await openHdf5(sources, path, { variable })).levels[0]!;
  const samples = await readWholeArray(level, sources, { maxSamples: 2 ** 26 });
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return { level, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Read one dataset, and say what became of it. */
async function compare(path: string, name: string, expected: Expected): Promise<ArrayResult> {
  const peerReads = !('error' in expected);
  try {
    const { level, sha256 } = await read(path, name);
    // Signed integers that are called unsigned are stored as h5py says.
    const same =
      !('error' in expected) &&
      sha256 === expected.sha256 &&
      level.dtype.replace('u', '') === expected.dtype.replace('u', '');
    if (!same) return { name: `${path}/${name}`, kind: 'different', what: JSON.stringify(expected), peerReads };
    expect(level.shape).toEqual(expected.shape);
    return { name, kind: 'exact', what: describeLevel(level), peerReads };
  } catch (error) {
    if (isCubeError(error, 'unsupported')) return { name, kind: 'refused', what: error.problem.feature, peerReads };
    return { name: `${path}/${name}`, kind: 'error', what: String(error), peerReads };
  }
}

function describeLevel({ dtype, codecs }: RasterLevel): string {
  const chain = codecs.filter(({ name }) => name !== 'bytes').map(({ name }) => name);
  return `${chain.length === 0 ? 'uncompressed' : chain.toReversed().join(', ')} | ${dtype}`;
}

/** SHA-256 of the lines "name shape digest" of all datasets of numbers, as h5py 3.16.0 with HDF5 2.0.0 reads them. */
const DIGESTS: Readonly<Record<string, string>> = {
  'imagery/s2-cube-belgium-nc/base_features.nc': '66784368f0322eb0c706f2bc2a075ff364553ffd3a67561c67a9a229f5dc41ef',
  'imagery/s2-cube-belgium-nc/s1.nc': '968fe5b1025cec74961e04494b1a67466b6190fb9ebb8632118ce47109335086',
  'imagery/s2-cube-belgium-nc/s2.nc': 'b53cf34ea89c5d13652e893d71340babf01184a9e9d96708984ac8f6f71bafdf',
  'irradiance/cmip6/rsds_ec-earth3-veg_ssp585_colorado_4x4.nc':
    '785de5e41f14ba18481944479464f6f6c522793418c23a6cd8b949a1513b464a',
  'irradiance/gridmet/tmmx_20190121.nc': 'e0bde6077cbd8a4294f4823e9ff0dd11c3dbc1d5b0f214beabde71896d997e2a',
  'irradiance/nsrdb/nsrdb_clearsky_denver_2018_20x20.h5':
    '8d00966150476d4cdbe339942ff56024c1d13ecf674bb00428e3f6959566d5a8',
  'irradiance/nsrdb/nsrdb_means_rhode_island_100.h5':
    '33077de331fa1af74d932846e37c3040d60f3d01c1a7da10395986f9477ac55f',
  'irradiance/nsrdb/summit-weather_11pts_2022_30min.nc':
    '1f6abee76a675ed10ba35f33ee56f356a56f4384b4a0158d5aa6a00935e95811',
  'irradiance/nwp-sfa/gfs_0p25/2019/05/15/00/gfs_0p25.nc':
    'ce481c30f5f397261dd1301dbfecbb21b8c69daaa926bbfa405d98c90bdf4bdd',
  'irradiance/nwp-sfa/gfs_0p25/2019/07/15/00/gfs_0p25.nc':
    '8b3d2253da1e9f5b2c14eed4c420d77a563e8bda38ddaf8b149cb2d8846a5990',
  'irradiance/nwp-sfa/hrrr_hourly/2019/05/15/00/hrrr_hourly.nc':
    '709187dff15583bec7678dc12ea932abba16f6dcee9fcdec20ed32da834cf625',
  'irradiance/nwp-sfa/hrrr_subhourly/2019/05/15/00/hrrr_subhourly.nc':
    '413420ce26f802879e9cec16041b645d878ec7d423438feb48a48d77ad9a5d2d',
  'irradiance/nwp-sfa/nam_12km/2019/05/15/00/nam_12km.nc':
    '9a79175bafcf67d2e9328edee1c9d7f1a10b695ff2d27e4518a16eecf57d2d79',
  'irradiance/nwp-sfa/rap/2019/05/15/00/rap.nc': '6f9ea6fbd612680f1968dcf2b47b120c4a3f32e2642cd38fef007d2496a8c07b',
  'irradiance/pvgis/distributed_pvgis_weather.nc': 'f38cc90a96ce6616e8de8ee3bef60c9a6cdd5ef79bc2b9e96d30751417b49460',
};

async function fileDigest(path: string): Promise<string> {
  const { known } = await openHdf5Hierarchy(sources.open(path), {});
  const lines: string[] = [];
  for (const name of known.toSorted()) {
    try {
      const { level, sha256 } = await read(path, name);
      lines.push(`${name} ${level.shape.join('×')} ${sha256}\n`);
    } catch (error) {
      if (!isCubeError(error, 'unsupported') && !isCubeError(error, 'no-data')) throw error;
    }
  }
  return createHash('sha256').update(lines.join('')).digest('hex');
}

describe.skipIf(!hasShared)('real NetCDF-4 and HDF5 files', () => {
  it.each(Object.entries(DIGESTS))('%s has the samples that h5py reads', async (name, digest) => {
    expect(await fileDigest(sharedPath('data', name))).toBe(digest);
  });

  it('of the older format stay refused by name', async () => {
    const classic = readdirSync(sharedPath('data'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.nc'),
    );
    let refused = 0;
    for (const name of classic) {
      const opened = openRaster(sources, sharedPath('data', name), { variable: 'no such variable' });
      const kind = await opened.then(
        () => 'opened',
        (error: unknown) => (isCubeError(error) ? error.problem.kind : 'bug'),
      );
      expect(['not-found', 'unsupported'], name).toContain(kind);
      if (kind === 'unsupported') refused++;
    }
    expect(classic.length).toBeGreaterThan(refused);
  });
});

describe.skipIf(!hasShared || pythonWithOracles() === null)(
  'real NetCDF-4 and HDF5 files against h5py and netCDF4',
  () => {
    it('every dataset is exact or refused by name, and the table says so', async ({ skip }) => {
      const answer = expectedAnswer.parse(
        await runPython(
          SCRIPT,
          FOLDERS.map((folder) => sharedPath(folder)),
        ),
      );
      if ('missing' in answer) return skip(`${answer.missing} is not installed`);
      const files = Object.entries(answer.files);
      const results: ArrayResult[] = [];
      for (const [path, datasets] of files) {
        for (const [name, expected] of Object.entries(datasets)) results.push(await compare(path, name, expected));
      }
      const failed = results.filter(({ kind, peerReads }) => kind !== 'exact' && (peerReads || kind !== 'refused'));
      expect(failed.map(({ name, what }) => `${relative(sharedPath(), name)}: ${what}`)).toEqual([]);
      expect(files.length).toBeGreaterThan(50);
      updateSupported('hdf5', formatHdf5Table(files.length, results));
    });
  },
);
