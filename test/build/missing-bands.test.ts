import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planCube } from '../../src/build/plan-cube.js';
import { isCubeError } from '../../src/errors.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { temporaryFolder } from '../lake/temporary.js';
import { writeItems } from './small-items.js';

const folder = temporaryFolder();
const problemOf = (stac: string, band: string) =>
  planCube({ spec: { name: 'bands', source: { stac }, bands: [band] }, folder }).then(
    () => 'planned',
    (error: unknown) => error,
  );

describe('a band that a file does not have', () => {
  let items = '';
  let irradiance = '';
  beforeAll(async () => {
    const three = { v: { 'raster:bands': [{ name: 'one' }, { name: 'two' }, { name: 'three' }] } };
    items = writeItems(folder, 'items', [{ id: 'a', images: { v: { value: () => 1 } }, assets: three }]);
    await makeSample(folder, { size: 64, labels: 1 });
    irradiance = join(folder, 'irradiance.json');
  });

  it('is an error with its number, not the first band', async () => {
    for (const band of ['v.2', 'v.3']) {
      const error = await problemOf(items, band);
      expect(isCubeError(error, 'invalid-data'), String(error)).toBe(true);
      expect(String(error)).toContain(`band "${band}" is band ${band.slice(2)}, the file has 1`);
    }
    expect(await problemOf(items, 'v.1')).toBe('planned');
  });

  it('is an error in a Zarr group, whose bands are its arrays', async () => {
    expect(await problemOf(irradiance, 'ghi')).toBe('planned');
    const error = await problemOf(irradiance, 'ghi.2');
    expect(isCubeError(error), String(error)).toBe(true);
  });
});
