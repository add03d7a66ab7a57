import { describe, expect, it } from 'vitest';
import type { BandSource, Candidate } from '../../src/cube/candidate.js';
import { planBands, specNodata } from '../../src/cube/plan-bands.js';
import { CubeError } from '../../src/errors.js';
import type { DataType } from '../../src/grid/dtype.js';
import { tinyBand, tinyCandidate, tinyLevel, tinySpec } from './tiny-cube.js';

type Known = Partial<Omit<BandSource, 'raster'>>;

/** One item a type, named a, b, …, with one band. */
function items(...types: readonly (readonly [dtype: DataType, known?: Known])[]): Candidate[] {
  return types.map(([dtype, known], i) => {
    const big = dtype === 'int64' || dtype === 'uint64';
    const level = tinyLevel({ dtype, width: 1, height: 1, tile: 1, value: () => (big ? 0n : 0) });
    return tinyCandidate('abc'[i]!, [tinyBand([level], known)]);
  });
}

const only = (spec: object, candidates: readonly Candidate[]) => planBands(tinySpec(spec), candidates)[0]!;

function problemOf(spec: object, candidates: readonly Candidate[]): CubeError['problem'] {
  try {
    only(spec, candidates);
  } catch (error) {
    if (error instanceof CubeError) return error.problem;
    throw error;
  }
  throw new Error('expected a problem');
}

describe('N2 the fill value of a band', () => {
  it("N2 is the user's, else NaN for floats, else the source's, else unknown", () => {
    expect(only({ nodata: 7 }, items(['uint16', { nodata: [0] }])).fill).toBe(7);
    expect(only({ nodata: -1 }, items(['float32', { nodata: [0] }])).fill).toBe(-1);
    expect(only({}, items(['float32', { nodata: [0] }])).fill).toBeNaN();
    expect(only({}, items(['uint16', { nodata: [3, 9] }])).fill).toBe(3);
    expect(only({}, items(['uint16'])).fill).toBeNull();
  });

  it('N2 is NaN where values are scaled, whatever marks the digital numbers', () => {
    expect(only({ scale: true, nodata: 0 }, items(['uint16', { scale: 1e-4, offset: -0.1 }]))).toMatchObject({
      dtype: 'float32',
      fill: Number.NaN,
    });
  });

  it('must fit the type: a value that cannot is an error, not another number', () => {
    for (const [dtype, nodata] of [
      ['uint8', 256],
      ['uint8', -1],
      ['int16', -32_769],
      ['uint16', 0.5],
      ['int32', Number.NaN],
      // As doubles the largest 64-bit integers are 2^64 and 2^63, one too many.
      ['uint64', 2 ** 64],
      ['int64', 2 ** 63],
    ] as const) {
      const file = problemOf({}, items([dtype, { nodata: [nodata] }]));
      expect(file, `${dtype} ${nodata}`).toMatchObject({ kind: 'invalid-spec', path: 'nodata' });
      const given = Number.isNaN(nodata) ? 'nan' : nodata;
      expect(problemOf({ nodata: { a: given } }, items([dtype])), dtype).toMatchObject({ path: 'nodata' });
    }
    expect(problemOf({ dtype: 'uint8' }, items(['uint16', { nodata: [65_535] }]))).toMatchObject({ path: 'nodata' });
    expect(only({}, items(['int64', { nodata: [-(2 ** 63)] }])).fill).toBe(-(2 ** 63));
    expect(only({}, items(['uint8', { nodata: [255] }])).fill).toBe(255);
  });

  it('NaN in one integer file and in the next is no conflict of their values', () => {
    const two = items(['uint8', { nodata: [Number.NaN] }], ['uint8', { nodata: [Number.NaN] }]);
    expect(problemOf({}, two)).toMatchObject({ kind: 'invalid-spec', path: 'nodata' });
  });
});

describe('N3 what all items must agree on', () => {
  it('N3 a type that differs names both items; the specification may decide', () => {
    const two = items(['uint16'], ['int16']);
    const problem = problemOf({}, two);
    expect(problem).toMatchObject({ kind: 'conflict', what: 'band "a": item a is uint16, item b is int16' });
    expect(only({ dtype: 'int32' }, two).dtype).toBe('int32');
    expect(only({ dtype: { '*': 'int32' } }, two).dtype).toBe('int32');
    expect(only({ scale: true }, two).dtype).toBe('float32');
  });

  it('N3 scale: auto without any scale holds items to one type as scale: false does', () => {
    expect(problemOf({ scale: 'auto' }, items(['uint16'], ['int16']))).toMatchObject({ kind: 'conflict' });
    expect(only({ scale: 'auto' }, items(['uint16', { scale: 0.1 }], ['int16'])).dtype).toBe('float32');
  });

  it('N3 a nodata value that differs names both items; the specification may decide', () => {
    const two = items(['uint16', { nodata: [0] }], ['uint16', { nodata: [9] }]);
    expect(problemOf({}, two)).toMatchObject({
      kind: 'conflict',
      what: 'band "a": nodata of item a is 0, of item b 9',
    });
    expect(only({ nodata: { a: 9 } }, two).fill).toBe(9);
    expect(only({ nodata: { '*': 9 } }, two).fill).toBe(9);
  });
});

describe('N4 several nodata values', () => {
  it('N4 a band may have a list; the first is written', () => {
    const nodata = { '*': [0], a: [255, 254, 253, 252, 251, 250, 249] };
    expect(specNodata({ nodata }, 'a')).toEqual(nodata.a);
    expect(specNodata({ nodata }, 'b')).toEqual([0]);
    expect(only({ nodata: { a: nodata.a } }, items(['uint8'])).fill).toBe(255);
  });
});

describe('N5 types that cannot hold the values', () => {
  it('N5 scaled reflectance as an integer is an error, for it would be zeros', () => {
    const scaled = items(['uint16', { scale: 1e-4, offset: -0.1 }]);
    for (const scale of [true, 'auto']) {
      const problem = problemOf({ scale, dtype: 'uint16' }, scaled);
      expect(problem).toMatchObject({ kind: 'invalid-spec', path: 'dtype', fix: 'use float32, or scale: false' });
    }
    expect(only({ scale: false, dtype: 'uint16' }, scaled)).toMatchObject({ dtype: 'uint16', scaled: false });
  });

  it('N5 floats are not cut to whole numbers', () => {
    const problem = problemOf({ dtype: 'int16' }, items(['float32']));
    expect(problem).toMatchObject({ kind: 'invalid-spec', path: 'dtype' });
  });

  it('64-bit integers keep their type and their values, or are refused', () => {
    for (const dtype of ['int64', 'uint64'] as const) {
      expect(only({ mosaic: 'first' }, items([dtype])).dtype).toBe(dtype);
      expect(only({ mosaic: 'last', dtype }, items([dtype])).dtype).toBe(dtype);
      expect(only({ mosaic: 'count' }, items([dtype])).dtype).toBe('uint16');
      for (const spec of [
        { mosaic: 'median' },
        { mosaic: 'max' },
        { dtype: 'int32' },
        { dtype: 'float64' },
        { scale: true },
      ]) {
        const problem = problemOf(spec, items([dtype]));
        expect(problem, JSON.stringify(spec)).toMatchObject({ kind: 'unsupported' });
        expect((problem as { fix: string }).fix).toContain('mosaic first or last');
      }
      expect(problemOf({ dtype }, items(['uint16']))).toMatchObject({ kind: 'unsupported' });
      expect(problemOf({ mosaic: 'count' }, items([dtype, { classes: true }]))).toMatchObject({ kind: 'unsupported' });
    }
  });
});

describe('R6 kernels of classes', () => {
  it('R6 "*" leaves classes at nearest; naming a class band with an interpolating kernel is an error', () => {
    const scl = items(['uint8', { classes: true }]);
    for (const kernel of ['bilinear', 'cubic', 'average']) {
      expect(only({ resampling: { '*': kernel } }, scl).resampling).toBe('nearest');
      expect(problemOf({ resampling: { a: kernel } }, scl)).toMatchObject({ path: 'resampling.a' });
    }
    for (const kernel of ['mode', 'min', 'max', 'med', 'q1', 'q3']) {
      expect(only({ resampling: { a: kernel } }, scl).resampling).toBe(kernel);
    }
  });
});

describe('names of bands', () => {
  it('a key that names no band, a band given twice and a name that the cube takes are errors', () => {
    for (const field of ['resampling', 'nodata', 'dtype']) {
      const value = { resampling: 'mode', nodata: 0, dtype: 'int32' }[field];
      expect(problemOf({ [field]: { b: value } }, items(['uint8']))).toMatchObject({ path: `${field}.b` });
    }
    expect(problemOf({ bands: ['a', 'a'] }, items(['uint8']))).toMatchObject({ path: 'bands' });
    expect(problemOf({ bands: ['reason'] }, items(['uint8']))).toMatchObject({ path: 'bands' });
  });
});
