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

  it('overrides reach entries of lists by number, and nothing that has no keys', () => {
    const list = 'name: a\nsource: [{ stac: x }, { stac: y }]\nbands: [red]\nresampling: bilinear\n';
    const spec = parseSpec(list, ['source.1.datetime="2024"', 'bands.0=nir', 'nodata.nir=3']);
    expect(spec.source.map(({ datetime }) => datetime)).toEqual([undefined, '2024']);
    expect(spec.bands).toEqual(['nir']);
    expect(spec.nodata).toEqual({ nir: 3 });
    for (const [override, path, fix] of [
      ['source.datetime=2024', 'source', /source\.0\.datetime/],
      ['source.2.stac=z', 'source', /source\.0\.KEY/],
      ['resampling.scl=mode', 'resampling', /resampling=\{…\}/],
    ] as const) {
      const problem = problemOfSpec(list, [override]);
      expect(problem.path).toBe(path);
      expect(problem.fix).toMatch(fix);
    }
  });

  it.each(['__proto__.x=1', 'grid.__proto__.x=1', 'constructor.prototype.x=1', 'a..b=1', '.=1'])(
    'an override cannot reach what all objects share: %s',
    (override) => {
      expect(problemOfSpec(MINIMAL, [override])).toMatchObject({ path: '--set' });
      expect(({} as { x?: unknown }).x).toBe(undefined);
    },
  );

  it('says what it found, and how a list is written', () => {
    expect(problemOfSpec(MINIMAL, ['bands=blue'])).toMatchObject({ path: 'bands', fix: 'write a list: bands=[blue]' });
    expect(problemOfSpec(MINIMAL, ['source.datetime=2024'])).toMatchObject({
      path: 'source.datetime',
      fix: 'write it in quotes: source.datetime="2024"',
    });
    const groupby = problemOfSpec(MINIMAL, ['time.groupby=monthly']);
    expect(groupby.what).toMatch(/solar_day, time, id, dekad, season or an ISO .*found "monthly"/);
    expect(parseSpec(MINIMAL, ['time.groupby=season']).time.groupby).toBe('season');
    expect(problemOfSpec(MINIMAL, ['mask={band: scl, values: []}'])).toMatchObject({ path: 'mask.values' });
    expect(problemOfSpec(MINIMAL, ['mask={band: scl, range: [3, 1]}'])).toMatchObject({ path: 'mask.range' });
    expect(problemOfSpec(MINIMAL, ['labels={path: a.csv, x: e}'])).toMatchObject({ path: 'labels' });
  });

  it('N4 takes nodata as values and closed ranges, for a band or for all', () => {
    expect(parseSpec(MINIMAL, ['nodata=[0, [249, 255]]']).nodata).toEqual([0, [249, 255]]);
    expect(parseSpec(MINIMAL, ['nodata={red: [[249, 255], nan]}']).nodata).toEqual({ red: [[249, 255], Number.NaN] });
    expect(problemOfSpec(MINIMAL, ['nodata={red: [[255, 249]]}'])).toMatchObject({ path: 'nodata.red.0' });
    expect(problemOfSpec(MINIMAL, ['nodata=[[1, 2, 3]]']).path).toMatch(/^nodata/);
  });

  it('codec levels are those of the codec', () => {
    for (const codec of ['{level: 10}', '{name: gzip, level: 10}', '{name: zstd, level: 23}', '{level: -1}'])
      expect(problemOfSpec(MINIMAL, [`output.codec=${codec}`])).toMatchObject({ path: 'output.codec.level' });
    expect(parseSpec(MINIMAL, ['output.codec={name: zstd, level: 22}']).output.codec.level).toBe(22);
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
