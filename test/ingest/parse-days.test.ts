import { describe, expect, it } from 'vitest';
import { formatDay, parseDays } from '../../src/ingest/parse-days.js';

function read(text: string): [string | null, string | null] | null {
  const days = parseDays(text);
  const format = (day: number | null) => (day === null ? null : formatDay(day));
  return days === null ? null : [format(days.start), format(days.end)];
}

describe('days that a text names', () => {
  it.each([
    ['2016', '2016-01-01', '2016-12-31'],
    ['2016.0', '2016-01-01', '2016-12-31'],
    ['2017Q4', '2017-10-01', '2017-12-31'],
    ['2024-Q2', '2024-04-01', '2024-06-30'],
    ['2016-02', '2016-02-01', '2016-02-29'],
    ['201606', '2016-06-01', '2016-06-30'],
    ['2016-06-30', '2016-06-30', '2016-06-30'],
    ['20220310', '2022-03-10', '2022-03-10'],
    ['2016-06-30T23:59:59Z', '2016-06-30', '2016-06-30'],
    ['2016-06,2017-01', '2016-06-01', '2017-01-31'],
    ['2016/2018', '2016-01-01', '2018-12-31'],
    ['2016/06/30', '2016-06-30', '2016-06-30'], // three parts of an interval before
    ['2016/06/30 12:00:00', '2016-06-30', '2016-06-30'],
    ['2016/06/30 to 2017/01/31', '2016-06-30', '2017-01-31'],
    ['2016/06/30/2017/01/31', '2016-06-30', '2017-01-31'],
  ])('%s', (text, start, end) => expect(read(text)).toEqual([start, end]));

  it('are open where the source says before or after', () => {
    expect(read('<2016-06')).toEqual([null, '2016-06-30']);
    expect(read('> 2016-06')).toEqual(['2016-06-01', null]);
    expect(read('<2016-06, 2017-01')).toEqual([null, '2017-01-31']);
  });

  it.each([
    '',
    'soon',
    '2016-13',
    '2016-02-30',
    '1492',
    '16',
    '2018/2016',
    '1,2,3',
    '06/30/2016',
    '2016/02/30',
    '2016/06',
    '2016-06-',
    '-9999',
    '99999999',
  ])('none in "%s"', (text) => expect(read(text)).toBeNull());
});
