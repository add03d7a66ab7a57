import { describe, expect, it } from 'vitest';
import { boxesAround, type SiteExtent } from '../../../src/ingest/stac/site-boxes.js';

function site(xmin: number, ymin: number, xmax: number, ymax: number): SiteExtent {
  return { lon: xmin, lat: ymin, xmin, ymin, xmax, ymax };
}

describe('boxes around sites', () => {
  it('hold the sites of a cell together, and others apart', () => {
    const boxes = boxesAround([site(10, 50, 10.01, 50.01), site(10.1, 50.1, 10.11, 50.11), site(40, 0, 40.1, 0.1)], 0);
    expect(boxes).toHaveLength(2);
    expect(boxes).toContainEqual([10, 50, 10.11, 50.11]);
  });

  it('reach by the buffer across the antimeridian, and around the pole only where it is in reach', () => {
    expect(boxesAround([site(179.98, 0, 179.99, 0.1)], 2000)).toEqual([
      [expect.closeTo(179.962, 3), expect.closeTo(-0.018, 3), expect.closeTo(-179.992, 3), expect.closeTo(0.118, 3)],
    ]);
    expect(boxesAround([site(20, 89.99, 20, 89.99)], 2000)).toEqual([[-180, expect.closeTo(89.972, 3), 180, 90]]);
    const [[west, , east] = []] = boxesAround([site(20, 89.9, 20, 89.9)], 2000);
    expect(east! - west!).toBeLessThan(30);
  });
});
