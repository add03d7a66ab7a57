import { describe, expect, it } from 'vitest';
import { adminShares, type AdminRow } from '../../../src/ingest/enrich/admin-shares.js';
import { unitOf, type AdminUnit } from '../../../src/ingest/enrich/admin-unit.js';
import type { Geometry } from '../../../src/vector/label.js';

type Box = readonly [west: number, south: number, east: number, north: number];

const box = ([w, s, e, n]: Box): Geometry => ({
  kind: 'polygons',
  polygons: [[Float64Array.from([w, s, e, s, e, n, w, n, w, s])]],
});
const point = (lon: number, lat: number): Geometry => ({ kind: 'points', points: Float64Array.of(lon, lat) });

const unit = (level: number, code: string, countryIso3: string | null, place: Box): AdminUnit => ({
  level,
  code,
  name: code.toLowerCase(),
  countryIso3,
  geometry: box(place),
  source: 'made',
  release: '1',
});

const COUNTRIES = [
  unit(0, 'BBB', 'BBB', [10, 40, 20, 50]),
  unit(0, 'AAA', 'AAA', [0, 40, 10, 50]),
  // An exclave of A beyond B.
  unit(0, 'AAA', 'AAA', [20, 44, 22, 46]),
];
const REGIONS = [unit(1, 'AA-1', 'AAA', [0, 40, 5, 50]), unit(1, 'AA-2', 'AAA', [5, 40, 10, 50])];

/** Rows of one geometry, the facts that matter. */
function rowsOf(units: readonly AdminUnit[], geometry: Geometry, nearestM = 10_000) {
  const rows = [...adminShares(units, [{ siteUid: 's', geometry }], nearestM)];
  return rows.map(({ level, code, share, isBest, method }: AdminRow) => [level, code, share, isBest, method]);
}

describe('administrative units of sites', () => {
  it('share a site that crosses a border; the smaller code wins a tie', () => {
    expect(rowsOf(COUNTRIES, box([9, 45, 11, 46]))).toEqual([
      [0, 'AAA', expect.closeTo(0.5, 12), true, 'area'],
      [0, 'BBB', expect.closeTo(0.5, 12), false, 'area'],
    ]);
    expect(rowsOf(COUNTRIES, box([9, 45, 13, 46]))).toEqual([
      [0, 'BBB', expect.closeTo(0.75, 12), true, 'area'],
      [0, 'AAA', expect.closeTo(0.25, 12), false, 'area'],
    ]);
  });

  it('are one where a country is in several records', () => {
    // 1 degree in A, 10 in B, 2 in the exclave of A.
    expect(rowsOf(COUNTRIES, box([9, 45, 22, 45.5]))).toEqual([
      [0, 'BBB', expect.closeTo(10 / 13, 12), true, 'area'],
      [0, 'AAA', expect.closeTo(3 / 13, 12), false, 'area'],
    ]);
  });

  it('tell what lies at sea, so that shares add up to 1', () => {
    const found = rowsOf(COUNTRIES, box([-1, 45, 3, 46]));
    expect(found).toEqual([
      [0, 'AAA', expect.closeTo(0.75, 12), true, 'area'],
      [0, null, expect.closeTo(0.25, 12), false, 'outside'],
    ]);
    expect(rowsOf(COUNTRIES, box([-40, 45, -39, 46]))).toEqual([[0, null, 1, false, 'outside']]);
    expect(rowsOf(COUNTRIES, point(-40, 45))).toEqual([[0, null, 1, false, 'outside']]);
  });

  it('are the nearest ones of what touches none, within reach, and flagged', () => {
    expect(rowsOf(COUNTRIES, point(-0.05, 45))).toEqual([[0, 'AAA', 1, true, 'nearest']]);
    expect(rowsOf(COUNTRIES, box([-0.06, 45, -0.05, 45.01]))).toEqual([[0, 'AAA', 1, true, 'nearest']]);
    expect(rowsOf(COUNTRIES, point(-0.05, 45), 3000)).toEqual([[0, null, 1, false, 'outside']]);
    const [row] = adminShares(COUNTRIES, [{ siteUid: 's', geometry: point(-0.05, 45) }], 10_000);
    expect(row!.distanceM).toBeGreaterThan(3930);
    expect(row!.distanceM).toBeLessThan(3950);
  });

  it('of points hold them; on a border both do, in equal shares', () => {
    expect(rowsOf(COUNTRIES, point(5.5, 45))).toEqual([[0, 'AAA', 1, true, 'contains']]);
    expect(rowsOf(COUNTRIES, point(10, 45))).toEqual([
      [0, 'AAA', 0.5, true, 'contains'],
      [0, 'BBB', 0.5, false, 'contains'],
    ]);
  });

  it('scale shares where units overlap', () => {
    const disputed = [...COUNTRIES, unit(0, 'CCC', 'CCC', [0, 40, 10, 50])];
    expect(rowsOf(disputed, box([1, 41, 2, 42]))).toEqual([
      [0, 'AAA', expect.closeTo(0.5, 12), true, 'area'],
      [0, 'CCC', expect.closeTo(0.5, 12), false, 'area'],
    ]);
  });

  it('below countries are told where there are any, and the nearest one is of the same country', () => {
    const all = [...COUNTRIES, ...REGIONS];
    expect(rowsOf(all, box([4, 45, 6, 46])).slice(1)).toEqual([
      [1, 'AA-1', expect.closeTo(0.5, 12), true, 'area'],
      [1, 'AA-2', expect.closeTo(0.5, 12), false, 'area'],
    ]);
    expect(rowsOf(all, box([9, 45, 11, 46])).slice(2)).toEqual([
      [1, 'AA-2', expect.closeTo(0.5, 12), true, 'area'],
      [1, null, expect.closeTo(0.5, 12), false, 'outside'],
    ]);
    expect(rowsOf(all, point(10.01, 45))).toEqual([[0, 'BBB', 1, true, 'contains']]);
    expect(rowsOf(all, point(-0.05, 45))[1]).toEqual([1, 'AA-1', 1, true, 'nearest']);
  });
});

describe('the name of a unit', () => {
  const of = (properties: Record<string, string | number>, id: string | null = null) => {
    const unit = unitOf({ properties, id });
    return unit === null ? null : [unit.level, unit.code, unit.countryIso3];
  };

  it('is the ISO code, which Natural Earth has in ISO_A3_EH where ISO_A3 says -99', () => {
    expect(of({ ADM0_A3: 'FRA', ISO_A3: '-99', ISO_A3_EH: 'FRA', NAME: 'France' })).toEqual([0, 'FRA', 'FRA']);
    expect(of({ ADM0_A3: 'NOR', ISO_A3: '-99', ISO_A3_EH: 'NOR', NAME: 'Norway' })).toEqual([0, 'NOR', 'NOR']);
    expect(of({ ADM0_A3: 'SDS', ISO_A3: 'SSD', ISO_A3_EH: 'SSD', NAME: 'S. Sudan' })).toEqual([0, 'SSD', 'SSD']);
    expect(of({ ADM0_A3: 'PSX', ISO_A3: 'PSE', ISO_A3_EH: 'PSE', NAME: 'Palestine' })).toEqual([0, 'PSE', 'PSE']);
    expect(of({ ADM0_A3: 'KOS', ISO_A3: '-99', ISO_A3_EH: '-99', NAME: 'Kosovo' })).toEqual([0, 'XKX', 'XKX']);
    expect(of({ ADM0_A3: 'CYN', ISO_A3: '-99', ISO_A3_EH: '-99', NAME: 'N. Cyprus' })).toEqual([0, 'CYP', 'CYP']);
    expect(of({ ADM0_A3: 'KAS', ISO_A3: '-99', ISO_A3_EH: '-99', NAME: 'Siachen Glacier' })).toEqual([0, 'KAS', null]);
  });

  it('comes from numbers and names of the atlases', () => {
    expect(of({ name: 'Germany' }, '276')).toEqual([0, 'DEU', 'DEU']);
    expect(of({ name: 'Afghanistan' }, '004')).toEqual([0, 'AFG', 'AFG']);
    expect(of({ name: 'Kosovo' })).toEqual([0, 'XKX', 'XKX']);
    expect(of({ name: 'Spratly Is.' })).toEqual([0, 'Spratly Is.', null]);
    expect(of({ name: 'California' }, '06')).toEqual([1, 'US-CA', 'USA']);
    expect(of({ name: 'Puerto Rico' }, '72')).toEqual([1, 'US-PR', 'PRI']);
    expect(of({})).toBeNull();
  });

  it('comes from codes of Overture and of regions', () => {
    expect(of({ subtype: 'country', class: 'land', country: 'DE' })).toEqual([0, 'DEU', 'DEU']);
    expect(of({ subtype: 'country', class: 'maritime', country: 'DE' })).toBeNull();
    expect(of({ subtype: 'dependency', class: 'land', country: 'XK' })).toEqual([0, 'XKX', 'XKX']);
    expect(of({ subtype: 'region', class: 'land', country: 'DE', region: 'DE-BY' })).toEqual([1, 'DE-BY', 'DEU']);
    expect(of({ subtype: 'locality', class: 'land', country: 'DE' })).toBeNull();
    expect(of({ iso_3166_2: 'FR-75', adm0_a3: 'FRA', name: 'Paris' })).toEqual([1, 'FR-75', 'FRA']);
    expect(of({ iso_3166_2: 'MC-X01~', iso_a2: 'MC', adm0_a3: 'MCO', adm1_code: 'MCO+00?' })).toEqual([
      1,
      'MCO+00?',
      'MCO',
    ]);
    expect(of({ iso_3166_2: 'AI-X00', iso_a2: 'AI', name: 'The Valley' })).toEqual([1, 'The Valley', 'AIA']);
    expect(of({ iso_3166_2: 'PS-GZA', iso_a2: 'PS', adm0_a3: 'PSX' })).toEqual([1, 'PS-GZA', 'PSE']);
    expect(of({ iso_3166_2: '', adm1_code: 'KOS-5889', iso_a2: '-99', adm0_a3: 'KOS' })).toEqual([
      1,
      'KOS-5889',
      'XKX',
    ]);
    expect(of({ iso_3166_2: '-99-X06~', adm1_code: 'KAS+00?', iso_a2: 'IN', adm0_a3: 'KAS' })).toEqual([
      1,
      'KAS+00?',
      null,
    ]);
    expect(of({ iso_3166_2: '-99-X04~', adm0_a3: 'CYN', name: 'Northern Cyprus' })).toEqual([
      1,
      'Northern Cyprus',
      'CYP',
    ]);
    expect(of({ iso_3166_2: '-99-X08~', iso_a2: '-1' })).toBeNull();
    expect(of({ iso3: 'AUT', name: 'Austria' })).toEqual([0, 'AUT', 'AUT']);
  });
});
