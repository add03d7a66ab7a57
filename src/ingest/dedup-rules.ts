import { CubeError } from '../errors.js';
import { DEFAULT_RULES, type DedupRules } from '../sites/site-feature.js';

const NAMES = Object.keys(DEFAULT_RULES) as readonly (keyof DedupRules)[];

/** The rules with the defaults for what is left out. Problem: `invalid-argument` for what is no such value. */
export function dedupRules(given: Partial<DedupRules> = {}): DedupRules {
  const rules = { ...DEFAULT_RULES, ...given };
  for (const name of NAMES) {
    if (!isAllowed(name, rules)) {
      throw new CubeError({
        kind: 'invalid-argument',
        what: `${String(rules[name])} is no ${name} of deduplication`,
        fix: `the default is ${DEFAULT_RULES[name]}`,
      });
    }
  }
  // What nothing is found by makes no difference.
  return rules.candidates === 'h3' ? rules : { ...rules, h3Resolution: DEFAULT_RULES.h3Resolution };
}

/** Rules by which two features are one from this overlap on: by IoU `same`, by IoMin `part_of`. */
export function rulesOfOverlap(overlap: number): Pick<DedupRules, 'exactIou' | 'sameIou' | 'partIoMin'> {
  return { exactIou: Math.max(DEFAULT_RULES.exactIou, overlap), sameIou: overlap, partIoMin: overlap };
}

/** Whether stored rules, as JSON text, are these. A rule that they do not name has its default. Text that is no rules is not these. */
export function areStoredRules(stored: string, rules: DedupRules): boolean {
  const known = parseStored(stored);
  return known !== null && NAMES.every((name) => known[name] === rules[name]);
}

/** Rules from JSON text that a lake holds. Text that is no rules is the defaults. Problem: `invalid-argument` for a value that is none. */
export function storedRules(stored: string): DedupRules {
  return dedupRules(parseStored(stored) ?? {});
}

/** For people. */
export function formatRules({ candidates, h3Resolution, sameIou, partIoMin }: DedupRules): string {
  const way = candidates === 'h3' ? `H3 cells of resolution ${h3Resolution}` : 'R-tree';
  return `${way}, overlap from ${sameIou === partIoMin ? sameIou : `IoU ${sameIou}, IoMin ${partIoMin}`}`;
}

/** With the defaults of what is left out, not checked; null for text that is no rules. */
function parseStored(text: string): DedupRules | null {
  try {
    const known: unknown = JSON.parse(text);
    return typeof known === 'object' && known !== null ? { ...DEFAULT_RULES, ...known } : null;
  } catch {
    return null;
  }
}

function isAllowed(name: keyof DedupRules, rules: DedupRules): boolean {
  if (name === 'candidates') return rules.candidates === 'rtree' || rules.candidates === 'h3';
  const value = rules[name];
  if (!Number.isFinite(value) || value < 0) return false;
  if (name === 'h3Resolution') return Number.isInteger(value) && value <= 15;
  return name === 'exactIou' || name === 'sameIou' || name === 'partIoMin' ? value > 0 && value <= 1 : true;
}
