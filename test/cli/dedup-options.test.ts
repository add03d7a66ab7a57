import { describe, expect, it } from 'vitest';
import { dedupRulesOf, type DedupOptions } from '../../src/cli/dedup-options.js';
import { areStoredRules, dedupRules, formatRules } from '../../src/ingest/dedup-rules.js';
import type { Environment } from '../../src/io/s3/settings.js';

function told(options: DedupOptions, env: Environment = {}): string {
  return formatRules(dedupRules(dedupRulesOf(options, env)));
}

describe('options of deduplication', () => {
  it('are the defaults where nothing is said', () => {
    expect(dedupRules(dedupRulesOf({}, {}))).toEqual(dedupRules());
    expect(told({}, { H3_DEDUP_RES: ' ', OVERLAP_THRESHOLD: '' })).toBe('R-tree, overlap from 0.5');
  });

  it('come from the environment, and what is typed wins', () => {
    const env = { H3_DEDUP_RES: '12', OVERLAP_THRESHOLD: '0.7' };
    expect(told({}, env)).toBe('H3 cells of resolution 12, overlap from 0.7');
    expect(told({ h3Resolution: '8', overlap: '0.4' }, env)).toBe('H3 cells of resolution 8, overlap from 0.4');
    expect(told({ candidates: 'rtree' }, env)).toBe('R-tree, overlap from 0.7');
    expect(told({ candidates: 'h3' })).toBe('H3 cells of resolution 9, overlap from 0.5');
    expect(dedupRulesOf({ overlap: '1' }, {})).toMatchObject({ exactIou: 1, sameIou: 1, partIoMin: 1 });
  });

  it('are compared with those that a lake has', () => {
    const rules = dedupRules({ sameIou: 0.7 });
    expect(areStoredRules(JSON.stringify(rules), rules)).toBe(true);
    expect(areStoredRules('{"sameIou":0.7}', rules)).toBe(true);
    expect(areStoredRules('{}', dedupRules())).toBe(true);
    for (const stored of ['{}', '{"sameIou":"0.7"}', 'null', '[]', '{"sameIou":'])
      expect(areStoredRules(stored, rules)).toBe(false);
  });

  it('name what is wrong, the variable or the option', () => {
    for (const [options, env, name] of [
      [{}, { H3_DEDUP_RES: '16' }, "environment's H3_DEDUP_RES"],
      [{}, { H3_DEDUP_RES: 'fine' }, "environment's H3_DEDUP_RES"],
      [{}, { OVERLAP_THRESHOLD: '1.5' }, "environment's OVERLAP_THRESHOLD"],
      [{ h3Resolution: '9.5' }, {}, '--h3-resolution "9.5"'],
      [{ overlap: '0' }, {}, '--overlap "0"'],
      [{ candidates: 's2' }, {}, '--candidates "s2"'],
      [{ candidates: 'rtree', h3Resolution: '9' }, {}, '--h3-resolution goes with'],
    ] as const)
      expect(() => dedupRulesOf(options, env)).toThrow(name);
  });
});
