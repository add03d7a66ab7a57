import { describe, expect, it } from 'vitest';
import { cubeLayout } from '../../../src/cube/writer/cube-layout.js';
import { describeLayout, layoutDifference } from '../../../src/cube/writer/describe-layout.js';
import { cubeInput } from './sample-cube.js';

const INPUT = cubeInput('int16');
const BEFORE = describeLayout(cubeLayout(INPUT));

/** What is said of a layout that differs from the sample's. */
function changed(fields: Partial<typeof INPUT>): string | null {
  return layoutDifference(BEFORE, describeLayout(cubeLayout({ ...INPUT, ...fields })));
}

describe('the difference of two layouts', () => {
  it('is none of equal ones, whatever JSON did to them', () => {
    expect(changed({})).toBeNull();
    expect(layoutDifference(JSON.parse(JSON.stringify(BEFORE)), BEFORE)).toBeNull();
  });

  it('names only the arrays that are not in both', () => {
    const [first, ...rest] = INPUT.bands;
    const more = { name: 'ndvi', dtype: 'float32', nodata: Number.NaN } as const;
    expect(changed({ bands: [...INPUT.bands, more] })).toBe('arrays: now also ndvi float32 (fill NaN)');
    expect(changed({ bands: [more, ...rest], scales: {} })).toMatch(
      new RegExp(`^arrays: now no ${first!.name} int16 \\(fill -?\\d+\\); also ndvi float32 \\(fill NaN\\)$`),
    );
  });

  it('names storage, and says so where it is nothing of these', () => {
    expect(changed({ codec: { name: 'none' } })).toMatch(/^storage: chunks of \d+, blosc .*; now chunks of \d+, none$/);
    const items = INPUT.items.map(() => ['another']);
    expect(changed({ items })).toBe('other items, time steps or attributes');
  });
});
