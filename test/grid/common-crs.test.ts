import { describe, expect, it } from 'vitest';
import { commonCrs } from '../../src/grid/common-crs.js';

const zones = (...codes: number[]) => codes.map((code) => ({ kind: 'epsg', code }) as const);
const range = (count: number) => Array.from({ length: count }, (_, i) => 32_601 + i);

describe('G4 the CRS of most sources', () => {
  it('G4 is theirs, between equals the first by name, whatever their order', () => {
    expect(commonCrs([])).toBe(null);
    expect(commonCrs(zones(32_633, 32_632, 32_632))).toEqual({ kind: 'epsg', code: 32_632 });
    expect(commonCrs(zones(32_633, 32_632))).toEqual(commonCrs(zones(32_632, 32_633)));
    expect(commonCrs(zones(...range(9)))).toEqual({ kind: 'epsg', code: 32_601 });
  });

  it('G4 is an error with counts where no more than a tenth share one', () => {
    expect(() => commonCrs(zones(...range(10)))).toThrow(
      /grid\.crs: .* 10 sources: EPSG:32601: 1; EPSG:32602: 1; .*; and 2 more \(set grid\.crs\)/,
    );
    expect(commonCrs(zones(...range(10), 32_605))).toEqual({ kind: 'epsg', code: 32_605 });
  });
});
