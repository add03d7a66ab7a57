import { CubeError } from '../errors.js';

/** Closed interval of instants, milliseconds UTC; ±Infinity for open ends. */
export type Interval = { readonly fromMs: number; readonly toMs: number };

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,18}))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?)?$/;

/**
 * Parse STAC's `datetime`: an RFC 3339 instant or "start/end" with ".." or nothing for open ends. Shorter dates (2023,
 * 2023-08, 2023-08-31) mean the whole year, month or day. Times without a zone are UTC. Problem: `invalid-spec` of the key `path`.
 */
export function parseInterval(text: string, path = 'source.datetime'): Interval {
  const parts = text.split('/');
  if (parts.length > 2) throw invalid(text, path);
  const [start, end = start] = parts as [string, string?];
  const whole = { text, path };
  const fromMs = isOpen(start) ? -Infinity : parsePart(start, whole).fromMs;
  const toMs = isOpen(end!) ? Infinity : parsePart(end!, whole).toMs;
  if (parts.length === 1 && isOpen(start)) throw invalid(text, path);
  if (fromMs > toMs) {
    throw new CubeError({ kind: 'invalid-spec', path, what: `"${text}" ends before it begins` });
  }
  return { fromMs, toMs };
}

/** The interval as STAC APIs take it, or null where both ends are open. */
export function formatInterval({ fromMs, toMs }: Interval): string | null {
  if (fromMs === -Infinity && toMs === Infinity) return null;
  return `${formatEnd(fromMs)}/${formatEnd(toMs)}`;
}

/**
 * Milliseconds UTC of an RFC 3339 instant or date, cut to whole milliseconds; null where it is none. Offsets are taken
 * into account; without one the time is UTC.
 */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text.trim());
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const days = new Date(utc(year, month + 1, 0)).getUTCDate();
  // RFC 3339 §5.7 allows second 60; it is the instant after 59.
  if (month < 1 || month > 12 || day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return null;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const sign = match[8] === '-' ? -1 : 1;
  const offset = sign * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  return utc(year, month, day) + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
}

/** Midnight of a date; `Date.UTC` would take years below 100 for the 20th century's. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

function parsePart(part: string, { text, path }: { readonly text: string; readonly path: string }): Interval {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(part.trim());
  if (match === null) {
    const instant = parseInstant(part);
    if (instant === null) throw invalid(text, path);
    return { fromMs: instant, toMs: instant };
  }
  const [year, month, day] = [Number(match[1]), match[2], match[3]];
  const fromMs = parseInstant(`${match[1]}-${month ?? '01'}-${day ?? '01'}`);
  if (fromMs === null) throw invalid(text, path);
  if (day !== undefined) return { fromMs, toMs: fromMs + 86_400_000 - 1 };
  const next = month !== undefined ? utc(year, Number(month) + 1, 1) : utc(year + 1, 1, 1);
  return { fromMs, toMs: next - 1 };
}

function isOpen(part: string): boolean {
  return part === '..' || part === '';
}

function formatEnd(timeMs: number): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString().replace('.000Z', 'Z') : '..';
}

function invalid(text: string, path: string): CubeError {
  return new CubeError({
    kind: 'invalid-spec',
    path,
    what: `"${text}" is no RFC 3339 instant or interval`,
    fix: 'write it like 2023-08-01/2023-08-31 or 2023-08-01T10:00:00Z/..',
  });
}
