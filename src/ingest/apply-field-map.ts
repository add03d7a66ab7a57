import type { Json } from '../stac/item.js';
import type { Setting } from '../sites/site-feature.js';
import type { Attributes, Mount } from './attributes.js';
import { alpha3OfAlpha2, isAlpha3 } from './enrich/iso-countries.js';
import type { FieldMap } from './manifest-schema.js';
import { formatDay, parseDays, type Days } from './parse-days.js';

type Properties = { readonly [key: string]: Json };
type Rule = {
  readonly column?: string | readonly string[] | undefined;
  readonly value?: string | number | boolean | undefined;
  readonly map?: Readonly<Record<string, string | number | null>> | undefined;
};

/** A value, and which of the rule's columns has it; null: the rule itself. */
type Found = { readonly value: Json; readonly place: number | null };
type Taken<T> = { readonly value: T | null; readonly place: number | null };

const NOTHING = { value: null, place: null } as const;

/** A value of a source that a rule could not read, by harmonised column. */
export type Misread = { readonly target: string; readonly column: string; readonly value: Json };

/** What marks a missing value in published tables, beside what a manifest names. */
const MISSING: ReadonlySet<string> = new Set([
  '',
  '-9999',
  '-9999.0',
  'nan',
  'na',
  'n/a',
  'null',
  'none',
  '<na>',
  'nat',
]);

/** International units: exact by definition (acre and foot: the international ones). */
const SQUARE_METRES: Readonly<Record<string, number>> = {
  m2: 1,
  km2: 1e6,
  ha: 1e4,
  acre: 4046.8564224,
  ft2: 0.09290304,
};
const PER_MEGAWATT: Readonly<Record<string, number>> = { W: 1e6, kW: 1e3, MW: 1, GW: 1e-3 };

/** What `mount` takes. */
export const MOUNTS: readonly Mount[] = ['fixed', 'single_axis', 'dual_axis', 'mixed', 'unknown'];
/** What `setting` takes. */
export const SETTINGS: readonly Setting[] = ['rooftop', 'ground', 'water', 'unknown'];

/**
 * Reads the harmonised columns out of a record's own. Units are converted here and nowhere else; what marks a missing value is
 * null; what cannot be read is null too, and is told by `onMisread`.
 */
export class FieldMapper {
  readonly #map: FieldMap;
  readonly #missing: ReadonlySet<string>;

  constructor(map: FieldMap, nullValues: readonly (string | number | boolean)[] = []) {
    this.#map = map;
    this.#missing = new Set([...MISSING, ...nullValues.map((value) => String(value).trim().toLowerCase())]);
  }

  /** Columns that the map names. */
  columns(): string[] {
    const rules = Object.values(this.#map) as (Rule | undefined)[];
    const quarter = quarterColumn(this.#map.installed);
    return [...new Set([...rules.flatMap((rule) => columnsOf(rule)), ...(quarter === null ? [] : [quarter])])];
  }

  read(properties: Properties, onMisread: (misread: Misread) => void = () => {}): Attributes {
    const map = this.#map;
    const provenance: Record<string, string> = {};
    /** A value as `parse` has it, and where it was; null, and told, where that cannot read it. */
    const take = <T>(target: keyof FieldMap, parse: (found: Json) => T | null): Taken<T> => {
      const rule: Rule | undefined = map[target];
      const found = this.#find(rule, properties);
      if (found === null) return NOTHING;
      const value = parse(found.value);
      const column = found.place === null ? null : columnsOf(rule)[found.place]!;
      if (value === null) onMisread({ target, column: column ?? 'field_map', value: found.value });
      else if (column !== null) provenance[target] = column;
      return value === null ? NOTHING : { value, place: found.place };
    };
    const number = (target: keyof FieldMap, accepts: (x: number) => boolean) =>
      take(target, (found) => numberOf(found, accepts));
    const text = (target: keyof FieldMap) => take(target, textOf).value;
    const word = <Word extends string>(target: keyof FieldMap, words: readonly Word[]) =>
      take(target, (found) => words.find((one) => one === textOf(found)?.toLowerCase()) ?? null).value;
    const days = (target: keyof FieldMap) => take(target, (found) => parseDays(textOf(found) ?? '')).value;

    const nativeId = text('native_id');
    const sourceSplit = text('source_split');
    const area = number('area_src', isPositive);
    const [dc, ac] = [number('cap_dc', isPositive), number('cap_ac', isPositive)];
    const capDcKind = dc.value === null ? null : kindOf(map.cap_dc, dc.place);
    const capAcKind = ac.value === null ? null : kindOf(map.cap_ac, ac.place);
    const installed = censor(inQuarter(days('installed'), quarterOf(map.installed, properties)), map.installed);
    const azimuth = number('azimuth_deg', (degrees) => degrees >= -360 && degrees <= 360).value;
    const scale = scaleOf(map.confidence);
    const confidence = number('confidence', (x) => x >= 0 && x <= scale).value;
    return {
      nativeId,
      sourceSplit,
      areaSrcM2: area.value === null ? null : area.value * SQUARE_METRES[unitOf(map.area_src, 'm2')]!,
      areaSrcUnit: area.value === null ? null : unitOf(map.area_src, 'm2'),
      areaSrcKind: area.value === null ? null : kindOf(map.area_src, area.place),
      capDcMw: dc.value === null ? null : megawatts(dc.value, unitOf(map.cap_dc, 'MW')),
      capAcMw: ac.value === null ? null : megawatts(ac.value, unitOf(map.cap_ac, 'MW')),
      capKind: capDcKind ?? capAcKind,
      capDcKind,
      capAcKind,
      instStart: installed?.start ?? null,
      instEnd: installed?.end ?? null,
      observedDay: days('observed')?.end ?? null,
      mount: word('mount', MOUNTS),
      tiltDeg: number('tilt_deg', (degrees) => degrees >= 0 && degrees <= 90).value,
      azimuthDeg: azimuth === null ? null : (azimuth + 360) % 360,
      setting: word('setting', SETTINGS) ?? 'unknown',
      confidence: confidence === null ? null : confidence / scale,
      confSrc: provenance['confidence'] ?? null,
      countryIso3: take('country_iso3', alpha3Of).value,
      admin1: text('admin1'),
      provenance,
    };
  }

  /**
   * The first column that has a value, as it is or as the rule's `map` has it; or the rule's own value. What `map` has no word for (null) is
   * no value.
   */
  #find(rule: Rule | undefined, properties: Properties): Found | null {
    if (rule === undefined) return null;
    if (rule.value !== undefined) return { value: rule.value, place: null };
    for (const [place, column] of columnsOf(rule).entries()) {
      const found = properties[column] ?? null;
      if (found === null || this.#isMissing(found)) continue;
      const key = String(found).trim();
      const value = rule.map !== undefined && Object.hasOwn(rule.map, key) ? rule.map[key]! : found;
      if (value !== null) return { value, place };
    }
    return null;
  }

  #isMissing(value: Json): boolean {
    if (typeof value === 'number') return Number.isNaN(value) || this.#missing.has(String(value));
    return typeof value === 'string' && this.#missing.has(value.trim().toLowerCase());
  }
}

function columnsOf(rule: Rule | undefined): readonly string[] {
  if (rule?.column === undefined) return [];
  return typeof rule.column === 'string' ? [rule.column] : rule.column;
}

function textOf(value: Json): string | null {
  if (value === null) return null;
  const text =
    typeof value === 'string' ? value.trim() : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text === '' ? null : text;
}

function numberOf(found: Json, accepts: (x: number) => boolean): number | null {
  const parsed = typeof found === 'number' ? found : Number(textOf(found) ?? NaN);
  return Number.isFinite(parsed) && accepts(parsed) ? parsed : null;
}

/** Of an alpha-3 or alpha-2 code in any case. */
function alpha3Of(found: Json): string | null {
  const code = textOf(found)?.toUpperCase() ?? '';
  return isAlpha3(code) ? code : alpha3OfAlpha2(code);
}

function unitOf<Unit extends string>(rule: (Rule & { readonly unit?: Unit }) | undefined, otherwise: Unit): Unit {
  return rule?.unit ?? otherwise;
}

function megawatts(value: number, unit: string): number {
  return value / PER_MEGAWATT[unit.replace(/p$/, '')]!;
}

/** A list of kinds is one for each column. */
function kindOf<Kind extends string>(
  rule: (Rule & { readonly kind?: Kind | readonly Kind[] }) | undefined,
  place: number | null,
): Kind | 'unknown' {
  const kind = rule?.kind ?? 'unknown';
  return typeof kind === 'string' ? kind : (kind[place ?? 0] ?? 'unknown');
}

function scaleOf(rule: (Rule & { readonly scale?: number }) | undefined): number {
  return rule?.scale ?? 1;
}

function censor(
  days: Days | null,
  rule: (Rule & { readonly censored?: 'before' | 'after' | undefined }) | undefined,
): Days | null {
  if (days === null || rule?.censored === undefined) return days;
  return rule.censored === 'before' ? { start: null, end: days.end } : { start: days.start, end: null };
}

type QuarterRule = (Rule & { readonly quarter?: string | undefined }) | undefined;

function quarterColumn(rule: QuarterRule): string | null {
  return rule?.quarter ?? null;
}

function quarterOf(rule: QuarterRule, properties: Properties): string | null {
  const column = quarterColumn(rule);
  return column === null ? null : textOf(properties[column] ?? null);
}

/** The quarter of a year, where it is one: 1 to 4, or with the year itself (2017Q4). */
function inQuarter(days: Days | null, quarter: string | null): Days | null {
  if (days === null || days.start === null || days.end === null || quarter === null) return days;
  const number = /^([1-4])(?:\.0+)?$/.exec(quarter)?.[1];
  const found = parseDays(number === undefined ? quarter : `${formatDay(days.start).slice(0, 4)}Q${number}`);
  const isWithin = found !== null && (found.start ?? -Infinity) >= days.start && (found.end ?? Infinity) <= days.end;
  return isWithin ? found : days;
}

function isPositive(value: number): boolean {
  return value > 0;
}
