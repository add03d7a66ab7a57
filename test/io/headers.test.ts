import { describe, expect, it } from 'vitest';
import { parseContentRange } from '../../src/io/content-range.js';
import { parseRetryAfter } from '../../src/io/retry-after.js';

describe('parseContentRange', () => {
  it('reads what RFC 9110 allows and refuses the rest', () => {
    expect(parseContentRange('bytes 0-99/1234')).toEqual({ span: { first: 0, last: 99 }, size: 1234 });
    expect(parseContentRange('bytes 0-99/*')).toEqual({ span: { first: 0, last: 99 }, size: null });
    expect(parseContentRange('bytes */1234')).toEqual({ span: null, size: 1234 });
    for (const text of [
      undefined,
      '',
      'bytes 9-0/10',
      'bytes 0-10/10',
      'bytes -1-5/10',
      'items 0-1/2',
      `bytes 0-1/${'9'.repeat(20)}`,
    ]) {
      expect(parseContentRange(text)).toBeNull();
    }
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates', () => {
    const now = Date.parse('2023-08-01T00:00:00Z');
    expect(parseRetryAfter('7', now)).toBe(7000);
    expect(parseRetryAfter('Tue, 01 Aug 2023 00:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('Mon, 31 Jul 2023 00:00:30 GMT', now)).toBe(0);
    for (const text of [undefined, '', '-1', '1.5', 'soon', '1e3']) expect(parseRetryAfter(text, now)).toBeNull();
  });
});
