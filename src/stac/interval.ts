import { CubeError } from '../errors.js';

/** Closed interval of instants, milliseconds UTC; ±Infinity for open ends. */
export type Interval = { readonly fromMs: number; readonly toMs: number };

/**
 * Parse STAC's `datetime`: an RFC 3339 instant or "start/end" with ".." or nothing for open ends. Shorter dates (2023,
 * 2023-08, 2023-08-31) mean the whole year, month or day. Times without a zone are UTC.
 */
export function parseInterval(text: string): Interval {
  const parts = text.split('/');
  if (parts.length > 2) throw invalid(text);
  const [start, end = start] = parts as [string, string?];
  const fromMs = isOpen(start) ? -Infinity : parsePart(start, text).fromMs;
  const toMs = isOpen(end!) ? Infinity : parsePart(end!, text).toMs;
  if (parts.length === 1 && isOpen(start)) throw invalid(text);
  if (fromMs > toMs) {
    throw new CubeError({ kind: 'invalid-spec', path: 'source.datetime', what: `"${text}" ends before it begins` });
  }
  return { fromMs, toMs };
}

/** Milliseconds UTC of an RFC 3339 instant or date, or null where it is none. Offsets are taken into account. */
export function parseInstant(text: string): number | null {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/.exec(
      text.trim(),
    );
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  // RFC 3339 §5.7 allows second 60; it is the instant after 59.
  if (month < 1 || month > 12 || day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return null;
  const offset =
    match[9] === undefined ? 0 : (match[9] === '-' ? -1 : 1) * (Number(match[10]) * 60 + Number(match[11]));
  const fraction = match[7] === undefined ? 0 : Math.floor(Number(match[7]) * 1000);
  return Date.UTC(year, month - 1, day, hour, minute, second) + fraction - offset * 60_000;
}

function parsePart(part: string, whole: string): Interval {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(part.trim());
  if (match === null) {
    const instant = parseInstant(part);
    if (instant === null) throw invalid(whole);
    return { fromMs: instant, toMs: instant };
  }
  const [year, month, day] = [Number(match[1]), match[2], match[3]];
  if (day !== undefined && parseInstant(part) === null) throw invalid(whole);
  const start = Date.UTC(year, Number(month ?? 1) - 1, Number(day ?? 1));
  const next =
    day !== undefined
      ? start + 86_400_000
      : month !== undefined
        ? Date.UTC(year, Number(month), 1)
        : Date.UTC(year + 1, 0, 1);
  return { fromMs: start, toMs: next - 1 };
}

function isOpen(part: string): boolean {
  return part === '..' || part === '';
}

function invalid(text: string): CubeError {
  return new CubeError({
    kind: 'invalid-spec',
    path: 'source.datetime',
    what: `"${text}" is no RFC 3339 instant or interval`,
    fix: 'write it like 2023-08-01/2023-08-31 or 2023-08-01T10:00:00Z/..',
  });
}
