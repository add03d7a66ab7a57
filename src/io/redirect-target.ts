import { CubeError, isCubeError, redactUrl } from '../errors.js';
import { assertAccess } from './access.js';
import { attemptError } from './retry-hint.js';

/** More hops than this are taken for a circle. */
export const MAX_REDIRECTS = 5;

/** Statuses that name another place (RFC 9110 §15.4); 300 and 304 do not. */
export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether a redirect leads to where a person would log in (RFC 6749 §3.1), which stands for "unauthorized". */
export function isLogin(url: string): boolean {
  const { pathname, searchParams } = new URL(url);
  return /\/oauth2?\/(v\d\/)?authorize$/.test(pathname) && searchParams.has('client_id');
}

/**
 * Where an answer from `from` redirects to, without user info. Problems: `bad-response` for text that is no URL, `forbidden`
 * where it leaves https or leads to a private address that is not one of the `trusted` origins.
 */
export function redirectTarget(from: string, location: string, trusted: ReadonlySet<string>): string {
  const source = redactUrl(from);
  if (!URL.canParse(location, from)) {
    throw attemptError({ kind: 'bad-response', url: source, what: 'redirects to something that is no URL' }, {});
  }
  const next = new URL(location, from);
  const forbidden = (what: string, cause?: unknown) =>
    new CubeError(
      { kind: 'forbidden', url: redactUrl(next.href), what: `a redirect from ${source} ${what}` },
      { cause },
    );
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw forbidden(`to a ${next.protocol} location`);
  if (next.protocol === 'http:' && from.startsWith('https:')) throw forbidden('that leaves https');
  next.username = '';
  next.password = '';
  if (trusted.has(next.origin)) return next.href;
  try {
    assertAccess(next.href, from);
  } catch (cause) {
    if (!isCubeError(cause, 'forbidden')) throw cause;
    throw forbidden('to a private address', cause);
  }
  return next.href;
}
