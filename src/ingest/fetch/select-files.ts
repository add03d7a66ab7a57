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

/** Files that others are not complete without, by the endings of those: the parts of a shapefile, and what tells the place of an image. */
const SIDECARS: readonly (readonly [of: RegExp, sidecars: readonly string[]])[] = [
  [/\.shp$/i, ['dbf', 'shx', 'prj', 'cpg']],
  [/\.png$/i, ['pgw', 'pngw', 'wld', 'prj', 'png.aux.xml']],
  [/\.jpg$/i, ['jgw', 'jpgw', 'wld', 'prj', 'jpg.aux.xml']],
  [/\.jpeg$/i, ['jgw', 'jpegw', 'wld', 'prj', 'jpeg.aux.xml']],
  [/\.bmp$/i, ['bpw', 'bmpw', 'wld', 'prj', 'bmp.aux.xml']],
  [/\.tif$/i, ['tfw', 'tifw', 'wld', 'prj', 'tif.aux.xml']],
  [/\.tiff$/i, ['tfw', 'tiffw', 'wld', 'prj', 'tiff.aux.xml']],
];

/** What archivers of operating systems add; `__MACOSX/._a.shp` would pass for a shapefile. */
const JUNK = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|\._[^/]*$)/;

/** Problems: those of `parseRegex` and `compilePattern`. */
export function compileFilters({ include = [], exclude = [], useRegex = false }: FileFilters): FileRules {
  const parse = useRegex ? parseRegex : parseGlob;
  const ruleOf = (pattern: string): Rule => ({ pattern, matches: compilePattern(parse(pattern)) });
  return { kind: useRegex ? 'regex' : 'glob', include: include.map(ruleOf), exclude: exclude.map(ruleOf) };
}

/** How a list is selected from. */
export type SelectOptions = {
  readonly maxBytes?: number;
  /** Looking into an archive means a download, so none is opened on suspicion where other files match. */
  readonly thrifty?: boolean;
};

/**
 * Which files are taken. A pattern is tried on the path and on the last part of it: a glob must match all of it, a regular
 * expression may match anywhere, so `PV_.*\\.shp$` takes `NPV_1.shp` too, as Python's `re.search` does; `^PV_` does not.
 *
 * An archive is opened where a pattern matches its name, or where none matches any archive of the list, for the wanted files may be in
 * it; with `thrifty` the latter only where no file matches at all. Patterns that match archives have done their part:
 * members are selected by the others, all of them where there are no others. Exclude patterns hold everywhere. With a
 * shapefile come its dbf, shx, prj and cpg, and with an image its world file, prj and aux.xml, whatever the patterns say.
 */
export function selectFiles<T extends ListedFile>(
  files: readonly T[],
  rules: FileRules,
  { maxBytes = Infinity, thrifty = false }: SelectOptions = {},
): Selection<T> {
  const useful = files.filter(({ name }) => !JUNK.test(name));
  const archives = useful.filter(({ name }) => isArchiveName(name));
  const matchedIn = (list: readonly T[]) => rules.include.filter((rule) => list.some(({ name }) => hits(rule, name)));
  const spent = matchedIn(archives);
  const search = (thrifty ? matchedIn(useful) : spent).length === 0;
  const wanted = useful.filter(({ name }) => refusal(name, rules, search) === null);
  const reasons = { rules, search, sidecars: sidecarsOf(wanted), maxBytes };
  const taken: T[] = [];
  const leftOut: LeftOut[] = [];
  for (const file of files) {
    const reason = reasonToLeave(file, reasons);
    if (reason === null) taken.push(file);
    else leftOut.push({ name: file.name, reason });
  }
  const inside = { ...rules, include: rules.include.filter((rule) => !spent.includes(rule)) };
  return { taken, leftOut, inside };
}

type Reasons = {
  readonly rules: FileRules;
  /** Whether archives are opened that no pattern matches. */
  readonly search: boolean;
  readonly sidecars: ReadonlySet<string>;
  readonly maxBytes: number;
};

function reasonToLeave({ name, size }: ListedFile, { rules, search, sidecars, maxBytes }: Reasons): string | null {
  if (JUNK.test(name)) return 'bookkeeping of an operating system';
  const reason = sidecars.has(name.toLowerCase()) ? null : refusal(name, rules, search);
  if (reason !== null) return reason;
  return size !== null && size > maxBytes ? tooLong(size, maxBytes) : null;
}

/** The reason for a file that is longer than wanted. */
export function tooLong(size: number, maxBytes: number): string {
  return `it has ${size} bytes, more than the ${maxBytes} that max_mb allows`;
}

function refusal(name: string, { include, exclude }: FileRules, search: boolean): string | null {
  const excluded = exclude.find((rule) => hits(rule, name));
  if (excluded !== undefined) return `exclude pattern "${excluded.pattern}" matches`;
  if (include.length === 0 || include.some((rule) => hits(rule, name))) return null;
  if (!isArchiveName(name)) return 'no include pattern matches';
  return search ? null : 'no include pattern matches, and other files match, so it was not opened';
}

function hits({ matches }: Rule, name: string): boolean {
  return matches(name) || (name.includes('/') && matches(name.slice(name.lastIndexOf('/') + 1)));
}

/** In lower case, since DBF and SHP come in all spellings. */
function sidecarsOf(files: readonly ListedFile[]): ReadonlySet<string> {
  return new Set(
    files.flatMap(({ name }) => {
      const [of, extensions] = SIDECARS.find(([ending]) => ending.test(name)) ?? [null, []];
      const stem = of === null ? '' : name.toLowerCase().replace(of, '.');
      return extensions.map((extension) => stem + extension);
    }),
  );
}
