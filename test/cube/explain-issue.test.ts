import { describe, expect, it } from 'vitest';
import { checkSpec } from '../../src/cube/parse-spec.js';
import { isCubeError } from '../../src/errors.js';

/** What is said of a specification with one wrong value: path, what, fix. */
function saidOf(fields: object): string[] {
  try {
    checkSpec({ name: 'a', source: { stac: 'x' }, bands: ['v'], ...fields });
  } catch (error) {
    if (!isCubeError(error, 'invalid-spec')) throw error;
    const { path, what, fix } = error.problem;
    return fix === undefined ? [path, what] : [path, what, fix];
  }
  throw new Error('expected a problem');
}

describe('what a wrong value of a specification is told', () => {
  it.each<[object, ...string[]]>([
    [{ bands: undefined }, 'bands', 'expected a list, found nothing'],
    [{ bands: [] }, 'bands', 'expected a list of at least 1, found []'],
    [{ bands: [''] }, 'bands.0', 'expected text that is not empty, found ""'],
    [{ bands: { a: 1 } }, 'bands', 'expected a list, found a mapping'],
    [{ bands: 'blue' }, 'bands', 'expected a list, found "blue"', 'write a list: bands=[blue]'],
    [{ name: 5 }, 'name', 'expected text, found 5', 'write it in quotes: name="5"'],
    [{ source: 'x' }, 'source', 'expected { stac: PATH_OR_URL, … } or a list of these, found "x"'],
    [{ source: {} }, 'source.stac', 'expected text, found nothing'],
    [{ source: { stac: 'x', bbox: [1, 2] } }, 'source.bbox', 'expected a list of 4, found [1,2]'],
    [{ grid: null }, 'grid', 'expected a mapping, found nothing'],
    [{ grid: { resolution: 'x' } }, 'grid.resolution', 'expected a size in units of the CRS, or [x, y], found "x"'],
    [{ grid: { resolution: -1 } }, 'grid.resolution', 'expected a number above 0, found -1'],
    [{ grid: { extent: 'all' } }, 'grid.extent', 'expected labels, items, or [xmin, ymin, xmax, ymax], found "all"'],
    [{ grid: { chunk: 8 } }, 'grid.chunk', 'expected a number of at least 16, found 8'],
    [{ grid: { chunk: 20.5 } }, 'grid.chunk', 'expected a whole number, found 20.5'],
    [{ grid: { anchor: 'top' } }, 'grid.anchor', 'expected one of edge, center, floating, found "top"'],
    [{ mask: { band: 'a' } }, 'mask', 'expected exactly one of values, range, bits'],
    [{ labels: { path: 'a', h3: 16 } }, 'labels.h3', 'expected a number of at most 15, found 16'],
    [{ scale: 'yes' }, 'scale', 'expected true, false or auto, found "yes"'],
    [{ antialias: 'yes' }, 'antialias', 'expected true or false, found "yes"'],
    [{ nodata: 'x' }, 'nodata', 'expected a number, nan, or a list of them and of ranges [from, to], found "x"'],
    [
      { nodata: { v: 'x' } },
      'nodata.v',
      'expected a number, nan, or a list of them and of ranges [from, to], found "x"',
    ],
  ])('%j', (fields, ...said) => expect(saidOf(fields)).toEqual(said));

  it('names the kernels, for all bands and for one', () => {
    const [, all] = saidOf({ resampling: 'sinc' });
    expect(all).toMatch(/^expected one of nearest, .*, rms, or one for each band, found "sinc"$/);
    expect(saidOf({ resampling: { v: 'sinc' } })[1]).toMatch(/^expected one of nearest, .*, rms, found "sinc"$/);
  });

  it('never speaks of the library that checks', () => {
    for (const wrong of [null, 5, 'x', [], [[]], {}, true]) {
      for (const key of [
        'name',
        'source',
        'bands',
        'grid',
        'time',
        'sortby',
        'mask',
        'mosaic',
        'scale',
        'clip',
        'output',
      ]) {
        const text = (() => {
          try {
            return saidOf({ [key]: wrong }).join(' ');
          } catch {
            return ''; // the value is right for this key
          }
        })();
        expect(text).not.toMatch(/Invalid|Too (small|big)|received/);
      }
    }
  });

  it('another name of a key cannot reach into what is no mapping', () => {
    expect(saidOf({ time: 5, groupby: 'P1M' })).toEqual(['time', 'expected a mapping, found 5']);
    expect(saidOf({ grid: 'x', crs: 'EPSG:32633' })).toEqual(['grid', 'expected a mapping, found "x"']);
  });
});
