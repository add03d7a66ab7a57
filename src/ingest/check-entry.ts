import { specError } from '../cube/spec-error.js';
import { isCubeError, type CubeError } from '../errors.js';
import { parseCrs } from '../grid/crs-definition.js';
import { FieldMapper, MOUNTS, SETTINGS } from './apply-field-map.js';
import { compileFilters } from './fetch/select-files.js';
import { isKnownFormat } from './label-formats.js';
import type { FieldMap, ManifestEntry } from './manifest-schema.js';
import { repositoryOf } from './repository-of.js';

/** What is wrong with an entry of a manifest that a schema cannot tell: patterns, the CRS, and words of `field_map` that no row could take. */
export function entryFaults(name: string, entry: ManifestEntry): CubeError[] {
  const { file_filters: filters, label_files: labels } = entry;
  const useRegex = filters?.use_regex ?? false;
  const lists = {
    'file_filters.include_patterns': filters?.include_patterns ?? [],
    'file_filters.exclude_patterns': filters?.exclude_patterns ?? [],
    label_files: labels ?? [],
  };
  return [
    ...Object.entries(lists).flatMap(([key, patterns]) =>
      patterns.flatMap((pattern, i) =>
        faultOf(`${name}.${key}.${i}`, () => compileFilters({ include: [pattern], useRegex })),
      ),
    ),
    ...(entry.crs == null ? [] : faultOf(`${name}.crs`, () => parseCrs(entry.crs!))),
    ...Object.entries(entry.field_map).flatMap(([target, rule]) =>
      rule === undefined ? [] : ruleFaults(`${name}.field_map.${target}`, target, rule),
    ),
  ];
}

/** What is odd with an entry and no fault. */
export function entryWarnings(name: string, entry: ManifestEntry): string[] {
  const { label_fmt: format, repo } = entry;
  const words = format == null ? [] : Array.isArray(format) ? format : [format];
  const actual = repositoryOf(entry);
  return [
    ...words
      .filter((word) => !isKnownFormat(word))
      .map((word) => `${name}.label_fmt: "${word}" is no format that is known; files are told by their names`),
    ...(actual === repo ? [] : [`${name}.repo: the DOI is one of ${actual}, not of ${repo}; it is asked there`]),
  ];
}

/** What a harmonised column takes, where it is not any text. */
const EXPECTED: Readonly<Record<string, string>> = {
  area_src: 'an area above 0',
  cap_dc: 'a capacity above 0',
  cap_ac: 'a capacity above 0',
  installed: 'days such as 2019, 2017Q4, 2016-06-30 or <2016-06',
  observed: 'days such as 2019, 2017Q4, 2016-06-30 or <2016-06',
  mount: `one of ${MOUNTS.join(', ')}`,
  tilt_deg: 'degrees from 0 to 90',
  azimuth_deg: 'degrees from -360 to 360',
  setting: `one of ${SETTINGS.join(', ')}`,
  confidence: 'a number from 0 to the scale',
  country_iso3: 'an ISO 3166-1 code of three letters, or of two',
};

/** The words that stand in a rule, read as those of a row would be. */
function ruleFaults(path: string, target: string, rule: NonNullable<FieldMap[keyof FieldMap]>): CubeError[] {
  const { value, map = {} }: RuleWords = rule;
  const words: [string, string | number | boolean | null][] = Object.entries(map).map(([key, word]) => [
    `${path}.map.${key}`,
    word,
  ]);
  if (value !== undefined) words.push([`${path}.value`, value]);
  return words.flatMap(([at, word]) => {
    if (word === null) return [];
    let isMisread = false;
    const constant = { ...rule, column: undefined, map: undefined, value: word };
    new FieldMapper({ [target]: constant }).read({}, () => (isMisread = true));
    const what = `expected ${EXPECTED[target] ?? 'a value'}, found ${JSON.stringify(word)}`;
    return isMisread ? [specError(at, what)] : [];
  });
}

type RuleWords = {
  readonly column?: unknown;
  readonly value?: string | number | boolean | undefined;
  readonly map?: Readonly<Record<string, string | number | null>> | undefined;
};

function faultOf(path: string, check: () => unknown): CubeError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isCubeError(error)) throw error;
    const { problem } = error;
    const what = 'what' in problem ? problem.what : problem.kind === 'unsupported' ? problem.feature : undefined;
    return [specError(path, what ?? error.message, 'fix' in problem ? problem.fix : undefined)];
  }
}
