import { cellToBoundary, cellToLatLng, gridDisk, latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { h3Cell, h3Cover } from '../../src/vector/h3-cover.js';
import type { Geometry, Label } from '../../src/vector/label.js';
import { buildLabelIndex } from '../../src/vector/label-index.js';
import { boundsOf, locateInPolygon } from '../../src/vector/ring-maths.js';
import { formatWkb } from '../../src/vector/wkb.js';
import { seeded } from './mutate.js';

function labelOf(labelId: number, geometry: Geometry, resolution: number): Label {
  const arrays = geometry.kind === 'points' ? [geometry.points] : geometry.polygons.map(([outer]) => outer!);
  const [lon, lat] = [arrays[0]![0]!, arrays[0]![1]!];
  const ids = { labelId, featureUid: String(labelId), dataset: 'test', properties: {} };
  const cells = { h3Cells: h3Cover(geometry, resolution), h3R15: h3Cell(lon, lat, 15) };
  return { ...ids, wkb: formatWkb(geometry), geometry, ...boundsOf(...arrays), areaGeodM2: 1, ...cells, lon, lat };
}

function scattered(count: number, resolution: number, random: () => number): Label[] {
  return Array.from({ length: count }, (_, i) => {
    const [lon, lat] = [10 + 2 * random(), 48 + 2 * random()];
    if (i % 5 === 0) return labelOf(i + 1, { kind: 'points', points: Float64Array.of(lon, lat) }, resolution);
    const size = 10 ** (-4 + 2.5 * random());
    const ring = Float64Array.of(lon, lat, lon + size, lat, lon + size / 2, lat + size, lon, lat);
    return labelOf(i + 1, { kind: 'polygons', polygons: [[ring]] }, resolution);
  });
}

/** Points of a label: vertices, points along its edges and inside. */
function samplesOf({ geometry }: Label, random: () => number): [number, number][] {
  if (geometry.kind === 'points') return [[geometry.points[0]!, geometry.points[1]!]];
  const ring = geometry.polygons[0]![0]!;
  const samples: [number, number][] = [];
  for (let i = 0; i < 40; i++) {
    const weights = [random(), random(), i % 2 === 0 ? 0 : random()];
    const sum = weights.reduce((a, b) => a + b, 0);
    const at = (axis: number) => weights.reduce((total, w, k) => total + (w / sum) * ring[2 * k + axis]!, 0);
    samples.push([at(0), at(1)]);
  }
  return samples;
}

describe('label index', () => {
  it('never misses a label in a box (seed 21)', () => {
    const random = seeded(21);
    const labels = scattered(500, 8, random);
    const index = buildLabelIndex(labels);
    for (let i = 0; i < 200; i++) {
      const [xmin, ymin] = [9.9 + 2.2 * random(), 47.9 + 2.2 * random()];
      const box = { xmin, ymin, xmax: xmin + 0.2 * random(), ymax: ymin + 0.2 * random() };
      const expected = labels.filter(
        (label) => label.xmin <= box.xmax && label.xmax >= box.xmin && label.ymin <= box.ymax && label.ymax >= box.ymin,
      );
      expect(index.inBox(box)).toEqual(expected.map(({ labelId }) => labelId));
    }
  });

  it.each([5, 6, 7, 8, 9, 10])(
    'never misses a label in cells of resolution %i, covers at 8 (seed 22)',
    (resolution) => {
      const random = seeded(22);
      const labels = scattered(300, 8, random);
      const index = buildLabelIndex(labels);
      for (const label of labels) {
        for (const [lon, lat] of samplesOf(label, random)) {
          // The cell that holds a point of the label meets the label: the label must be found.
          const cell = BigInt(`0x${latLngToCell(lat, lon, resolution)}`);
          expect(index.inCells([cell])).toContain(label.labelId);
        }
      }
    },
  );

  it('finds by cells of other resolutions what truly lies in them (seed 23)', () => {
    const random = seeded(23);
    const labels = scattered(300, 9, random);
    const index = buildLabelIndex(labels);
    for (let i = 0; i < 60; i++) {
      const resolution = 4 + Math.floor(random() * 7);
      const cell = latLngToCell(48 + 2 * random(), 10 + 2 * random(), resolution);
      const boundary = Float64Array.from(cellToBoundary(cell, true).flat());
      const inside = labels.filter((label) =>
        samplesOf(label, random).some(([lon, lat]) => locateInPolygon([boundary], lon, lat) === 1),
      );
      expect(index.inCells([BigInt(`0x${cell}`)])).toEqual(
        expect.arrayContaining(inside.map(({ labelId }) => labelId)),
      );
    }
  });

  it('does not answer with everything', () => {
    const labels = scattered(500, 8, seeded(24));
    const index = buildLabelIndex(labels);
    const far = gridDisk(latLngToCell(-30, 100, 8), 2).map((cell) => BigInt(`0x${cell}`));
    expect(index.inCells(far)).toEqual([]);
    const [lat, lon] = cellToLatLng(latLngToCell(49, 11, 8));
    expect(index.inCells([h3Cell(lon, lat, 8)]).length).toBeLessThan(50);
  });

  it('searches across the antimeridian, and a label cut there has no box around the globe', () => {
    const west = Float64Array.of(179.9, 10, 180, 10, 180, 11, 179.9, 11, 179.9, 10);
    const east = Float64Array.of(-180, 10, -179.9, 10, -179.9, 11, -180, 11, -180, 10);
    const index = buildLabelIndex([labelOf(4, { kind: 'polygons', polygons: [[west], [east]] }, 5)]);
    expect(index.inBox({ xmin: 179.95, ymin: 10, xmax: -179.99, ymax: 10.1 })).toEqual([4]);
    expect(index.inBox({ xmin: -10, ymin: 10, xmax: 10, ymax: 11 })).toEqual([]);
  });

  it('answers for no labels at all', () => {
    const index = buildLabelIndex([]);
    expect(index.inBox({ xmin: -180, ymin: -90, xmax: 180, ymax: 90 })).toEqual([]);
    expect(index.inCells([h3Cell(0, 0, 5)])).toEqual([]);
  });
});
