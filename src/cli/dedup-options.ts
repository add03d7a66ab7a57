import { CubeError } from '../errors.js';
import { rulesOfOverlap } from '../ingest/dedup-rules.js';
import type { Environment } from '../io/s3/settings.js';
import { dedupSettings } from '../lake/targets/environment.js';
import type { DedupRules } from '../sites/site-feature.js';

/** Options of deduplication, as they were typed. */
export type DedupOptions = {
  readonly candidates?: string;
  readonly h3Resolution?: string;
  readonly overlap?: string;
};

/**
 * The rules that options and environment (H3_DEDUP_RES, OVERLAP_THRESHOLD) ask for; an option wins. A resolution asks for H3 cells, unless
 * `--candidates` says otherwise. Problem: `invalid-argument` with the name of the option or the variable.
 */
export function dedupRulesOf(options: DedupOptions, env: Environment = process.env): Partial<DedupRules> {
  const settings = dedupSettings(env);
  const resolution = numberOf('--h3-resolution', options.h3Resolution, isResolution) ?? settings.resolution;
  const overlap = numberOf('--overlap', options.overlap, isShare) ?? settings.overlap;
  const { candidates = resolution === null ? 'rtree' : 'h3' } = options;
  if (candidates !== 'rtree' && candidates !== 'h3') throw wrong(`--candidates "${candidates}" is not rtree or h3`);
  if (candidates === 'rtree' && options.h3Resolution !== undefined)
    throw wrong('--h3-resolution goes with --candidates h3');
  return {
    candidates,
    ...(resolution === null ? {} : { h3Resolution: resolution }),
    ...(overlap === null ? {} : rulesOfOverlap(overlap)),
  };
}

type Allowed = { readonly expected: string; readonly is: (value: number) => boolean };

const isResolution: Allowed = {
  expected: 'a whole number from 0 to 15',
  is: (value) => Number.isInteger(value) && value >= 0 && value <= 15,
};
const isShare: Allowed = { expected: 'a number above 0, 1 at most', is: (value) => value > 0 && value <= 1 };

function numberOf(name: string, text: string | undefined, { expected, is }: Allowed): number | null {
  if (text === undefined) return null;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!is(value)) throw wrong(`${name} "${text}" is not ${expected}`);
  return value;
}

function wrong(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
