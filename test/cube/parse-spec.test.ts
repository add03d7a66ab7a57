import { describe, expect, it } from 'vitest';
import { checkSpec, parseSpec } from '../../src/cube/parse-spec.js';
import { specJsonSchema } from '../../src/cube/spec.js';
import { isCubeError } from '../../src/errors.js';

const MINIMAL = 'name: a\nsource: { stac: ./catalog.json }\nbands: [red]\n';

function problemOfSpec(text: string, overrides: string[] = []): { path: string; what: string; fix?: string } {
  try {
    parseSpec(text, overrides);
  } catch (error) {
    if (isCubeError(error, 'invalid-spec')) return error.problem;
    throw error;
  }
  throw new Error('expected a problem');
}

describe('the specification of a build', () => {
  it('fills every default', () => {
    const spec = parseSpec(MINIMAL);
    expect(spec.source).toEqual([{ stac: './catalog.json' }]);
    expect(spec.grid).toEqual({ crs: 'auto', anchor: 'edge', chunk: 512, shard: null });
    expect(spec.time).toEqual({ groupby: 'solar_day' });
    expect(spec.resampling).toEqual({ '*': 'nearest' });
    expect(spec.clip).toEqual({ mode: 'chunks', buffer: 0 });
    expect(spec).toMatchObject({
      mosaic: 'first',
      scale: false,
      dtype: null,
      nodata: null,
      antialias: true,
      mask: null,
    });
  });

  it('names the nearest known key where one is unknown', () => {
    expect(problemOfSpec(`${MINIMAL}bnads: [a]\n`)).toMatchObject({ path: 'bnads', fix: 'did you mean "bands"?' });
    expect(problemOfSpec(`${MINIMAL}grid: { resolutoin: 10 }\n`)).toMatchObject({
      path: 'grid.resolutoin',
      fix: 'did you mean "resolution"?',
    });
  });

  it('accepts the names of other systems', () => {
    const spec = checkSpec({
      name: 'a',
      source: [{ stac: 'x', time: '2024' }],
      measurements: ['red'],
      grid: { epsg: 32633, bounds: [0, 0, 1, 1] },
      groupby: 'time',
    });
    expect(spec.bands).toEqual(['red']);
    expect(spec.grid.crs).toBe('EPSG:32633');
    expect(spec.grid.extent).toEqual([0, 0, 1, 1]);
    expect(spec.source[0]!.datetime).toBe('2024');
    expect(spec.time.groupby).toBe('time');
  });

  it('applies overrides with dotted keys and YAML values', () => {
    const spec = parseSpec(MINIMAL, ['grid.chunk=256', 'bands=[red, nir]', 'mask={band: scl, values: [3]}']);
    expect(spec.grid.chunk).toBe(256);
    expect(spec.bands).toEqual(['red', 'nir']);
    expect(spec.mask).toEqual({ band: 'scl', values: [3], invert: false, dilate: 0 });
  });

  it('says where and what is wrong', () => {
    expect(problemOfSpec('name: [')).toMatchObject({ path: '(file)' });
    expect(problemOfSpec('- 1')).toMatchObject({ path: '(file)' });
    expect(problemOfSpec(`${MINIMAL}grid: { chunk: 3 }`)).toMatchObject({ path: 'grid.chunk' });
    expect(problemOfSpec(`${MINIMAL}grid: { shard: 700 }`)).toMatchObject({ path: 'grid.shard' });
    expect(problemOfSpec(`${MINIMAL}mask: { band: scl }`)).toMatchObject({ path: 'mask' });
    expect(problemOfSpec(`${MINIMAL}time: { groupby: daily }`)).toMatchObject({ path: 'time.groupby' });
    expect(problemOfSpec(MINIMAL, ['x'])).toMatchObject({ path: '--set' });
  });

  it('exports a JSON Schema', () => {
    expect(specJsonSchema()).toMatchObject({ type: 'object', properties: { grid: {}, bands: { type: 'array' } } });
  });
});
