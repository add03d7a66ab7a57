import type { Json } from '../stac/item.js';
import type { Setting } from '../sites/site-feature.js';
import type { Attributes, Mount } from './attributes.js';
import type { FieldMap } from './manifest-schema.js';
import { parseDays, type Days } from './parse-days.js';

type Properties = { readonly [key: string]: Json };
type Rule = {
  readonly column?: string | readonly string[] | undefined;
  readonly value?: string | number | boolean | undefined;
  readonly map?: Readonly<Record<string, string | number | null>> | undefined;
};

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
    return [...new Set(rules.flatMap((rule) => columnsOf(rule)))];
  }

  read(properties: Properties, onMisread: (misread: Misread) => void = () => {}): Attributes {
    const map = this.#map;
    const value = (rule: Rule | undefined) => this.#valueOf(rule, properties);
    const fail = (target: string, rule: Rule | undefined, found: Json) =>
      onMisread({ target, column: columnsOf(rule).join(', '), value: found });
    const number = (target: string, rule: Rule | undefined, accepts: (x: number) => boolean): number | null => {
      const found = value(rule);
      if (found === null) return null;
      const parsed = typeof found === 'number' ? found : Number(String(found).trim());
      if (Number.isFinite(parsed) && accepts(parsed)) return parsed;
      fail(target, rule, found);
      return null;
    };
    const text = (rule: Rule | undefined): string | null => textOf(value(rule));
    const word = <Word extends string>(target: string, rule: Rule | undefined, words: readonly Word[]): Word | null => {
      const found = text(rule);
      const known = found === null ? null : (words.find((one) => one === found.toLowerCase()) ?? null);
      if (found !== null && known === null) fail(target, rule, found);
      return known;
    };
    const days = (target: string, rule: Rule | undefined): Days | null => {
      const found = text(rule);
      const parsed = found === null ? null : parseDays(found);
      if (found !== null && parsed === null) fail(target, rule, found);
      return parsed;
    };

    const area = number('area_src', map.area_src, isPositive);
    const [dc, ac] = [number('cap_dc', map.cap_dc, isPositive), number('cap_ac', map.cap_ac, isPositive)];
    const installed = censor(days('installed', map.installed), map.installed);
    const azimuth = number('azimuth_deg', map.azimuth_deg, (degrees) => degrees >= -360 && degrees <= 360);
    const confidence = number('confidence', map.confidence, (x) => x >= 0 && x <= scaleOf(map.confidence));
    return {
      nativeId: text(map.native_id),
      sourceSplit: text(map.source_split),
      areaSrcM2: area === null ? null : area * SQUARE_METRES[unitOf(map.area_src, 'm2')]!,
      areaSrcUnit: area === null ? null : unitOf(map.area_src, 'm2'),
      areaSrcKind: area === null ? null : kindOf(map.area_src),
      capDcMw: dc === null ? null : dc / PER_MEGAWATT[unitOf(map.cap_dc, 'MW').replace(/p$/, '')]!,
      capAcMw: ac === null ? null : ac / PER_MEGAWATT[unitOf(map.cap_ac, 'MW').replace(/p$/, '')]!,
      capKind: dc === null && ac === null ? null : kindOf(dc === null ? map.cap_ac : map.cap_dc),
      instStart: installed?.start ?? null,
      instEnd: installed?.end ?? null,
      observedDay: days('observed', map.observed)?.end ?? null,
      mount: word('mount', map.mount, MOUNTS),
      tiltDeg: number('tilt_deg', map.tilt_deg, (degrees) => degrees >= 0 && degrees <= 90),
      azimuthDeg: azimuth === null ? null : (azimuth + 360) % 360,
      setting: word('setting', map.setting, SETTINGS) ?? 'unknown',
      confidence: confidence === null ? null : confidence / scaleOf(map.confidence),
      confSrc: confidence === null ? null : (columnsOf(map.confidence)[0] ?? null),
      countryIso3: text(map.country_iso3)?.toUpperCase() ?? null,
      admin1: text(map.admin1),
    };
  }

  /** The first column that has a value, as it is or as the rule's `map` has it; or the rule's own value. */
  #valueOf(rule: Rule | undefined, properties: Properties): Json {
    if (rule === undefined) return null;
    if (rule.value !== undefined) return rule.value;
    for (const column of columnsOf(rule)) {
      const found = properties[column] ?? null;
      if (found === null || this.#isMissing(found)) continue;
      const key = String(found).trim();
      return rule.map !== undefined && Object.hasOwn(rule.map, key) ? rule.map[key]! : found;
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

function unitOf<Unit extends string>(rule: (Rule & { readonly unit?: Unit }) | undefined, otherwise: Unit): Unit {
  return rule?.unit ?? otherwise;
}

function kindOf<Kind extends string>(rule: (Rule & { readonly kind?: Kind }) | undefined): Kind | 'unknown' {
  return rule?.kind ?? 'unknown';
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

function isPositive(value: number): boolean {
  return value > 0;
}
