import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapGrid, type Anchor } from '../../src/grid/snap-grid.js';

describe('G1 snap rule', () => {
  it.each<readonly [min: number, max: number, resolution: number, anchor: Anchor, origin: number, count: number]>([
    [399960, 400060, 10, 'edge', 399960, 10],
    [399960.04, 400060.05, 10, 'edge', 399960, 10],
    [399960.11, 400060.11, 10, 'edge', 399960, 11],
    [399965, 400065, 10, 'edge', 399960, 11],
    [399965, 400065, 10, 'center', 399965, 10],
    [399963, 400061, 10, 'center', 399955, 11],
    [399963, 400061, 10, 'floating', 399963, 10],
    [10, 10, 10, 'edge', 10, 1],
    [-0.3, 0.2, 0.25, 'edge', -0.5, 3],
    [399960, 400060, -10, 'edge', 400060, 10],
    [399965, 400065, -10, 'edge', 400070, 11],
    [399963, 400061, -10, 'floating', 400061, 10],
  ])('%f..%f at %f, %s', (min, max, resolution, anchor, origin, count) => {
    expect(snapGrid(min, max, resolution, anchor)).toEqual({ origin, count });
  });
});

const extents = fc
  .tuple(fc.integer({ min: -5e7, max: 5e7 }), fc.integer({ min: 0, max: 1e6 }))
  .map(([start, length]) => ({ min: start / 7, max: (start + length) / 7 }));
const resolutions = fc.constantFrom(0.25, 1, 10, 30, 100, 463.3127, 1 / 3600);
const anchors = fc.constantFrom<Anchor>('edge', 'center', 'floating');

describe('G2 properties', () => {
  it('covers the request except for a hundredth of a pixel, with no spare pixel', () => {
    fc.assert(
      fc.property(extents, resolutions, anchors, ({ min, max }, resolution, anchor) => {
        const { origin, count } = snapGrid(min, max, resolution, anchor);
        const slack = 0.01 * resolution + 1e-6;
        expect(origin).toBeLessThanOrEqual(min + slack);
        expect(origin + count * resolution).toBeGreaterThanOrEqual(max - slack);
        expect(origin).toBeGreaterThan(min - resolution - 1e-6);
        expect(count).toBeLessThanOrEqual(Math.floor((max - min) / resolution) + 2);
      }),
      { seed: 1 },
    );
  });

  it('requests of one anchor share the lattice exactly', () => {
    fc.assert(
      fc.property(
        extents,
        extents,
        resolutions,
        fc.constantFrom<Anchor>('edge', 'center'),
        (a, b, resolution, anchor) => {
          const offset = anchor === 'center' ? 0.5 : 0;
          const edges = [a, b].map(({ min, max }) => snapGrid(min, max, resolution, anchor).origin);
          for (const edge of edges) expect((Math.round(edge / resolution - offset) + offset) * resolution).toBe(edge);
        },
      ),
      { seed: 2 },
    );
  });

  it('a falling axis has the same pixels as a rising one', () => {
    fc.assert(
      fc.property(
        extents,
        resolutions,
        fc.constantFrom<Anchor>('edge', 'center'),
        ({ min, max }, resolution, anchor) => {
          const up = snapGrid(min, max, resolution, anchor);
          const down = snapGrid(min, max, -resolution, anchor);
          expect(down.count).toBe(up.count);
          expect(down.origin - down.count * resolution).toBeCloseTo(up.origin, 5);
        },
      ),
      { seed: 3 },
    );
  });
});
