import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Polygoniser, type Region } from '../../../src/vector/images/polygonise.js';
import { doubleSignedArea } from '../../../src/vector/ring-maths.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { seeded } from '../mutate.js';

type Mask = { readonly width: number; readonly height: number; readonly data: Uint8Array };

function polygonise({ width, height, data }: Mask): Region[] {
  const polygoniser = new Polygoniser('mask');
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const value = data[row * width + col]!;
      if (value !== 0) polygoniser.addRun(row, col, col + 1, value);
    }
  }
  return polygoniser.finish();
}

/** Even-odd rule at pixel centres: what the rings say is inside, painted. */
function paint(regions: readonly Region[], { width, height }: Mask): Uint8Array {
  const data = new Uint8Array(width * height);
  for (const { value, rings } of regions) {
    for (let row = 0; row < height; row++) {
      const crossings: number[] = [];
      for (const ring of rings) {
        for (let i = 0; i + 3 < ring.length; i += 2) {
          const [y0, y1] = [ring[i + 1]!, ring[i + 3]!];
          if (y0 > row + 0.5 !== y1 > row + 0.5) crossings.push(ring[i]!);
        }
      }
      crossings.sort((a, b) => a - b);
      for (let k = 0; k < crossings.length; k += 2) {
        for (let col = crossings[k]!; col < crossings[k + 1]!; col++) {
          expect(data[row * width + col]).toBe(0);
          data[row * width + col] = value;
        }
      }
    }
  }
  return data;
}

/** By flood fill: how many regions there are. */
function countRegions({ width, height, data }: Mask): number {
  const seen = new Uint8Array(data.length);
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || seen[start] === 1) continue;
    count++;
    const stack = [start];
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (seen[at] === 1) continue;
      seen[at] = 1;
      const [col, row] = [at % width, Math.floor(at / width)];
      const near = [
        col > 0 ? at - 1 : -1,
        col < width - 1 ? at + 1 : -1,
        row > 0 ? at - width : -1,
        row < height - 1 ? at + width : -1,
      ];
      for (const one of near) if (one >= 0 && data[one] === data[at]) stack.push(one);
    }
  }
  return count;
}

const masks: fc.Arbitrary<Mask> = fc
  .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 3 }))
  .chain(([width, height, most]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      data: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: most }),
    }),
  );

function maskOf(...rows: readonly string[]): Mask {
  const data = Uint8Array.from(rows.join('').replaceAll('.', '0'), Number);
  return { width: rows[0]!.length, height: rows.length, data };
}

const ringsOf = (mask: Mask) => polygonise(mask).map(({ rings }) => rings.map((ring) => [...ring]));

describe('polygonise', () => {
  it('gives the corners of one pixel', () => {
    expect(polygonise(maskOf('...', '.2.'))).toEqual([
      { value: 2, pixels: 1, rings: [Float64Array.of(1, 1, 2, 1, 2, 2, 1, 2, 1, 1)] },
    ]);
  });

  it('keeps pixels apart that touch at a corner only', () => {
    expect(ringsOf(maskOf('1.', '.1'))).toHaveLength(2);
  });

  it('makes a hole of what a region encloses, though a corner of it lies open', () => {
    const [rings, ...others] = ringsOf(maskOf('111', '1.1', '11.'));
    expect(others).toEqual([]);
    expect(rings).toEqual([
      [0, 0, 3, 0, 3, 2, 2, 2, 2, 3, 0, 3, 0, 0],
      [1, 2, 2, 2, 2, 1, 1, 1, 1, 2],
    ]);
  });

  it('is as large as what it was made of, pixel for pixel', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const regions = polygonise(mask);
        expect(paint(regions, mask)).toEqual(mask.data);
        expect(regions).toHaveLength(countRegions(mask));
        for (const { rings, pixels } of regions) {
          const area = rings.reduce((sum, ring) => sum + doubleSignedArea(ring) / 2, 0);
          expect(area).toBe(pixels);
          for (const [i, ring] of rings.entries()) expect(Math.sign(doubleSignedArea(ring))).toBe(i === 0 ? 1 : -1);
        }
      }),
      { seed: 6, numRuns: 400 },
    );
  });

  it('joins runs that are given in pieces, and takes rows without any', () => {
    const polygoniser = new Polygoniser('mask');
    polygoniser.addRun(5, 2, 3, 1);
    polygoniser.addRun(5, 3, 9, 1);
    polygoniser.addRun(7, 2, 3, 1);
    expect(polygoniser.finish().map(({ pixels }) => pixels)).toEqual([7, 1]);
    expect(new Polygoniser('mask').finish()).toEqual([]);
  });

  it('refuses a mask that is noise before it takes the memory', () => {
    const polygoniser = new Polygoniser('noise.tif', 1000);
    const fill = () => {
      for (let row = 0; ; row++) polygoniser.addRun(row, 0, 1, 1);
    };
    expect(fill).toThrow('unsupported: noise.tif: a mask of more than 1000 runs of pixels');
  });

  it('refuses more regions than rows are worth before it traces them', () => {
    const polygoniser = new Polygoniser('dust.tif');
    for (let i = 0; i < 2 ** 19 + 1; i++)
      polygoniser.addRun(2 * Math.floor(i / 4096), 2 * (i % 4096), 2 * (i % 4096) + 1, 1);
    expect(() => polygoniser.finish()).toThrow('unsupported: dust.tif: a mask of more than 524288 regions');
  });

  it.skipIf(pythonWithOracles() === null)('gives the regions of rasterio.features.shapes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heliocube-masks-'));
    try {
      const random = seeded(11);
      const cases = Array.from({ length: 60 }, (_, i) => {
        const [width, height] = [1 + Math.floor(random() * 60), 1 + Math.floor(random() * 60)];
        const [density, values] = [random(), 1 + Math.floor(random() * 3)];
        const data = new Uint8Array(width * height);
        for (let k = 0; k < data.length; k++) {
          // Half of the masks are blobs rather than noise: a pixel is mostly what its neighbour is.
          if (i % 2 === 0 && k > width && random() < 0.8) data[k] = data[random() < 0.5 ? k - 1 : k - width]!;
          else data[k] = random() < density ? 1 + Math.floor(random() * values) : 0;
        }
        return { width, height, data };
      });
      const input = join(folder, 'masks.json');
      const plain = cases.map((mask) => ({
        ...mask,
        data: [...mask.data],
        regions: polygonise(mask).map(({ value, rings }) => ({ value, rings: rings.map((ring) => [...ring]) })),
      }));
      writeFileSync(input, JSON.stringify(plain));
      const script = fileURLToPath(new URL('polygonise_check.py', import.meta.url));
      const answer = (await runPython(script, [input])) as { masks: number; regions: number; faults: string[] };
      expect(answer.faults).toEqual([]);
      expect(answer.masks).toBe(60);
      expect(answer.regions).toBeGreaterThan(1000);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
