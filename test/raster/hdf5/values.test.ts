import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { isCubeError } from '../../../src/errors.js';
import { createSources } from '../../../src/io/sources.js';
import { openHdf5 } from '../../../src/raster/hdf5/open.js';
import type { RasterLevel } from '../../../src/raster/level.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { digest, EXPECTED, fixture, FIXTURES } from './fixtures.js';

const sources = createSources();
afterAll(() => sources.close());

/** Shape and digest of a dataset, or the feature that is not read. */
async function read(file: string, variable: string): Promise<string> {
  try {
    const [level] = (await openHdf5(sources, fixture(file), { variable })).levels;
    const long = longArray(level!, file);
    return digest(level!.shape, long ?? (await readWholeArray(level!, sources, { maxSamples: 2 ** 20 })));
  } catch (error) {
    if (isCubeError(error, 'unsupported')) return `unsupported: ${error.problem.feature}`;
    throw error;
  }
}

/** The samples of an array of very many chunks of one byte, put together here because reading them one by one takes seconds. */
function longArray({ shape, chunkShape, fill, refs }: RasterLevel, file: string): Uint8Array | null {
  if (chunkShape.join() !== '1' || shape[0]! < 10_000 || refs.kind !== 'files') return null;
  const bytes = readFileSync(fixture(file));
  return Uint8Array.from(refs.file, (stored, i) => (stored === 0 ? Number(fill) : bytes[refs.offsets[i]!]!));
}

/** NetCDF's prefix of a variable that has the name of a dimension and is not its coordinate. */
const NOT_COORDINATE = '_nc4_non_coord_';

/** What h5py reads and we do not, and what is no numbers. */
const REFUSED: Readonly<Record<string, string>> = {
  'cube.nc/crs': 'HDF5 data type: text of 1 bytes',
  'edges-new.h5/plain_edges': 'HDF5 dataset whose chunks at the edge skip the filters',
  'filters-new.h5/bitshuffle': 'HDF5 filter bitshuffle',
  'filters-new.h5/lz4': 'HDF5 filter LZ4',
  'filters-new.h5/lzf': 'HDF5 filter LZF',
  'filters-new.h5/mask_some': 'HDF5 dataset some of whose chunks skipped a filter',
  'filters-new.h5/scaleoffset': 'HDF5 filter scale-offset',
  'filters-old.h5/bitshuffle': 'HDF5 filter bitshuffle',
  'filters-old.h5/lz4': 'HDF5 filter LZ4',
  'filters-old.h5/lzf': 'HDF5 filter LZF',
  'filters-old.h5/mask_some': 'HDF5 dataset some of whose chunks skipped a filter',
  'filters-old.h5/scaleoffset': 'HDF5 filter scale-offset',
  'sites.h5/meta': 'HDF5 data type: compound',
  'sites.h5/time_index': 'HDF5 data type: text of 16 bytes',
  'types-old.h5/complex': 'HDF5 data type: compound',
  'types-old.h5/compound': 'HDF5 data type: compound',
  'types-old.h5/narrow': 'HDF5 data type: integer of 12 bits in 2 bytes',
  'types-old.h5/null': 'HDF5 dataset without values (null dataspace)',
  'types-old.h5/text': 'HDF5 data type: text of 3 bytes',
  'types-old.h5/words': 'HDF5 data type: text of variable length',
};

describe('files that h5py and netCDF4 wrote', () => {
  it('are all described', () => expect(Object.keys(EXPECTED)).toEqual(FIXTURES));

  it.each(FIXTURES)('%s gives the samples that h5py reads', async (file) => {
    const datasets = EXPECTED[file]!;
    // A dimension that is not the variable of its name is a dataset to h5py alone.
    const entries = Object.entries(datasets).filter(([name]) => !Object.hasOwn(datasets, `${NOT_COORDINATE}${name}`));
    const found: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const [name, value] of entries) {
      const refused = REFUSED[`${file}/${name}`];
      const variable = name.replace(NOT_COORDINATE, '');
      found[name] = await read(file, variable);
      expected[name] = refused === undefined ? value! : `unsupported: ${refused}`;
    }
    expect(found).toEqual(expected);
  });
});
