/**
 * Milliseconds that a `Retry-After` asks to wait (RFC 9110 §10.2.3: seconds, or an HTTP date), never negative; null
 * where it is missing or unreadable.
 */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  const trimmed = text.trim();
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed) * 1000;
  // A date begins with the day's name; Date.parse alone would read almost anything.
  if (!/^[a-z]{3,9},? /i.test(trimmed)) return null;
  const date = Date.parse(trimmed);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
