import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planCube, type PlannedCube } from '../../src/build/plan-cube.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { temporaryFolder } from '../lake/temporary.js';

const folder = temporaryFolder();

/** Items `first` and `second` of the same 72 hours of irradiance, in files of their own. */
beforeAll(async () => {
  await makeSample(folder, { size: 64, labels: 1 });
  const item = JSON.parse(readFileSync(join(folder, 'irradiance.json'), 'utf8')) as object;
  for (const id of ['first', 'second']) {
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ ...item, id }));
  }
});

function plan(...sources: readonly (readonly [file: string, datetime?: string])[]): Promise<PlannedCube> {
  const source = sources.map(([file, datetime]) => ({ stac: `./${file}.json`, ...(datetime && { datetime }) }));
  return planCube({ spec: { name: 'hours', source, bands: ['ghi'], time: { groupby: 'time' } }, folder });
}

/** Hours since the first day's midnight, of the time steps that an item is in. */
function hoursOf({ times }: PlannedCube, id: string): number[] {
  return times
    .filter(({ items }) => items.includes(id))
    .map(({ time }) => (Date.parse(time) - Date.parse('2024-06-06T00:00:00Z')) / 3_600_000);
}

describe('several sources with intervals of their own', () => {
  it('an item has the time steps that its own source asks for, not those of another', async () => {
    const planned = await plan(
      ['first', '2024-06-06T00:00:00Z/2024-06-06T02:00:00Z'],
      ['second', '2024-06-07T10:00:00Z/2024-06-07T12:00:00Z'],
    );
    expect(hoursOf(planned, 'first')).toEqual([0.5, 1.5]);
    expect(hoursOf(planned, 'second')).toEqual([34.5, 35.5]);
    expect(planned.times).toHaveLength(4);
  });

  it('a source without an interval gives all steps, and narrows no other', async () => {
    const planned = await plan(['first'], ['second', '2024-06-07T10:00:00Z/2024-06-07T12:00:00Z']);
    expect(hoursOf(planned, 'first')).toHaveLength(72);
    expect(hoursOf(planned, 'second')).toEqual([34.5, 35.5]);
  });

  it('an item that two sources give counts once, with the time from the first to the last', async () => {
    const planned = await plan(
      ['first', '2024-06-06T00:00:00Z/2024-06-06T02:00:00Z'],
      ['first', '2024-06-06T03:00:00Z/2024-06-06T05:00:00Z'],
    );
    expect(planned.items).toBe(1);
    expect(hoursOf(planned, 'first')).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
    for (const { items } of planned.times) expect(items).toEqual(['first']);
  });
});
