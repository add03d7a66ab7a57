import { LRUCache } from 'lru-cache';
import { CubeError, redactUrl } from '../errors.js';
import { throwIfAborted, withAbort } from './abort.js';
import { systemClock, type Clock } from './clock.js';
import { attemptError } from './retry-hint.js';

/** A signed URL; with its expiry (milliseconds since 1970, a date, or ISO text) it is kept and used again. */
export type SignedUrl =
  | string
  | {
      readonly url: string;
      readonly expiresAt: number | string | Date;
      /** Whether its query opens the whole container or this object alone. Left out: judged by the query. */
      readonly scope?: 'container' | 'object';
    };

/** The user's function that makes a URL readable, called when it is about to be read. */
export type SignHook = (url: string) => SignedUrl | Promise<SignedUrl>;

type Token = {
  readonly signedUrl: string;
  readonly query: string;
  /** Not used from then on: 80 % of its lifetime. */
  readonly staleAt: number;
  /** When an origin's refusal led to it; null: an ordinary renewal. */
  readonly refusedAt: number | null;
};

/** A token made because of a refusal is not the reason of another one so soon after: the object itself is closed. */
const REFUSAL_QUIET_MS = 60_000;

/**
 * Calls the sign hook and keeps what it returned. Signatures that open a container (Azure's SAS with `sr=c`, and any
 * other that is not known to be of one object) are used for all its objects, until 80 % of their lifetime.
 */
export class UrlSigner {
  readonly #hook: SignHook;
  readonly #clock: Clock;
  readonly #tokens = new LRUCache<string, Token>({ max: 10_000 });
  readonly #pending = new Map<string, Promise<Token | null>>();
  readonly #refusals = new Map<string, number>();
  /** Containers whose signatures are of one object each; their calls need not wait for each other. */
  readonly #perObject = new Set<string>();

  constructor(hook: SignHook, clock: Clock = systemClock) {
    this.#hook = hook;
    this.#clock = clock;
  }

  /** The URL as it may be read now. Problems: `network` where the hook fails, `invalid-argument` for what is no URL. */
  async sign(url: string, signal?: AbortSignal): Promise<string> {
    const container = containerOf(url);
    for (;;) {
      throwIfAborted(signal);
      const held = this.#held(container) ?? this.#held(url);
      if (held !== null) return applyToken(url, held);
      const key = this.#perObject.has(container) ? url : container;
      const running = this.#pending.get(key);
      if (running === undefined) return withAbort(this.#renew(url, container, key), signal);
      await withAbort(
        running.catch(() => null),
        signal,
      );
    }
  }

  /** Forgets the token that `sent` was signed with; false where it is too young to be the reason of the refusal. */
  refuse(url: string, sent: string): boolean {
    for (const key of [containerOf(url), url]) {
      const token = this.#tokens.get(key);
      if (token === undefined || applyToken(url, token) !== sent) continue;
      const now = this.#clock.now();
      if (token.refusedAt !== null && now - token.refusedAt < REFUSAL_QUIET_MS) return false;
      this.#tokens.delete(key);
      this.#refusals.set(containerOf(url), now);
    }
    return true;
  }

  async #renew(url: string, container: string, key: string): Promise<string> {
    const calling = this.#call(url);
    const token = calling.then(({ signed, token }) => (this.#keep(url, container, signed, token), token));
    this.#pending.set(key, token);
    try {
      await token;
      const { signed } = await calling;
      return new URL(typeof signed === 'string' ? signed : signed.url).href;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #call(url: string): Promise<{ readonly signed: SignedUrl; readonly token: Token | null }> {
    const signed = await callHook(this.#hook, url);
    const signedUrl = typeof signed === 'string' ? signed : signed.url;
    if (!/^https?:/i.test(signedUrl) || !URL.canParse(signedUrl)) {
      throw new CubeError({
        kind: 'invalid-argument',
        what: `the sign hook did not return an http(s) URL for ${redactUrl(url)}`,
      });
    }
    if (typeof signed === 'string') return { signed, token: null };
    const expiresAt = new Date(signed.expiresAt).getTime();
    if (Number.isNaN(expiresAt)) {
      throw new CubeError({ kind: 'invalid-argument', what: 'the sign hook returned an expiresAt that is no time' });
    }
    const now = this.#clock.now();
    const refusedAt = this.#refusals.get(containerOf(url)) ?? null;
    const staleAt = now + 0.8 * (expiresAt - now);
    return { signed, token: { signedUrl, query: new URL(signedUrl).search, staleAt, refusedAt } };
  }

  #keep(url: string, container: string, signed: SignedUrl, token: Token | null): void {
    this.#refusals.delete(container);
    const wide = token !== null && typeof signed !== 'string' && opensContainer(url, signed.url, signed.scope);
    if (!wide) this.#perObject.add(container);
    if (token !== null) this.#tokens.set(wide ? container : url, token);
  }

  #held(key: string): Token | null {
    const token = this.#tokens.get(key);
    if (token === undefined) return null;
    if (this.#clock.now() < token.staleAt) return token;
    this.#tokens.delete(key);
    return null;
  }
}

/** The hook's error may quote the URL it could not sign, so its words are not passed on. */
async function callHook(hook: SignHook, url: string): Promise<SignedUrl> {
  try {
    return await hook(url);
  } catch (cause) {
    if (cause instanceof CubeError) throw cause;
    const what = `the sign hook threw ${cause instanceof Error ? cause.name : 'an unknown error'}`;
    throw attemptError({ kind: 'network', url: redactUrl(url), what, attempts: 1 }, { again: true }, cause);
  }
}

/** Origin and first path segment: a bucket or container. */
function containerOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}/${pathname.split('/')[1] ?? ''}`;
}

/** False where the hook changed more than the query, or the query is a known signature of one object. */
function opensContainer(url: string, signed: string, scope: 'container' | 'object' | undefined): boolean {
  const [from, to] = [new URL(url), new URL(signed)];
  if (from.origin !== to.origin || from.pathname !== to.pathname) return false;
  if (scope !== undefined) return scope === 'container';
  const names = ['x-amz-signature', 'x-goog-signature', 'key-pair-id', 'awsaccesskeyid', 'googleaccessid'];
  const query = new Map([...to.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  return !names.some((name) => query.has(name)) && query.get('sr') !== 'b';
}

/** The URL with the token's query parameters, which win over its own of the same name. */
function applyToken(url: string, token: Token): string {
  const plain = new URL(url);
  const signed = new URL(token.signedUrl);
  if (plain.origin !== signed.origin || plain.pathname === signed.pathname) return signed.href;
  const given = new Set(signed.searchParams.keys());
  const own = plain.search.slice(1).split('&');
  const kept = own.filter((pair) => !given.has(pair.split('=')[0] ?? ''));
  plain.search = [...kept, token.query.slice(1)].filter((part) => part !== '').join('&');
  return plain.href;
}
