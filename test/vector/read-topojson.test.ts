import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { unwrapPolygon } from '../../src/vector/antimeridian.js';
import { isTopology, parseTopoJson } from '../../src/vector/read-topojson.js';

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const read = (json: unknown, layer?: string) => parseTopoJson(bytesOf(json), { path: 't.topojson', layer });
const atlas = readFileSync(createRequire(import.meta.url).resolve('world-atlas/countries-110m.json'));

/** Two squares that share an edge: the arc between them is used forwards and backwards. */
const SQUARES = {
  type: 'Topology',
  objects: {
    squares: {
      type: 'GeometryCollection',
      geometries: [
        { type: 'Polygon', id: 7, properties: { name: 'left' }, arcs: [[0, 1]] },
        { type: 'MultiPolygon', arcs: [[[2, -1]]] },
        { type: null },
        { type: 'Polygon', arcs: [[9]] },
        { type: 'LineString', arcs: [0] },
      ],
    },
  },
  arcs: [
    [[10, 0], [10, 10]],
    [[10, 10], [0, 10], [0, 0], [10, 0]],
    [[10, 0], [20, 0], [20, 10], [10, 10]],
  ],
} as const; // prettier-ignore

describe('TopoJSON', () => {
  it('stitches arcs, forwards and backwards, and says what is no polygon', () => {
    const { records } = read(SQUARES);
    expect(records.map(({ geometry }) => geometry)).toEqual([
      { kind: 'polygons', polygons: [[Float64Array.from([10, 0, 10, 10, 0, 10, 0, 0, 10, 0])]] },
      { kind: 'polygons', polygons: [[Float64Array.from([10, 0, 20, 0, 20, 10, 10, 10, 10, 0])]] },
      { kind: 'unusable', reason: 'no geometry' },
      { kind: 'unusable', reason: 'a ring of arcs that are not there' },
      { kind: 'unusable', reason: '"LineString" is no polygon' },
    ]);
    expect(records[0]).toMatchObject({ record: 1, id: '7', properties: { name: 'left' } });
  });

  it('undoes quantisation', () => {
    const quantised = {
      ...SQUARES,
      transform: { scale: [0.5, 0.25], translate: [100, 1] },
      arcs: [[[10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10], [10, 0]], []],
    }; // prettier-ignore
    const [one] = read(quantised).records;
    expect(one!.geometry).toEqual({
      kind: 'polygons',
      polygons: [[Float64Array.from([105, 1, 105, 3.5, 100, 3.5, 100, 1, 105, 1])]],
    });
  });

  it('wants a layer where there are several, and tells which there are', () => {
    expect(() => parseTopoJson(atlas, { path: 'a.json' })).toThrow(/one of: countries, land/);
    expect(() => parseTopoJson(atlas, { path: 'a.json', layer: 'sea' })).toThrow(/no object "sea"/);
    expect(() => parseTopoJson(atlas, { path: 'a.json', layer: 'constructor' })).toThrow(/no object/);
    expect(parseTopoJson(atlas, { path: 'a.json', layer: 'countries' }).records).toHaveLength(177);
    expect([isTopology(atlas), isTopology(bytesOf({ type: 'FeatureCollection' }))]).toEqual([true, false]);
  });

  it('refuses what asks for more than memory holds', () => {
    const arc = Array.from({ length: 20_000 }, (_, i) => [i, 0]);
    const rings = [Array.from({ length: 1000 }, () => 0)];
    const json = { type: 'Topology', objects: { a: { type: 'Polygon', arcs: rings } }, arcs: [arc] };
    expect(() => read(json)).toThrow(/invalid-data.*coordinates/);
  });

  it('rings that were joined at the antimeridian cross it; bands around the Earth stay', () => {
    const island = Float64Array.of(
      179,
      -17,
      180,
      -17,
      -180,
      -17,
      -179,
      -17,
      -179,
      -16,
      -180,
      -16,
      180,
      -16,
      179,
      -16,
      179,
      -17,
    );
    const lons = (ring: Float64Array) => {
      const found = unwrapPolygon([ring]);
      const outer = found.kind === 'polygon' ? found.rings[0]! : new Float64Array(0);
      const values = outer.filter((_, i) => i % 2 === 0);
      return [Math.min(...values), Math.max(...values)];
    };
    expect(lons(island)).toEqual([179, 181]);
    expect(unwrapPolygon([island])).toMatchObject({ kind: 'polygon', crosses: true });
    // To the antimeridian in the middle of an edge, and back from vertex to vertex.
    expect(lons(Float64Array.of(179, 70, -180, 70.5, 180, 71, 179, 71, 179, 70))).toEqual([179, 180]);
    const band = Float64Array.of(-180, -60, 180, -60, 180, 60, -180, 60, -180, -60);
    expect(unwrapPolygon([band])).toMatchObject({ kind: 'polygon', crosses: false });
  });

  it('gives records or a problem for any damage', () => {
    fc.assert(
      fc.property(fc.nat(atlas.length - 1), fc.nat(255), fc.nat(3), (at, byte, cut) => {
        const damaged = Uint8Array.from(cut === 0 ? atlas.subarray(0, at) : atlas);
        if (cut !== 0) damaged[at] = byte;
        try {
          parseTopoJson(damaged, { path: 'a.json', layer: 'countries' });
        } catch (error) {
          expect(error).toBeInstanceOf(CubeError);
        }
      }),
      { seed: 6, numRuns: 60 },
    );
    const odd = [
      null,
      3,
      {},
      { type: 'Topology' },
      { type: 'Topology', objects: {} },
      { type: 'Topology', objects: { a: {} } },
    ];
    for (const json of odd) expect(() => read(json)).toThrow(CubeError);
  });
});
