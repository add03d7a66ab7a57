import { describe, expect, it } from 'vitest';
import type { FileFilters } from '../../../src/ingest/fetch/remote-file.js';
import { compileFilters, selectFiles, type SelectOptions } from '../../../src/ingest/fetch/select-files.js';

function select(names: readonly string[], filters: FileFilters, options: SelectOptions = {}) {
  const files = names.map((name) => ({ name, size: name.length }));
  const { taken, leftOut, inside } = selectFiles(files, compileFilters(filters), options);
  return {
    taken: taken.map(({ name }) => name),
    left: Object.fromEntries(leftOut.map(({ name, reason }) => [name, reason])),
    inside: inside.include.map(({ pattern }) => pattern),
  };
}

describe('selection', () => {
  it('takes all without patterns, but for bookkeeping', () => {
    const { taken, left } = select(['a.shp', 'b/.DS_Store', '__MACOSX/a.shp', 'b/._a.shp', 'Thumbs.db'], {});
    expect(taken).toEqual(['a.shp']);
    expect(new Set(Object.values(left))).toEqual(new Set(['bookkeeping of an operating system']));
  });

  it('tries patterns on the path and on its last part', () => {
    const names = ['d/PV_1.shp', 'd/NPV_1.shp', 'PV/x.tif'];
    expect(select(names, { include: ['^PV_'], useRegex: true }).taken).toEqual(['d/PV_1.shp']);
    expect(select(names, { include: ['PV_'], useRegex: true }).taken).toEqual(['d/PV_1.shp', 'd/NPV_1.shp']);
    expect(select(names, { include: ['^PV/'], useRegex: true }).taken).toEqual(['PV/x.tif']);
    expect(select(names, { include: ['PV_*.shp'] }).taken).toEqual(['d/PV_1.shp']);
    expect(select(names, { include: ['d/*'] }).taken).toEqual(['d/PV_1.shp', 'd/NPV_1.shp']);
  });

  it('excludes what is included, and says by which pattern', () => {
    const { taken, left } = select(['a.shp', 'b.shp'], { include: ['*.shp'], exclude: ['b*'] });
    expect([taken, left]).toEqual([['a.shp'], { 'b.shp': 'exclude pattern "b*" matches' }]);
  });

  it('brings what a shapefile needs, in any spelling, whatever the patterns say', () => {
    const names = ['d/A.SHP', 'd/a.dbf', 'd/A.Shx', 'd/a.prj', 'd/a.cpg', 'd/a.sbn', 'a.dbf', 'd/b.dbf'];
    const { taken } = select(names, { include: ['*.SHP'], exclude: ['*.dbf', '*.prj'] });
    expect(taken).toEqual(['d/A.SHP', 'd/a.dbf', 'd/A.Shx', 'd/a.prj', 'd/a.cpg']);
    expect(select(names, { exclude: ['*.SHP', '*.dbf'] }).taken).not.toContain('d/a.dbf');
  });

  it('brings what tells the place of an image', () => {
    const names = [
      'm/a.png',
      'm/a.pgw',
      'm/A.PNG.aux.xml',
      'm/a.prj',
      'm/a.tfw',
      'm/b.pgw',
      'a.pgw',
      'm/c.tif',
      'm/c.tfw',
    ];
    const { taken } = select(names, { include: ['m/*.png', 'm/*.tif'], exclude: ['*.prj'] });
    expect(taken).toEqual(['m/a.png', 'm/a.pgw', 'm/A.PNG.aux.xml', 'm/a.prj', 'm/c.tif', 'm/c.tfw']);
  });

  it('opens archives on suspicion only where nothing else matches', () => {
    const names = ['a.zip', 'b.tar.gz', 'c.geojson', 'd.csv'];
    expect(select(names, { include: ['*.geojson'] }, { thrifty: true }).taken).toEqual(['c.geojson']);
    expect(select(names, { include: ['*.geojson'] }).taken).toEqual(['a.zip', 'b.tar.gz', 'c.geojson']);
    expect(select(names, { include: ['*.shp'] }, { thrifty: true })).toMatchObject({
      taken: ['a.zip', 'b.tar.gz'],
      inside: ['*.shp'],
    });
    expect(select(names, { include: ['*.shp'], exclude: ['b*'] }, { thrifty: true }).taken).toEqual(['a.zip']);
    expect(select(names, { include: ['a*', '*.shp'] })).toMatchObject({ taken: ['a.zip'], inside: ['*.shp'] });
    expect(select(names, { include: ['*.zip'] })).toMatchObject({ taken: ['a.zip'], inside: [] });
  });

  it('leaves what is too long, and what has no size it takes', () => {
    expect(select(['a.csv', 'long.csv'], {}, { maxBytes: 5 }).left).toEqual({
      'long.csv': 'it has 8 bytes, more than the 5 that max_mb allows',
    });
    expect(selectFiles([{ name: 'a', size: null }], compileFilters({}), { maxBytes: 1 }).taken.length).toBe(1);
  });
});
