import { replaceLoneSurrogates } from './column.js';

/**
 * Plain data as JSON text that `parsePlain` reads back exactly: what JSON has not (NaN, infinities, -0, bigints) is an
 * object with the one key `$number` or `$bigint`. Lone surrogates become U+FFFD.
 */
export function formatPlain(value: unknown): string {
  return replaceLoneSurrogates(JSON.stringify(value, replaceNumber));
}

/** The value of a text of `formatPlain`. Throws `SyntaxError` for what is none. */
export function parsePlain(text: string): unknown {
  return text.includes('"$') ? JSON.parse(text, restoreNumber) : JSON.parse(text);
}

function replaceNumber(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value !== 'number') return value;
  if (Object.is(value, -0)) return { $number: '-0' };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function restoreNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$number' in value && typeof value.$number === 'string') return Number(value.$number);
  if ('$bigint' in value && typeof value.$bigint === 'string') return wholeOf(value.$bigint);
  return value;
}

function wholeOf(text: string): bigint {
  if (/^-?\d{1,20}$/.test(text)) return BigInt(text);
  throw new SyntaxError('a $bigint is no whole number');
}
