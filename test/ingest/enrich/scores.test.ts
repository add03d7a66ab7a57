import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as rules from '../../../src/ingest/enrich/score-rules.js';
import { scoreSite, type ScoreInputs } from '../../../src/ingest/enrich/score-site.js';
import { ROOT } from '../../contract/sources.js';

const NOTHING: ScoreInputs = {
  siteUid: 's',
  isPoint: false,
  setting: 'unknown',
  hasCapacity: false,
  hasInstalled: false,
  hasMount: false,
  hasOrientation: false,
  hasCountry: false,
  hasRegion: false,
  buildingShare: null,
  cover: null,
  use: null,
};
const score = (some: Partial<ScoreInputs>) => scoreSite({ ...NOTHING, ...some });

describe('scores of a site', () => {
  it('believe the source, then buildings; a point without a roof is unknown', () => {
    const classes = [
      score({}),
      score({ buildingShare: 0.5 }),
      score({ buildingShare: 0.1 }),
      score({ buildingShare: 0.3 }),
      score({ buildingShare: 0, isPoint: true }),
      score({ buildingShare: 1, isPoint: true }),
      score({ setting: 'ground', buildingShare: 0.9 }),
      score({ setting: 'water', buildingShare: 0 }),
    ].map(({ classification, evidence, agrees }) => [classification, evidence, agrees]);
    expect(classes).toEqual([
      ['unknown', 'none', null],
      ['rooftop', 'buildings', null],
      ['ground', 'buildings', null],
      ['unknown', 'none', null],
      ['unknown', 'none', null],
      ['rooftop', 'buildings', null],
      ['ground', 'source', false],
      ['water', 'source', true],
    ]);
  });

  it('count what is known', () => {
    expect(score({}).completeness).toBe(1 / 8);
    expect(score({ isPoint: true }).completeness).toBe(0);
    const all = {
      hasCapacity: true,
      hasInstalled: true,
      hasMount: true,
      hasOrientation: true,
      hasCountry: true,
      hasRegion: true,
    };
    expect(score({ ...all, setting: 'ground' }).completeness).toBe(1);
  });

  it('weigh land', () => {
    expect(score({}).sensitivity).toBeNull();
    expect(score({ cover: { crop: 0.5, forest: 0.5 } })).toMatchObject({ sensitivity: 0.425, context: 'agricultural' });
    expect(score({ cover: { crop: 0.4, urban: 0.3 }, use: { protected: 0.8 } })).toMatchObject({
      sensitivity: 0.8,
      context: 'mixed',
    });
    expect(score({ cover: { tundra: 1 }, use: {} })).toMatchObject({ sensitivity: 0.3, context: 'mixed' });
    expect(score({ cover: {}, use: {} })).toMatchObject({ sensitivity: 0, context: 'unknown' });
    expect(score({ cover: { grass: 0.3, shrub: 0.3 } }).context).toBe('natural');
  });

  it('stay between 0 and 1 and depend on nothing but the inputs', () => {
    const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }));
    const shares = fc.option(
      fc.dictionary(
        fc.constantFrom('crop', 'forest', 'urban', 'protected', 'odd'),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
    );
    fc.assert(
      fc.property(share, shares, shares, (buildingShare, cover, use) => {
        const found = score({ buildingShare, cover, use });
        expect(score({ buildingShare, cover, use })).toEqual(found);
        for (const value of [found.completeness, found.sensitivity ?? 0]) expect(value >= 0 && value <= 1).toBe(true);
      }),
      { seed: 6 },
    );
  });

  it('follow the rules that docs/enrich.md tells', () => {
    const page = readFileSync(join(ROOT, 'docs/enrich.md'), 'utf8');
    const weights = [...page.matchAll(/^\| ([a-z ]+) \| (cover|use) \| ([\d.]+) \|$/gm)].map(
      ([, name, theme, weight]) => [theme, name, Number(weight)],
    );
    expect(weights).toEqual([
      ...Object.entries(rules.COVER_SENSITIVITY).map(([name, weight]) => ['cover', name, weight]),
      ['cover', 'any other', rules.OTHER_SENSITIVITY],
      ...Object.entries(rules.USE_SENSITIVITY).map(([name, weight]) => ['use', name, weight]),
    ]);
    expect(page).toContain(`\`rules_version\` is ${rules.SCORE_RULES_VERSION}.`);
    expect(page).toContain(
      `rooftop from a share of ${rules.ROOFTOP_SHARE} on buildings, ground up to ${rules.GROUND_SHARE} of a polygon`,
    );
    expect(page).toContain(`by all ${rules.COMPLETENESS_FIELDS.length}: ${rules.COMPLETENESS_FIELDS.join(', ')} |`);
    const { built_up: built, agricultural } = rules.CONTEXT_GROUPS;
    expect(page).toContain(
      `built_up (${built.join(', ')}), agricultural (${agricultural.join(', ')}) or natural (all others) from a share of ${rules.CONTEXT_SHARE} on`,
    );
    const others = Object.keys(rules.COVER_SENSITIVITY).filter(
      (name) => ![...built, ...agricultural].includes(name as never),
    );
    expect([...rules.CONTEXT_GROUPS.natural].sort()).toEqual(others.sort());
  });
});
