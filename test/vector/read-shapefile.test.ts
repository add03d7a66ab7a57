import { describe, expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { doubleSignedArea } from '../../src/vector/ring-maths.js';
import { parseShapefile } from '../../src/vector/read-shapefile.js';
import type { ShapefileParts } from '../../src/vector/read-shapefile.js';
import { dbf, pointRecord, polygonRecord, sampleShapefile, shpAndShx, WGS84_PRJ } from './make-shapefile.js';
import { mutated, seeded } from './mutate.js';
import { thrown } from '../thrown.js';

const OPTIONS = { path: '/labels.shp' };

describe('shapefile', () => {
  it('reads shapes, columns of every type and the null shape', () => {
    const table = parseShapefile(sampleShapefile(), OPTIONS);
    expect(table.records.map(({ geometry }) => geometry.kind)).toEqual([
      'polygons',
      'polygons',
      'unusable',
      'polygons',
    ]);
    expect(table.records.map(({ properties }) => properties)).toEqual([
      { osm_id: 1, name: 'Gänserndorf', built: '2019-05-01', power: 12.5, roof: true },
      { osm_id: 2, name: 'Zürich', built: null, power: null, roof: null },
      { osm_id: 3, name: 'nothing', built: '2020-01-01', power: 1, roof: false },
      { osm_id: 99_999_999_999, name: null, built: '2020-12-31', power: -3.25, roof: false },
    ]);
    expect(table.temporal).toEqual(new Map([['built', 'DATE']]));
  });

  it('sorts rings into outer rings and holes', () => {
    const { records } = parseShapefile(sampleShapefile(), OPTIONS);
    const parts = records.map(({ geometry }) =>
      geometry.kind === 'polygons' ? geometry.polygons.map((rings) => rings.length) : [],
    );
    expect(parts).toEqual([[1], [2], [], [1, 1]]);
  });

  it('gives a hole to the smallest outer ring around it, and makes one without any an outer ring', () => {
    const box = (x: number, y: number, size: number, clockwise: boolean): [number, number][] => {
      const ring: [number, number][] = [
        [x, y],
        [x, y + size],
        [x + size, y + size],
        [x + size, y],
        [x, y],
      ];
      return clockwise ? ring : ring.toReversed();
    };
    const rings = [
      box(0, 0, 10, true),
      box(2, 2, 6, false),
      box(3, 3, 4, true),
      box(4, 4, 1, false),
      box(20, 20, 1, false),
    ];
    const { records } = parseShapefile(
      { ...shpAndShx([polygonRecord(rings)]), dbf: null, prj: WGS84_PRJ, cpg: null },
      OPTIONS,
    );
    const geometry = records[0]!.geometry;
    if (geometry.kind !== 'polygons') throw new Error('no polygons');
    expect(geometry.polygons.map((polygon) => polygon.map((ring) => Math.abs(doubleSignedArea(ring)) / 2))).toEqual([
      [16, 1],
      [100, 36],
      [1],
    ]);
  });

  it('finds records through the .shx where the .shp has gaps, and without it one after the other', () => {
    const parts = sampleShapefile();
    expect(parseShapefile({ ...parts, shx: null }, OPTIONS).records).toEqual(parseShapefile(parts, OPTIONS).records);
    const gaps = shpAndShx([pointRecord([1, 2]), pointRecord([3, 4])], 12);
    const { records } = parseShapefile({ ...gaps, dbf: null, prj: WGS84_PRJ, cpg: null }, OPTIONS);
    expect(records.map(({ geometry }) => (geometry.kind === 'points' ? [...geometry.points] : null))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('asks for a CRS where there is no .prj, and takes the stated one', () => {
    const parts = { ...sampleShapefile(), prj: null };
    expect(thrown(() => parseShapefile(parts, OPTIONS))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringMatching(/add a \.prj or set labels\.crs/),
    });
    expect(parseShapefile(parts, { ...OPTIONS, crs: 'EPSG:3035' }).crs).toEqual({ kind: 'epsg', code: 3035 });
  });

  it.each([
    ['ISO-8859-1', 0, [0xe4]],
    ['1252', 0, [0xe4]],
    ['ANSI 1252', 0, [0xe4]],
    ['UTF-8', 0, [0xc3, 0xa4]],
    ['CP932', 0, null],
    [null, 0x57, [0xe4]],
    [null, 0xc9, null],
    [null, 0, [0xc3, 0xa4]],
  ])('text coding: .cpg %s, language driver %i', (cpg, languageDriver, expected) => {
    const bytes = expected ?? (cpg === 'CP932' ? [0x93, 0xfa] : [0xc6]);
    const text = expected === null ? (cpg === 'CP932' ? '日' : 'Ж') : 'ä';
    const table = dbf([{ name: 'name', type: 'C', length: 4 }], [['x']], {
      encode: (value) => (value === 'x' ? Uint8Array.from(bytes) : new TextEncoder().encode(value)),
      languageDriver,
    });
    const parts = { ...shpAndShx([pointRecord([1, 2])]), dbf: table, prj: WGS84_PRJ, cpg };
    expect(parseShapefile(parts, OPTIONS).records[0]!.properties).toEqual({ name: text });
  });

  it('reads text of no known coding as Windows-1252 and says so; a coding it cannot read is refused', () => {
    const table = dbf([{ name: 'name', type: 'C', length: 4 }], [['x']], {
      encode: (value) => (value === 'x' ? Uint8Array.of(0xe4) : new TextEncoder().encode(value)),
    });
    const parts = { ...shpAndShx([pointRecord([1, 2])]), dbf: table, prj: WGS84_PRJ, cpg: null };
    expect(parseShapefile(parts, OPTIONS)).toMatchObject({ warnings: [expect.stringContaining('Windows-1252')] });
    expect(thrown(() => parseShapefile({ ...parts, cpg: 'CP437' }, OPTIONS))).toMatchObject({ kind: 'unsupported' });
  });

  it('keeps a record that is deleted in the .dbf as unusable', () => {
    const table = dbf([{ name: 'n', type: 'N', length: 4 }], [['1'], ['2']], { deleted: [0] });
    const parts = { ...shpAndShx([pointRecord([1, 2]), pointRecord([3, 4])]), dbf: table, prj: WGS84_PRJ, cpg: null };
    expect(parseShapefile(parts, OPTIONS).records.map(({ geometry }) => geometry.kind)).toEqual(['unusable', 'points']);
  });

  it('refuses a .dbf that has another number of records', () => {
    const parts = { ...sampleShapefile(), dbf: dbf([{ name: 'n', type: 'N', length: 4 }], [['1']]) };
    expect(thrown(() => parseShapefile(parts, OPTIONS))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringContaining('4 records and the .dbf 1'),
    });
  });

  it('gives a value or a CubeError for 5,000 mutated files (seed 13)', () => {
    const random = seeded(13);
    const whole = sampleShapefile();
    const outcomes = { value: 0, error: 0 };
    for (let i = 0; i < 5000; i++) {
      const pick = Math.floor(random() * 4);
      const parts: ShapefileParts = {
        ...whole,
        shp: pick === 0 || pick === 3 ? mutated(whole.shp, random) : whole.shp,
        shx: pick === 3 ? null : pick === 1 ? mutated(whole.shx!, random) : whole.shx,
        dbf: pick === 2 ? mutated(whole.dbf!, random) : whole.dbf,
      };
      try {
        parseShapefile(parts, OPTIONS);
        outcomes.value++;
      } catch (error) {
        expect(error).toBeInstanceOf(CubeError);
        outcomes.error++;
      }
    }
    expect(outcomes.value).toBeGreaterThan(100);
    expect(outcomes.error).toBeGreaterThan(100);
  });
});
