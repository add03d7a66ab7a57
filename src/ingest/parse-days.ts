const DAY_MS = 86_400_000;

/** Days since 1970-01-01 from the first to the last, both inclusive; null: open on that side. */
export type Days = { readonly start: number | null; readonly end: number | null };

/**
 * The days that a text names: a year, a quarter (2017Q4, 2017-Q4), a month, a day or an instant, two of these with `/`, `,` or ` to `
 * between them, or one that is open (`<2016-06`: by the end of that month at the latest; `>2016-06`: from its first day on). Null
 * for anything else, impossible dates too. Years are 1900 to 2100.
 */
export function parseDays(value: string): Days | null {
  const parts = withDashes(value.trim()).split(/\s*(?:\/|,|;|\bto\b)\s*/);
  if (parts.length === 1) return parseOpen(parts[0]!);
  if (parts.length !== 2) return null;
  const [from, to] = [parseOpen(parts[0]!), parseOpen(parts[1]!)];
  if (from === null || to === null || isAfter(from.start, to.end)) return null;
  return { start: from.start, end: to.end };
}

/** Days are written with slashes too, which stand between two days elsewhere. */
function withDashes(text: string): string {
  return text.replace(/\b(\d{4})\/(\d{2})\/(\d{2})(?!\d)/g, '$1-$2-$3');
}

function parseOpen(text: string): Days | null {
  const open = /^([<>])=?\s*(.+)$/.exec(text);
  if (open === null) return parsePeriod(text);
  const days = parsePeriod(open[2]!);
  if (days === null) return null;
  return open[1] === '<' ? { start: null, end: days.end } : { start: days.start, end: null };
}

/** The day of an instant in milliseconds since 1970. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** A day as YYYY-MM-DD. */
export function formatDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

type Closed = { readonly start: number; readonly end: number };

function parsePeriod(text: string): Closed | null {
  const match =
    /^(\d{4})(?:\.0+)?$|^(\d{4})[- ]?Q([1-4])$|^(\d{4})[-.]?(\d{2})$|^(\d{4})[-.]?(\d{2})[-.]?(\d{2})(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/i.exec(
      text,
    );
  if (match === null) return null;
  const [, year, yearOfQuarter, quarter, yearOfMonth, month, yearOfDay, monthOfDay, day] = match;
  if (year !== undefined) return months(Number(year), 0, 12);
  if (yearOfQuarter !== undefined) return months(Number(yearOfQuarter), (Number(quarter) - 1) * 3, 3);
  if (yearOfMonth !== undefined) return months(Number(yearOfMonth), Number(month) - 1, 1);
  return oneDay(Number(yearOfDay), Number(monthOfDay) - 1, Number(day));
}

function months(year: number, first: number, count: number): Closed | null {
  if (year < 1900 || year > 2100 || first < 0 || first > 11) return null;
  return { start: dayOf(Date.UTC(year, first, 1)), end: dayOf(Date.UTC(year, first + count, 0)) };
}

function oneDay(year: number, month: number, day: number): Closed | null {
  const ms = Date.UTC(year, month, day);
  const made = new Date(ms);
  if (year < 1900 || year > 2100 || made.getUTCMonth() !== month || made.getUTCDate() !== day) return null;
  return { start: dayOf(ms), end: dayOf(ms) };
}

function isAfter(start: number | null, end: number | null): boolean {
  return start !== null && end !== null && start > end;
}
