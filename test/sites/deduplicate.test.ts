import { describe, expect, it } from 'vitest';
import { deduplicate } from '../../src/sites/deduplicate.js';
import type { SiteFeature } from '../../src/sites/site-feature.js';
import type { Geometry } from '../../src/vector/label.js';
import { seeded } from '../vector/mutate.js';
import { box, feature, point, polygon, star, textOf } from './shapes.js';

const METRE = 1 / 111_320;

/** Sites as sorted lists of uids. */
function sitesOf(features: readonly SiteFeature[]): string[][] {
  const sites = new Map<string, string[]>();
  for (const { featureUid, siteUid } of deduplicate(features).members) {
    sites.set(siteUid, [...(sites.get(siteUid) ?? []), featureUid].sort());
  }
  return [...sites.values()].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
}

function square(x: number, y: number, sideM: number): Geometry {
  const half = (sideM * METRE) / 2;
  return { kind: 'polygons', polygons: [box(x - half, y - half, x + half, y + half)] };
}

describe('deduplicate', () => {
  it('merges copies, shifted and shrunk ones, parts and points, and tells how', () => {
    const features = [
      feature('copy', square(0, 0, 100), { dataset: 'b', priority: 2 }),
      feature('gate', point(0.0005, 0.0014), { dataset: 'c', priority: 3, capacityMw: 5 }),
      feature('part', square(0.0002, 0.0002, 20), { dataset: 'b', priority: 2 }),
      feature('shifted', square(20 * METRE, 0, 100), { dataset: 'c', priority: 3 }),
      feature('site', square(0, 0, 100)),
    ];
    const { members, pairs } = deduplicate(features);
    const relation = Object.fromEntries(members.map((member) => [member.featureUid, member.relation]));
    expect(new Set(members.map(({ siteUid }) => siteUid))).toEqual(new Set(['site']));
    expect(relation).toEqual({ copy: 'exact', gate: 'point_in', part: 'part_of', shifted: 'same', site: 'canonical' });
    const shifted = members.find(({ featureUid }) => featureUid === 'shifted')!;
    expect(shifted.iou).toBeCloseTo(80 / 120, 6);
    expect(shifted.iomin).toBeCloseTo(0.8, 6);
    expect(pairs.every(({ merged }) => merged)).toBe(true);
  });

  it('keeps neighbours apart, as one group', () => {
    const features = [
      feature('a', square(0, 0, 100)),
      feature('b', square(110 * METRE, 0, 100)),
      feature('far', square(240 * METRE, 0, 100)),
      feature('roof-1', square(0.1, 0, 10), { setting: 'rooftop' }),
      feature('roof-2', square(0.1 + 15 * METRE, 0, 10), { setting: 'rooftop' }),
    ];
    const { members, pairs, groups } = deduplicate(features);
    expect(members.every(({ relation }) => relation === 'canonical')).toBe(true);
    expect(pairs.map(({ aUid, bUid, class: kind }) => [aUid, bUid, kind])).toEqual([['a', 'b', 'adjacent']]);
    expect(pairs[0]!.gapM).toBeCloseTo(10, 1);
    expect(Object.fromEntries(groups)).toEqual({ a: 'a', b: 'a', far: 'far', 'roof-1': 'roof-1', 'roof-2': 'roof-2' });
  });

  it('takes what was rebuilt in one place for two installations', () => {
    const days = (start: number | null, end: number | null) => ({ installed: { start, end } });
    const at = square(0, 0, 100);
    expect(sitesOf([feature('new', at, days(18_000, 18_100)), feature('old', at, days(null, 15_000))])).toEqual([
      ['new'],
      ['old'],
    ]);
    // Intervals that share a day, or of which one is not known, say nothing.
    expect(sitesOf([feature('a', at, days(null, 18_000)), feature('b', at, days(17_000, null))])).toHaveLength(1);
    const { pairs } = deduplicate([feature('new', at, days(18_000, 18_100)), feature('old', at, days(null, 15_000))]);
    expect(pairs[0]).toMatchObject({ class: 'repowered', merged: false, iou: 1 });
  });

  it('keeps what was rebuilt apart where a third without dates is one with both: that goes with the better one', () => {
    const days = (start: number | null, end: number | null) => ({ installed: { start, end } });
    const at = square(0, 0, 100);
    const old = feature('old', at, { ...days(null, 15_000), priority: 2 });
    const rebuilt = feature('rebuilt', at, { ...days(18_000, 18_100), priority: 1 });
    const map = feature('map', at, { dataset: 'osm', priority: 3 });
    const panels = feature('panels', square(0, 0, 40), { dataset: 'osm', priority: 4 });
    for (const features of [
      [old, rebuilt, map, panels],
      [panels, map, old, rebuilt],
    ]) {
      expect(sitesOf(features)).toEqual([['map', 'panels', 'rebuilt'], ['old']]);
      const { pairs, splitChains } = deduplicate(features);
      expect(pairs.filter((pair) => pair.merged && pair.class === 'repowered')).toEqual([]);
      expect(splitChains).toBe(0);
    }
    // What is linked to neither of them but by the third stays with it; what is left of a site without its best is a site still.
    const beside = feature('beside', square(60 * METRE, 0, 100), { dataset: 'osm', priority: 5 });
    const wide = feature('wide', square(30 * METRE, 0, 160), { dataset: 'b', priority: 4 });
    expect(sitesOf([old, rebuilt, wide, beside])).toEqual([['beside', 'rebuilt', 'wide'], ['old']]);
    const twin = feature('twin', at, { ...days(null, 14_000), dataset: 'b', priority: 5 });
    expect(sitesOf([old, rebuilt, map, twin])).toEqual([
      ['map', 'rebuilt'],
      ['old', 'twin'],
    ]);
  });

  it('gives a point to the polygon of its time where one was rebuilt', () => {
    const days = (start: number | null, end: number | null) => ({ installed: { start, end } });
    const features = [
      feature('old', square(0, 0, 100), days(null, 15_000)),
      feature('rebuilt', square(0, 0, 90), days(18_000, 18_100)),
      feature('register', point(0, 0), { dataset: 'c', ...days(14_000, 14_000) }),
    ];
    expect(sitesOf(features)).toEqual([['old', 'register'], ['rebuilt']]);
  });

  it('gives a point to one polygon only: the one around it, the smaller one, else the nearest', () => {
    const roof = { setting: 'rooftop' as const };
    const features = [
      feature('house-1', square(0, 0, 10), roof),
      feature('house-2', square(20 * METRE, 0, 10), roof),
      feature('yard', square(10 * METRE, 0, 60), { ...roof, dataset: 'b' }),
      feature('p-in', point(20 * METRE, 0), { ...roof, dataset: 'c' }),
      feature('q-near', point(0, 40 * METRE), { ...roof, dataset: 'c' }),
      feature('r-far', point(0, 90 * METRE), { ...roof, dataset: 'c' }),
    ];
    const hosts = deduplicate(features).pairs.filter((pair) => pair.class === 'point_in');
    expect(hosts.map(({ aUid, bUid }) => [aUid, bUid])).toEqual([
      ['house-2', 'p-in'],
      ['q-near', 'yard'],
    ]);
  });

  it('does not take points of one table for one another where anything tells them apart', () => {
    const facts = { capacityMw: 0.004, setting: 'rooftop' as const };
    const street = [feature('a', point(1, 1), facts), feature('b', point(1, 1), { ...facts, capacityMw: 0.005 })];
    expect(sitesOf(street)).toEqual([['a'], ['b']]);
    expect(sitesOf([feature('a', point(1, 1), facts), feature('b', point(1, 1), facts)])).toEqual([['a', 'b']]);
    expect(sitesOf([feature('a', point(1, 1)), feature('b', point(1, 1), { dataset: 'b', capacityMw: 2 })])).toEqual([
      ['a', 'b'],
    ]);
  });

  it('splits a chain of neighbours that overlap by half each', () => {
    const chain = Array.from({ length: 12 }, (_, i) =>
      feature(`f${String(i).padStart(2, '0')}`, square(i * 30 * METRE, 0, 100)),
    );
    const { members, splitChains } = deduplicate(chain);
    expect(splitChains).toBe(1);
    const sites = new Set(members.map(({ siteUid }) => siteUid));
    expect(sites.size).toBeGreaterThan(2);
    expect(members).toHaveLength(12);
    // A boundary with panels in it is as wide as its widest member, however many they are.
    const panels = Array.from({ length: 12 }, (_, i) => feature(`p${i}`, square((i - 6) * 30 * METRE, 0, 20)));
    expect(sitesOf([feature('site', square(-15 * METRE, 0, 400)), ...panels])).toHaveLength(1);
  });

  it('chooses the geometry by priority, then the newer one, then the smaller uid', () => {
    const at = square(0, 0, 50);
    const site = (...features: SiteFeature[]) => deduplicate(features).members[0]!.siteUid;
    expect(site(feature('a', at, { priority: 2 }), feature('b', at, { priority: 1 }))).toBe('b');
    expect(site(feature('a', at, { observedDay: 10 }), feature('b', at, { observedDay: 20 }))).toBe('b');
    expect(site(feature('a', at), feature('b', at, { observedDay: 20 }))).toBe('b');
    expect(site(feature('b', at), feature('a', at))).toBe('a');
  });

  it('refuses a uid that occurs twice', () => {
    expect(() => deduplicate([feature('a', point(0, 0)), feature('a', point(1, 1))])).toThrow(/occurs twice/);
  });

  it('is the same for 100 orders of the features', () => {
    const random = seeded(11);
    const features = town(random, 0, 50);
    const expected = textOf(deduplicate(features));
    for (let i = 0; i < 100; i++) {
      const order = features.map((one) => ({ one, key: random() })).sort((a, b) => a.key - b.key);
      expect(textOf(deduplicate(order.map(({ one }) => one)))).toBe(expected);
    }
  });

  it('never makes one site of what stood in one place one after the other, in any order (seeded)', () => {
    const random = seeded(13);
    const features = town(random, 0, 60).map((one, i) => {
      const start = Math.floor(random() * 3) * 5000;
      const installed = i % 3 === 0 ? { start: null, end: null } : { start, end: start + 1000 };
      return { ...one, installed, priority: 1 + (i % 3) };
    });
    const expected = deduplicate(features);
    const later = expected.pairs.filter((pair) => pair.class === 'repowered');
    expect(later.length).toBeGreaterThan(20);
    expect(later.filter(({ merged }) => merged)).toEqual([]);
    for (let i = 0; i < 20; i++) {
      const order = features.map((one) => ({ one, key: random() })).sort((a, b) => a.key - b.key);
      expect(textOf(deduplicate(order.map(({ one }) => one)))).toBe(textOf(expected));
    }
  });

  it('is the same wherever the features are: across the antimeridian and cells of H3', () => {
    // Shifts are whole powers of two of a degree, so that vertices keep their digits up to rounding of the sums.
    const expected = sitesOf(town(seeded(12), 8, 10));
    for (const lon of [-180, 179.998, 64.25]) {
      const moved = town(seeded(12), 8, 10).map((one) => ({ ...one, geometry: shifted(one.geometry, lon - 8) }));
      expect(sitesOf(moved)).toEqual(expected);
    }
  });

  it('is idempotent: sites by themselves are merged no more', () => {
    const features = town(seeded(13), 0, 50);
    const canonical = new Set(deduplicate(features).members.map(({ siteUid }) => siteUid));
    const again = deduplicate(features.filter(({ featureUid }) => canonical.has(featureUid)));
    const merged = again.members.filter(({ relation }) => relation !== 'canonical');
    // What two sites share by way of a member that is gone is not theirs.
    expect(merged).toEqual([]);
  });

  it('misses no pair that all pairs would find', () => {
    const features = town(seeded(14), 20, -35);
    const found = new Set(deduplicate(features).pairs.map(({ aUid, bUid }) => `${aUid} ${bUid}`));
    for (const [i, a] of features.entries()) {
      for (const b of features.slice(i + 1)) {
        const [alone] = deduplicate([a, b]).pairs;
        if (alone === undefined || alone.class === 'point_in') continue;
        expect(found.has(`${alone.aUid} ${alone.bUid}`)).toBe(true);
      }
    }
  });
});

/** Some two hundred features of three data sets around a place. */
function town(random: () => number, lon: number, lat: number): SiteFeature[] {
  const features: SiteFeature[] = [];
  const add = (geometry: Geometry, dataset: string, priority: number) =>
    features.push(feature(`${dataset}${features.length}`, geometry, { dataset, priority }));
  for (let i = 0; i < 60; i++) {
    const [x, y] = [lon + random() * 0.02, lat + random() * 0.02];
    const radiusM = 20 + 150 * random();
    const ring = star(random, x, y, { radiusM, vertices: 4 + Math.floor(random() * 12) });
    add(polygon(ring), 'a', 1);
    if (random() < 0.7) add(polygon(ring.map((value, k) => value + (k % 2 === 0 ? 5 * METRE * random() : 0))), 'b', 2);
    if (random() < 0.5) add(polygon(star(random, x, y, { radiusM: radiusM / 3, vertices: 5 })), 'b', 2);
    if (random() < 0.5) add(point(x, y), 'c', 3);
  }
  return features;
}

function shifted(geometry: Geometry, degrees: number): Geometry {
  if (geometry.kind === 'points') {
    const lon = geometry.points[0]! + degrees;
    return { kind: 'points', points: Float64Array.of(lon > 180 ? lon - 360 : lon, geometry.points[1]!) };
  }
  const rings = geometry.polygons[0]!.map((ring) => ring.map((value, i) => (i % 2 === 0 ? value + degrees : value)));
  return { kind: 'polygons', polygons: cutAt180(rings[0]!) };
}

/** A ring cut at 180 degrees by the box clipper's rule; parts beyond are moved by a turn. */
function cutAt180(ring: Float64Array): Float64Array[][] {
  const side = (sign: 1 | -1): number[] => {
    const kept: number[] = [];
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [from, to] = [sign * (180 - ring[i]!), sign * (180 - ring[i + 2]!)];
      if (from >= 0) kept.push(ring[i]!, ring[i + 1]!);
      if (from >= 0 !== to >= 0) kept.push(180, ring[i + 1]! + (from / (from - to)) * (ring[i + 3]! - ring[i + 1]!));
    }
    return kept.length === 0 ? kept : [...kept, kept[0]!, kept[1]!];
  };
  const [west, east] = [side(1), side(-1)];
  return [west, east.map((value, i) => (i % 2 === 0 ? value - 360 : value))]
    .filter((part) => part.length >= 8)
    .map((part) => [Float64Array.from(part)]);
}
