import { isCubeError } from '../../errors.js';
import type { JsonObject } from '../zarr/json.js';
import { attributeValues } from './attributes.js';
import type { GlobalHeap } from './global-heap.js';
import type { Metadata } from './metadata.js';
import type { Hdf5Object } from './walk.js';

/** What NetCDF-4 and HDF5's dimension scales keep for themselves. */
const INTERNAL = new Set([
  'DIMENSION_LIST',
  'REFERENCE_LIST',
  'DIMENSION_LABELS',
  '_Netcdf4Dimid',
  '_Netcdf4Coordinates',
  '_nc3_strict',
  '_NCProperties',
]);

/**
 * Attributes as JSON has them: one element is a value, several are a list, whatever the rank. Those without such a form
 * (references, compounds) are left out; a broken one too, and said in `problems`.
 */
export async function jsonAttributes(
  metadata: Metadata,
  heap: GlobalHeap,
  { path, attributes }: Hdf5Object,
  problems: string[],
): Promise<JsonObject> {
  for (const problem of attributes.problems) problems.push(problem);
  const entries: [string, unknown][] = [];
  for (const [name, attribute] of attributes.stored) {
    if (INTERNAL.has(name)) continue;
    try {
      const values = await attributeValues(metadata, heap, attribute);
      if (values !== null) entries.push([name, values.length === 1 ? values[0] : values]);
    } catch (error) {
      if (!isCubeError(error, 'invalid-data') && !isCubeError(error, 'unsupported')) throw error;
      problems.push(`attribute ${name} of ${path === '' ? 'the file' : path} is left out: ${error.message}`);
    }
  }
  const isScale = entries.some(([name, value]) => name === 'CLASS' && value === 'DIMENSION_SCALE');
  return Object.fromEntries(entries.filter(([name]) => !isScale || (name !== 'CLASS' && name !== 'NAME')));
}
