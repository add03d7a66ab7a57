import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CubeError, isCubeError } from '../../src/errors.js';
import { parseCql2Json } from '../../src/stac/cql2/parse-json.js';
import { cql2TextToJson, parseCql2, parseCql2Text } from '../../src/stac/cql2/parse-text.js';

const property = (name: string) => ({ property: name });

/** The kind of problem that a parse ends with, and its words. */
function problemOf(text: string): string {
  try {
    parseCql2Text(text);
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(CubeError);
    return (error as CubeError).message;
  }
}

describe('CQL2 text', () => {
  it('binds NOT before AND before OR', () => {
    expect(cql2TextToJson('a = 1 OR NOT b = 2 AND c = 3')).toEqual({
      op: 'or',
      args: [
        { op: '=', args: [property('a'), 1] },
        {
          op: 'and',
          args: [
            { op: 'not', args: [{ op: '=', args: [property('b'), 2] }] },
            { op: '=', args: [property('c'), 3] },
          ],
        },
      ],
    });
  });

  it.each([
    ['eo:cloud_cover < 20', { op: '<', args: [property('eo:cloud_cover'), 20] }],
    ["\"a b\" <> 'it''s'", { op: '<>', args: [property('a b'), "it's"] }],
    ['x BETWEEN -1.5e2 AND +3', { op: 'between', args: [property('x'), -150, 3] }],
    ["platform NOT IN ('a', 'b')", { op: 'not', args: [{ op: 'in', args: [property('platform'), ['a', 'b']] }] }],
    ['x is not null', { op: 'not', args: [{ op: 'isNull', args: [property('x')] }] }],
    [
      "CASEI(id) LIKE casei('s2%')",
      {
        op: 'like',
        args: [
          { op: 'casei', args: [property('id')] },
          { op: 'casei', args: ['s2%'] },
        ],
      },
    ],
    [
      "datetime >= TIMESTAMP('2024-01-01T00:00:00Z')",
      { op: '>=', args: [property('datetime'), { timestamp: '2024-01-01T00:00:00Z' }] },
    ],
    [
      "T_DURING(datetime, INTERVAL('2024-01-01', '..'))",
      { op: 't_during', args: [property('datetime'), { interval: ['2024-01-01', '..'] }] },
    ],
    [
      'S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))',
      {
        op: 's_intersects',
        args: [property('geometry'), { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] }], // prettier-ignore
      },
    ],
    [
      'S_INTERSECTS(geometry, MULTIPOINT Z ((1 2 3), (4 5 6)))',
      { op: 's_intersects', args: [property('geometry'), { type: 'MultiPoint', coordinates: [[1, 2], [4, 5]] }] }, // prettier-ignore
    ],
    [
      'S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))',
      { op: 's_intersects', args: [property('geometry'), { bbox: [1, 2, 3, 4] }] },
    ],
  ])('%s', (text, json) => {
    expect(cql2TextToJson(text)).toEqual(json);
    expect(parseCql2(text)).toEqual(parseCql2(JSON.stringify(json)));
  });

  it('names what it does not know', () => {
    expect(problemOf('s_crosses(geometry, POINT(1 2))')).toContain('unsupported: CQL2 operator "s_crosses"');
    expect(problemOf('a_overlaps(x, y)')).toContain('"a_overlaps"');
    expect(problemOf('x + 1 = 2')).toContain('CQL2 arithmetic ("+")');
    expect(problemOf('a = b')).toContain('comparison of two properties');
    expect(problemOf('upper(a) = 1')).toContain('"upper" as a value');
  });

  it('takes names in letters of any language, as properties have them', () => {
    expect(parseCql2Text("größe:höhe > 1 AND ключ = 'x' AND राज्य = 1")).toEqual(
      parseCql2Text(`"größe:höhe" > 1 AND "ключ" = 'x' AND "राज्य" = 1`),
    );
  });

  it('tells the place of what breaks the grammar', () => {
    expect(problemOf('a = ')).toContain('expected a property or a value, found the end at character 5');
    expect(problemOf('a = 1 b')).toContain('found "b" at character 7');
    expect(problemOf('a = ;')).toContain('unexpected ";" at character 5');
    expect(problemOf('(a = 1')).toContain('expected ")"');
    expect(problemOf('S_INTERSECTS(geometry, POLYGON((0 0, 1)))')).toContain('expected two numbers');
  });

  it('turns a literal before a property around', () => {
    expect(parseCql2Text('20 > eo:cloud_cover')).toEqual(parseCql2Text('eo:cloud_cover < 20'));
  });

  it('refuses what is nested without end, soon', () => {
    expect(problemOf(`${'('.repeat(100_000)}`)).toMatch(/too deep|longer/);
    expect(problemOf(`${'NOT '.repeat(20_000)}a = 1`)).toMatch(/too deep/);
    expect(problemOf(`${'f('.repeat(20_000)}`)).toMatch(/too deep/);
    expect(problemOf(`${'GEOMETRYCOLLECTION('.repeat(5000)}`)).toMatch(/too deep/);
    let json: object = { op: '=', args: [property('a'), 1] };
    for (let i = 0; i < 1000; i++) json = { op: 'not', args: [json] };
    expect(() => parseCql2Json(json as never)).toThrow(/too deep/);
  });

  it('gives a filter or a problem of ours for any text', () => {
    const words = ['a', '=', '1', 'AND', 'OR', 'NOT', '(', ')', "'x'", 'IN', 'LIKE', 'BETWEEN', 'IS', 'NULL', ',', 'POINT', 'S_WITHIN', 'INTERVAL', '"', '-']; // prettier-ignore
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 20 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseCql2(text);
        } catch (error) {
          expect(isCubeError(error)).toBe(true);
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
  });
});
