import { expect, it } from 'vitest';
import { mergeCollection, unusable, type RawGeometry } from '../../src/vector/raw-geometry.js';

const SQUARE: RawGeometry = { kind: 'polygons', polygons: [[Float64Array.of(0, 0, 1, 0, 1, 1, 0, 0)]] };
const POINT: RawGeometry = { kind: 'points', points: Float64Array.of(1, 2) };

it('a collection tells where points and lines beside its polygons are left out, also of collections in it', () => {
  const line = unusable('LineString has no area');
  for (const members of [
    [SQUARE, POINT],
    [line, SQUARE],
    [mergeCollection([SQUARE, POINT]), SQUARE],
  ]) {
    expect(mergeCollection(members)).toMatchObject({ kind: 'polygons', isPart: true });
  }
  for (const members of [[SQUARE], [SQUARE, SQUARE], [SQUARE, unusable('empty geometry')]]) {
    expect(mergeCollection(members)).not.toHaveProperty('isPart');
  }
  expect(mergeCollection([POINT, line])).toEqual(unusable('a geometry collection without polygons'));
});
