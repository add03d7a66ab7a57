import { isArchiveName } from './archive-name.js';
import { compilePattern, type Matcher } from './linear-match.js';
import { parseGlob, parseRegex } from './pattern.js';
import type { FileFilters, LeftOut } from './remote-file.js';

/** A file of a record or an archive; `size` in bytes, null where nobody says. */
export type ListedFile = { readonly name: string; readonly size: number | null };

/** A pattern, ready to use. */
type Rule = { readonly pattern: string; readonly matches: Matcher };

/** Filters, ready to use. */
export type FileRules = {
  readonly kind: 'glob' | 'regex';
  readonly include: readonly Rule[];
  readonly exclude: readonly Rule[];
};

/** What is taken of a list, in its order, and why the rest is not. */
export type Selection<T extends ListedFile> = {
  readonly taken: readonly T[];
  readonly leftOut: readonly LeftOut[];
  /** The rules for the members of the archives that are taken. */
  readonly inside: FileRules;
};

/** Files that a shapefile is not complete without. */
const SIDECARS = ['dbf', 'shx', 'prj', 'cpg'];

/** What archivers of operating systems add; `__MACOSX/._a.shp` would pass for a shapefile. */
const JUNK = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|\._[^/]*$)/;

/** Problems: those of `parseRegex` and `compilePattern`. */
export function compileFilters({ include = [], exclude = [], useRegex = false }: FileFilters): FileRules {
  const parse = useRegex ? parseRegex : parseGlob;
  const ruleOf = (pattern: string): Rule => ({ pattern, matches: compilePattern(parse(pattern)) });
  return { kind: useRegex ? 'regex' : 'glob', include: include.map(ruleOf), exclude: exclude.map(ruleOf) };
}

/**
 * Which files are taken. A pattern is tried on the path and on the last part of it: a glob must match all of it, a regular
 * expression may match anywhere, so `PV_.*\\.shp$` takes `NPV_1.shp` too, as Python's `re.search` does; `^PV_` does not.
 *
 * Where include patterns match files of the list, those are taken. Where they match none, the files may be in archives, so all
 * archives are taken. Of the members of archives those are wanted that match the patterns that no file of the list matched;
 * where there are none, all members are. Exclude patterns hold everywhere. With a shapefile come its dbf, shx, prj and
 * cpg, whatever the patterns say.
 */
export function selectFiles<T extends ListedFile>(
  files: readonly T[],
  rules: FileRules,
  maxBytes = Infinity,
): Selection<T> {
  const { include } = rules;
  const useful = files.filter(({ name }) => !JUNK.test(name));
  const matched = include.filter((rule) => useful.some(({ name }) => hits(rule, name)));
  const sidecars = sidecarsOf(
    useful.filter(({ name }) => refusal(name, rules, matched) === null).map(({ name }) => name),
  );
  const taken: T[] = [];
  const leftOut: LeftOut[] = [];
  for (const file of files) {
    const reason = reasonToLeave(file, { rules, matched, sidecars, maxBytes });
    if (reason === null) taken.push(file);
    else leftOut.push({ name: file.name, reason });
  }
  const inside = { ...rules, include: include.filter((rule) => !matched.includes(rule)) };
  return { taken, leftOut, inside };
}

type Reasons = {
  readonly rules: FileRules;
  readonly matched: readonly Rule[];
  readonly sidecars: ReadonlySet<string>;
  readonly maxBytes: number;
};

function reasonToLeave({ name, size }: ListedFile, { rules, matched, sidecars, maxBytes }: Reasons): string | null {
  if (JUNK.test(name)) return 'bookkeeping of an operating system';
  const reason = sidecars.has(name.toLowerCase()) ? null : refusal(name, rules, matched);
  if (reason !== null) return reason;
  return size !== null && size > maxBytes ? tooLong(size, maxBytes) : null;
}

/** The reason for a file that is longer than wanted. */
export function tooLong(size: number, maxBytes: number): string {
  return `it has ${size} bytes, more than the ${maxBytes} that max_mb allows`;
}

function refusal(name: string, { include, exclude }: FileRules, matched: readonly Rule[]): string | null {
  const excluded = exclude.find((rule) => hits(rule, name));
  if (excluded !== undefined) return `exclude pattern "${excluded.pattern}" matches`;
  if (include.length === 0 || include.some((rule) => hits(rule, name))) return null;
  if (!isArchiveName(name)) return 'no include pattern matches';
  return matched.length === 0
    ? null
    : 'no include pattern matches, and others of the same list do, so it was not opened';
}

function hits({ matches }: Rule, name: string): boolean {
  return matches(name) || (name.includes('/') && matches(name.slice(name.lastIndexOf('/') + 1)));
}

/** In lower case, since DBF and SHP come in all spellings. */
function sidecarsOf(names: readonly string[]): ReadonlySet<string> {
  const stems = names.filter((name) => /\.shp$/i.test(name)).map((name) => name.slice(0, -3).toLowerCase());
  return new Set(stems.flatMap((stem) => SIDECARS.map((extension) => stem + extension)));
}
