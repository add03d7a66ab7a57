import { CubeError } from '../../errors.js';
import type { Environment } from '../../io/s3/settings.js';

/** Variables of the environment that a file of targets may name as `${NAME}`. Secrets stand nowhere else. */
export const VARIABLES = [
  'DUCKLAKE_CONNECTION_STRING',
  'DUCKLAKE_CONNECTION_STRING_PROD',
  'MOTHERDUCK_TOKEN',
  'R2_ACCESS_KEY_ID',
  'R2_SECRET_ACCESS_KEY',
  'R2_BUCKET_NAME',
  'NEON_API_KEY',
  'NEON_PROJECT_ID',
  'DBT_TARGET',
  'H3_DEDUP_RES',
  'OVERLAP_THRESHOLD',
] as const;

/** What the environment says of deduplication; null where it says nothing. */
export type DedupSettings = {
  /** H3 resolution of the cells that candidates share: H3_DEDUP_RES, 0 to 15. */
  readonly resolution: number | null;
  /** Overlap from which two features are one: OVERLAP_THRESHOLD, above 0 and up to 1. */
  readonly overlap: number | null;
};

/** The value of a variable; null where it is not set or empty. */
export function variableOf(env: Environment, name: string): string | null {
  const value = env[name];
  return value === undefined || value.trim() === '' ? null : value;
}

/** The settings of deduplication that the environment has. Problem: `invalid-argument` for what is no such number. */
export function dedupSettings(env: Environment = process.env): DedupSettings {
  const resolution = numberIn(env, 'H3_DEDUP_RES', 'a whole number from 0 to 15');
  if (resolution !== null && !(Number.isInteger(resolution) && resolution >= 0 && resolution <= 15)) {
    throw wrong('H3_DEDUP_RES', 'a whole number from 0 to 15');
  }
  const overlap = numberIn(env, 'OVERLAP_THRESHOLD', 'a number above 0, 1 at most');
  if (overlap !== null && !(overlap > 0 && overlap <= 1))
    throw wrong('OVERLAP_THRESHOLD', 'a number above 0, 1 at most');
  return { resolution, overlap };
}

function numberIn(env: Environment, name: string, expected: string): number | null {
  const text = variableOf(env, name);
  if (text === null) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw wrong(name, expected);
  return value;
}

function wrong(name: string, expected: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `the environment's ${name} is not ${expected}` });
}
