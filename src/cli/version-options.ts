import type { Command } from 'commander';
import { CubeError } from '../errors.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { parseInstant } from '../stac/interval.js';

/** Options that name a version of an Icechunk repository, as they were typed. */
export type VersionOptions = {
  readonly branch?: string;
  readonly tag?: string;
  readonly snapshot?: string;
  readonly asOf?: string;
};

/** Gives a command the options that name a version. */
export function withVersionOptions(command: Command): Command {
  return command
    .option('--branch <name>', 'branch of an Icechunk repository (default: main)')
    .option('--tag <name>', 'tag of an Icechunk repository')
    .option('--snapshot <id>', 'snapshot of an Icechunk repository')
    .option('--as-of <time>', 'what the branch was at that time: RFC 3339, or a date for the end of that day (UTC)');
}

/** The version that is named; undefined where none is. Problem: `invalid-argument` for several, and for what is no time. */
export function parseVersion({ branch, tag, snapshot, asOf }: VersionOptions): IcechunkVersion | undefined {
  const named = [branch, tag, snapshot].filter((name) => name !== undefined).length;
  if (named > 1) throw argument('--branch, --tag and --snapshot exclude each other', 'name one of them');
  if (asOf !== undefined) {
    if (branch === undefined && named > 0)
      throw argument('--as-of is a time of a branch', 'give it alone or with --branch');
    return { branch: branch ?? 'main', asOfMs: parseTime(asOf, '--as-of').toMs };
  }
  if (tag !== undefined) return { tag };
  if (snapshot !== undefined) return { snapshot };
  return branch === undefined ? undefined : { branch };
}

/**
 * First and last millisecond (UTC) of what an option says: an RFC 3339 instant, where both are the same, or a date. Problem:
 * `invalid-argument`.
 */
export function parseTime(text: string, option: string): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = parseInstant(text);
  if (fromMs === null) {
    throw argument(`${option} "${text}" is no time`, 'write it like 2024-06-01 or 2024-06-01T10:00:00Z');
  }
  return { fromMs, toMs: /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? fromMs + DAY_MS - 1 : fromMs };
}

const DAY_MS = 86_400_000;

function argument(what: string, fix: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what, fix });
}
