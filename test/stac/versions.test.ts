import { describe, expect, it } from 'vitest';
import type { StacItem } from '../../src/stac/item.js';
import { parseItem } from '../../src/stac/parse-item.js';
import { latestVersions } from '../../src/stac/versions.js';
import { makeItem } from './make-item.js';

const URL_OF_ITEMS = 'https://example.com/items.json';
const TILE = { 'grid:code': 'MGRS-33TWM', platform: 'sentinel-2a' };

function item(id: string, properties: Readonly<Record<string, unknown>> = {}, fields: object = {}): StacItem {
  return parseItem(makeItem(id, { ...fields, properties: { ...TILE, ...properties } }), URL_OF_ITEMS);
}

/** Ids kept, and ids dropped with the one kept instead; the same for every order. */
function outcome(items: readonly StacItem[]) {
  const [forward, backward] = [latestVersions(items), latestVersions(items.toReversed())].map(({ kept, dropped }) => ({
    kept: kept.map(({ id }) => id).sort(),
    dropped: dropped.map(({ item: { id }, reason }) => `${id}: ${reason}`).sort(),
  }));
  expect(backward).toEqual(forward);
  return forward!;
}

describe('T8 versions of one acquisition', () => {
  it.each([
    ['baseline', { 's2:processing_baseline': '02.14' }, { 's2:processing_baseline': '05.00' }],
    ['sequence', { 's2:sequence': '9' }, { 's2:sequence': '10' }],
    ['version', { version: '1.9.0' }, { version: '1.10.0' }],
    [
      'generation time',
      { 's2:generation_time': '2023-01-01T00:00:00Z' },
      { 's2:generation_time': '2023-01-01T00:00:01Z' },
    ],
    ['creation', { created: '2023-01-01T02:00:00+02:00' }, { created: '2023-01-01T00:00:01Z' }],
    ['update', { updated: '2023-01-01T00:00:00Z' }, { updated: '2024-01-01T00:00:00Z' }],
  ])('T8 the later %s stays', (_name, older, newer) => {
    expect(outcome([item('z', older), item('a', newer)])).toEqual({
      kept: ['a'],
      dropped: ['z: an older version of a'],
    });
  });

  it('T8 a baseline counts more than the time of a copy', () => {
    const old = item('old', { 's2:processing_baseline': '02.14', created: '2024-01-01T00:00:00Z' });
    const current = item('new', { 's2:processing_baseline': '05.00', created: '2023-01-01T00:00:00Z' });
    expect(outcome([old, current]).kept).toEqual(['new']);
  });

  it('T8 the tile is the same however it is written, the datatake without its baseline', () => {
    const take = (baseline: string) => ({ 's2:datatake_id': `GS2A_20230815T095031_042547_N${baseline}` });
    const plain = { 'grid:code': null };
    const items = [
      item('a', { ...take('02.14'), 's2:processing_baseline': '02.14' }),
      item('b', { ...plain, ...take('03.00'), 's2:mgrs_tile': '33TWM', 's2:processing_baseline': '03.00' }),
      item('c', {
        ...plain,
        ...take('05.00'),
        'mgrs:utm_zone': 33,
        'mgrs:latitude_band': 'T',
        'mgrs:grid_square': 'WM',
        's2:processing_baseline': '05.00',
        datetime: '2023-08-15T10:00:03Z',
      }),
    ];
    expect(outcome(items)).toEqual({ kept: ['c'], dropped: ['a: an older version of c', 'b: an older version of c'] });
  });

  it('T8 keeps neighbours, other acquisitions, platforms, products and collections', () => {
    const marks = (sequence: string) => ({ 's2:sequence': sequence });
    const items = [
      item('S2A_33TWM_20230815_0_L2A', marks('0')),
      item('S2A_33TWL_20230815_1_L2A', { ...marks('1'), 'grid:code': 'MGRS-33TWL' }),
      item('S2A_33TWM_20230825_1_L2A', { ...marks('1'), datetime: '2023-08-25T10:00:00Z' }),
      item('S2B_33TWM_20230815_1_L2A', { ...marks('1'), platform: 'sentinel-2b' }),
      item('S2A_33TWM_20230815_1_L1C', marks('1')),
      item('S2A_33TWM_20230815_2_L2A', marks('2'), { collection: 'others' }),
      item('one-band', marks('3'), { assets: { extra: { href: './extra.tif' } } }),
    ];
    expect(outcome(items).dropped).toEqual([]);
  });

  it('T8 two datastrips of a tile are parts, not versions, also when both were made again', () => {
    const part = (second: string, baseline: string, made: string) => ({
      's2:datastrip_id': `S2A_OPER_MSI_L2A_DS_2APS_20240821T001753_S20240820T1752${second}_N${baseline}`,
      's2:processing_baseline': baseline,
      's2:generation_time': made,
    });
    const items = [
      item('west', part('58', '05.11', '2024-08-21T00:17:53Z')),
      item('east', part('11', '05.11', '2024-08-21T00:02:50Z')),
      item('east-old', part('11', '05.11', '2024-08-20T00:02:50Z')),
      item('west-old', part('58', '05.09', '2024-08-20T00:17:53Z')),
    ];
    expect(outcome(items)).toEqual({
      kept: ['east', 'west'],
      dropped: ['east-old: an older version of east', 'west-old: an older version of west'],
    });
  });

  it('T8 where nothing tells the age, and where there is no tile, all stay', () => {
    expect(outcome([item('a'), item('b')]).kept).toEqual(['a', 'b']);
    const free = { 'grid:code': null };
    expect(outcome([item('a', { ...free, version: '1' }), item('b', { ...free, version: '2' })]).kept).toEqual([
      'a',
      'b',
    ]);
  });
});
