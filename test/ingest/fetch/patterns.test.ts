import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/ingest/fetch/linear-match.js';
import { parseGlob, parseRegex } from '../../../src/ingest/fetch/pattern.js';
import { pythonWithOracles } from '../../python.js';

const matches = (pattern: string, text: string) => compilePattern(parseRegex(pattern))(text);
const globs = (pattern: string, text: string) => compilePattern(parseGlob(pattern))(text);

/** Patterns of all that is read, over an alphabet that makes them hit. */
const pattern = fc
  .letrec<{ atom: string; piece: string; pattern: string }>((tie) => ({
    atom: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        'a',
        'b',
        'P',
        '_',
        '.',
        '\\.',
        '[ab]',
        '[^ab]',
        '[a-c_]',
        '\\d',
        '\\w',
        '\\W',
        '\\s',
        '^',
        '$',
        '\\b',
      ),
      tie('pattern').map((inner) => `(${inner})`),
      tie('pattern').map((inner) => `(?:${inner})`),
    ),
    piece: fc
      .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,2}', '*?', '{2,}'))
      .map(([atom, repeat]) => (/^(?:\^|\$|\\b)$/.test(atom) ? atom : atom + repeat)),
    pattern: fc.oneof(
      { depthSize: 'small' },
      fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`),
    ),
  }))
  .pattern.filter((source) => source.length <= 60);

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'P', 'V', '_', '.', '1', ' ', '-'), maxLength: 12 });

describe('patterns', () => {
  it('match where JavaScript does', () => {
    fc.assert(
      fc.property(pattern, text, (source, name) => {
        expect(matches(source, name), `${source} on ${name}`).toBe(new RegExp(source, 's').test(name));
      }),
      { numRuns: 2000, seed: 11 },
    );
  });

  it('search anywhere, as re.search does', () => {
    expect(matches('PV_.*\\.shp$', 'PV_1.shp')).toBe(true);
    expect(matches('PV_.*\\.shp$', 'NPV_1.shp')).toBe(true); // the trap
    expect(matches('^PV_.*\\.shp$', 'NPV_1.shp')).toBe(false);
    expect(matches('(?i)\\.GeoJSON$', 'a.geojson')).toBe(true);
    expect(matches('(?i)[A-C]x', 'bX')).toBe(true);
    expect(matches('(?P<name>a)b{,2}c', 'abbc')).toBe(true);
    expect(matches('a{,}', 'b')).toBe(false); // braces that are no quantifier stand for themselves
    expect(matches('\\x41\\u00e9', 'Aé')).toBe(true);
    expect(matches('\\Aä\\w\\Z', 'äö')).toBe(true);
    expect(matches('.', '😀')).toBe(true);
  });

  it('cannot be made to hang', () => {
    const name = 'a'.repeat(1000);
    const began = performance.now();
    for (const evil of [
      '(a+)+$b',
      '(a|a)*b',
      '(a*)*b',
      '(.*)*(.*)*(.*)*b',
      '(a{1,40}){1,40}b',
      '(|a)+b',
      '((((a*)*)*)*)*b',
    ]) {
      expect(matches(evil, name), evil).toBe(false);
    }
    expect(matches('a.*a.*a.*a.*a.*a.*a.*b', name)).toBe(false);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it.each([
    ['(', 'missing )'],
    [')', 'unbalanced'],
    ['[a', 'ends too early'],
    ['[b-a]', 'bad character range'],
    ['*a', 'nothing to repeat'],
    ['a**', 'multiple repeat'],
    ['a{3}{3}', 'multiple repeat'],
    ['a{3,2}', 'min repeat greater'],
    ['\\q', 'bad escape'],
    ['a\\', 'ends too early'],
    ['\\x4', 'incomplete escape'],
    ['a'.repeat(1001), 'longer than'],
  ])('refuses %s', (source, what) => {
    expect(() => parseRegex(source)).toThrow(what);
  });

  it.each([
    '(?!NPV)PV',
    '(?=a)',
    '(?<=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(((a{1,99}){1,99}){1,99}){1,99}',
    '((){9999}){9999}{2}',
  ])('refuses %s by name, or as wrong', (source) => {
    let problem: unknown = null;
    try {
      compilePattern(parseRegex(source));
    } catch (error) {
      problem = (error as { problem?: { kind: string } }).problem?.kind;
    }
    expect(['unsupported', 'invalid-argument']).toContain(problem);
  });

  it('repeats of nothing end', () => {
    expect(matches('((((){9999}){9999}){9999}){9999}', 'a')).toBe(true);
  });

  it('globs match all of a name, slashes too', () => {
    expect(globs('*.shp', 'a/b.shp')).toBe(true);
    expect(globs('*.shp', 'b.shp.xml')).toBe(false);
    expect(globs('PV_*', 'NPV_1')).toBe(false);
    expect(globs('a?[0-9][!x].tif', 'ab1y.tif')).toBe(true);
    expect(globs('a(1)+$^.tif', 'a(1)+$^.tif')).toBe(true);
    expect(globs('[', '[')).toBe(true);
    expect(globs('[]]', ']')).toBe(true);
    expect(globs('[^a]', '^')).toBe(true);
    expect(globs('a\\b', 'a\\b')).toBe(true);
  });

  it.skipIf(pythonWithOracles() === null)('agree with Python, regular expressions and globs', () => {
    const unit = fc.constantFrom('a', 'b', '.', '[', ']', '!', '*', '?', '-', '^', '\\', 'c');
    const glob = fc.string({ unit, maxLength: 6 }).filter((source) => !/[a-c^*?!.[\\]-/.test(source)); // backward ranges
    const cases = [
      ...fc.sample(fc.tuple(fc.constant('glob'), glob, text), { numRuns: 600, seed: 3 }),
      ...fc.sample(fc.tuple(fc.constant('regex'), pattern, text), { numRuns: 400, seed: 4 }),
    ];
    const code =
      'import sys,json,re,fnmatch\n' +
      'def f(k,p,t):\n' +
      ' if k=="glob": return fnmatch.fnmatchcase(t,p)\n' +
      ' return re.search(p,t) is not None\n' +
      'print(json.dumps([f(*c) for c in json.load(sys.stdin)]))';
    const run = spawnSync(pythonWithOracles()!, ['-W', 'ignore', '-c', code], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
    });
    const expected = JSON.parse(run.stdout) as boolean[];
    const found = cases.map(([kind, source, name]) => (kind === 'glob' ? globs(source, name) : matches(source, name)));
    const wrong = cases.filter((_, i) => found[i] !== expected[i]);
    expect(wrong).toEqual([]);
  });
});
