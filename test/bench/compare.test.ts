import { describe, expect, it } from 'vitest';
import { agreeNumbers, agreeSamples } from '../../bench/compare.js';
import { median } from '../../bench/median.js';

describe('comparison of results', () => {
  it('counts samples that are near enough', () => {
    const [a, b] = [Uint16Array.of(1, 2, 3, 65_535), Uint16Array.of(1, 3, 5, 0)];
    expect(agreeSamples(a, b, 0)).toBe(0.25);
    expect(agreeSamples(a, b, 1)).toBe(0.5);
  });

  it('counts numbers by their relative distance, and NaN as equal to NaN alone', () => {
    const a = [100, 0, Number.NaN, Number.NaN];
    const b = [100.001, 0, Number.NaN, 1];
    expect(agreeNumbers(a, b, 1e-4)).toBe(0.75);
    expect(agreeNumbers(a, b, 1e-6)).toBe(0.5);
  });

  it('takes the middle, or the mean of the two in the middle', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(median([0, 0])).toBe(0);
  });
});
