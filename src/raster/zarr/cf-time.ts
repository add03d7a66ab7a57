/** What a CF `units` attribute says: value × unitMs + referenceMs is milliseconds since 1970-01-01 UTC. */
export type TimeUnits = {
  /** Nanoseconds of one unit. */
  readonly unitNs: bigint;
  readonly referenceMs: number;
};

const MS_PER_DAY = 86_400_000;

/** UDUNITS names of CF time units; months and years have no fixed length and are not read. */
const UNIT_NS: ReadonlyMap<string, bigint> = new Map([
  ...entries(['d', 'day', 'days'], 86_400_000_000_000n),
  ...entries(['h', 'hr', 'hrs', 'hour', 'hours'], 3_600_000_000_000n),
  ...entries(['min', 'mins', 'minute', 'minutes'], 60_000_000_000n),
  ...entries(['s', 'sec', 'secs', 'second', 'seconds'], 1_000_000_000n),
  ...entries(['ms', 'msec', 'msecs', 'millisec', 'millisecond', 'milliseconds'], 1_000_000n),
  ...entries(['us', 'microsec', 'microsecond', 'microseconds'], 1_000n),
  ...entries(['ns', 'nanosec', 'nanosecond', 'nanoseconds'], 1n),
]);

/** True for units of the form "… since …". */
export function isTimeUnits(units: string): boolean {
  return /^\s*\S+\s+since\s+\S/i.test(units);
}

/**
 * Parse "days since 1970-01-01 00:00:00" (CF conventions §4.4). A reference without a zone is UTC. In the calendars
 * `standard` and `gregorian` a reference before 1582-10-15 is Julian. Null where the units, the date or the calendar are
 * none that we read.
 */
export function parseTimeUnits(units: string, calendar: string): TimeUnits | null {
  const kind = calendar.toLowerCase();
  const match = /^\s*(\S+)\s+since\s+(.+?)\s*$/i.exec(units);
  const unitNs = UNIT_NS.get(match?.[1]?.toLowerCase() ?? '');
  if (match === null || unitNs === undefined) return null;
  if (kind !== 'standard' && kind !== 'gregorian' && kind !== 'proleptic_gregorian') return null;
  const referenceMs = parseReference(match[2]!, kind !== 'proleptic_gregorian');
  return referenceMs === null ? null : { unitNs, referenceMs };
}

/** Milliseconds since 1970-01-01 UTC of stored times, to the nearest; null where one is not finite or out of range. */
export function decodeTimes(
  values: { readonly length: number; readonly [index: number]: number | bigint },
  { unitNs, referenceMs }: TimeUnits,
): number[] | null {
  const times: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const ms = referenceMs + (typeof value === 'bigint' ? wideToMs(value * unitNs) : numberToMs(value, unitNs));
    if (!Number.isSafeInteger(ms)) return null;
    times.push(ms);
  }
  return times;
}

function numberToMs(value: number, unitNs: bigint): number {
  return unitNs >= 1_000_000n
    ? Math.round(value * Number(unitNs / 1_000_000n))
    : Math.round((value * Number(unitNs)) / 1e6);
}

/** Nanoseconds to the nearest millisecond, halves up. */
function wideToMs(ns: bigint): number {
  const shifted = ns + 500_000n;
  const quotient = shifted / 1_000_000n;
  return Number(shifted < 0n && quotient * 1_000_000n !== shifted ? quotient - 1n : quotient);
}

const REFERENCE =
  /^([+-]?\d{1,6})-(\d{1,2})-(\d{1,2})(?:[T\s]\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?)?\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?$/i;

function parseReference(text: string, mixed: boolean): number | null {
  const match = REFERENCE.exec(text);
  if (match === null) return null;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const [hour, minute, second] = match.slice(4, 7).map((part) => Number(part ?? 0)) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return null;
  const julian = mixed && (year < 1582 || (year === 1582 && (month < 10 || (month === 10 && day < 15))));
  const days = julian ? julianDay(year, month, day) : gregorianDay(year, month, day);
  const fraction = Number(`0.${match[7] === undefined || match[7] === '' ? '0' : match[7]}`);
  const time = ((hour * 60 + minute) * 60 + second + fraction) * 1000;
  return Math.round(days * MS_PER_DAY + time - zoneMs(match[8] ?? 'Z'));
}

/** Days since 1970-01-01; `Date.UTC` would take the years 0 to 99 as 1900 to 1999. */
function gregorianDay(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / MS_PER_DAY;
}

/** Days since 1970-01-01 (Gregorian) of a date of the Julian calendar, which had its year 0 (1 BC) as a leap year. */
function julianDay(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  // Days since 1 March of year 0 (Julian), which is 719470 days before 1970-01-01.
  return 365 * y + Math.floor(y / 4) + Math.floor((153 * m + 2) / 5) + day - 1 - 719_470;
}

function zoneMs(zone: string): number {
  const match = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
}

function entries(names: readonly string[], ns: bigint): [string, bigint][] {
  return names.map((name) => [name, ns]);
}
