import { LRUCache } from 'lru-cache';
import { CubeError, redactUrl } from '../errors.js';
import { throwIfAborted, withAbort } from './abort.js';
import { systemClock, type Clock } from './clock.js';
import { attemptError } from './retry-hint.js';
import {
  containerOf,
  isSameSignature,
  opensContainer,
  signatureOf,
  type LastingUrl,
  type Signature,
  type SignedUrl,
} from './signed-url.js';

/**
 * The user's function that makes an http(s) URL readable, called when it is about to be read. `renew` is set after the
 * origin refused what the hook returned before.
 */
export type SignHook = (url: string, options?: { readonly renew: boolean }) => SignedUrl | Promise<SignedUrl>;

type Token = {
  readonly signed: LastingUrl;
  /** Not used from then on: 80 % of its lifetime. */
  readonly staleAt: number;
  /** When an origin's refusal led to it; null: an ordinary renewal. */
  readonly refusedAt: number | null;
};

/** A token made because of a refusal is not the reason of another one so soon after: the object itself is closed. */
const REFUSAL_QUIET_MS = 60_000;

/**
 * Calls the sign hook and keeps what it returned. Signatures that open a container (Azure's SAS with `sr=c`, and any
 * other that is not known to be of one object) are used for all its objects, until 80 % of their lifetime; at most one
 * call for a container runs at a time.
 */
export class UrlSigner {
  readonly #hook: SignHook;
  readonly #clock: Clock;
  readonly #tokens = new LRUCache<string, Token>({ max: 10_000 });
  readonly #pending = new Map<string, Promise<SignedUrl>>();
  /** Times of refusals that no call of the hook has answered yet, by container. */
  readonly #refusals = new Map<string, number>();
  /** Containers whose signatures are of one object each; their calls need not wait for each other. */
  readonly #perObject = new Set<string>();

  constructor(hook: SignHook, clock: Clock = systemClock) {
    this.#hook = hook;
    this.#clock = clock;
  }

  /** How the URL may be read now. Problems: `network` where the hook fails, `invalid-argument` for what is no URL. */
  async sign(url: string, signal?: AbortSignal): Promise<Signature> {
    return asSignature(await this.signed(url, signal));
  }

  /** The URL as it may be read now, with its headers, expiry and scope where the hook told them. */
  async signed(url: string, signal?: AbortSignal): Promise<SignedUrl> {
    const container = containerOf(url);
    for (;;) {
      throwIfAborted(signal);
      const held = this.#held(container) ?? this.#held(url);
      if (held !== null) return signatureOf(url, held.signed);
      const key = this.#perObject.has(container) ? url : container;
      const running = this.#pending.get(key);
      if (running === undefined) return withAbort(this.#renew(url, container, key), signal);
      const settled = running.then(
        () => {},
        () => {},
      );
      await withAbort(settled, signal);
    }
  }

  /** Forgets the token that `sent` was signed with; false where it is too young to be the reason of the refusal. */
  refuse(url: string, sent: Signature): boolean {
    const now = this.#clock.now();
    for (const key of [containerOf(url), url]) {
      const token = this.#tokens.get(key);
      if (token === undefined || !isSameSignature(signatureOf(url, token.signed), sent)) continue;
      if (token.refusedAt !== null && now - token.refusedAt < REFUSAL_QUIET_MS) return false;
      this.#tokens.delete(key);
    }
    if (this.#held(containerOf(url)) === null && this.#held(url) === null) this.#refusals.set(containerOf(url), now);
    return true;
  }

  async #renew(url: string, container: string, key: string): Promise<SignedUrl> {
    const renewing = this.#call(url, container);
    this.#pending.set(key, renewing);
    try {
      return await renewing;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #call(url: string, container: string): Promise<SignedUrl> {
    const refusedAt = this.#refusals.get(container) ?? null;
    this.#refusals.delete(container);
    const signed = await callHook(this.#hook, url, refusedAt !== null);
    if (typeof signed === 'string') {
      this.#perObject.add(container);
      return signed;
    }
    const wide = opensContainer(url, signed);
    if (wide) this.#perObject.delete(container);
    else this.#perObject.add(container);
    const now = this.#clock.now();
    const kept: LastingUrl = { ...signed, scope: wide ? 'container' : 'object' };
    this.#tokens.set(wide ? container : url, {
      signed: kept,
      staleAt: now + 0.8 * (signed.expiresAt - now),
      refusedAt,
    });
    return kept;
  }

  #held(key: string): Token | null {
    const token = this.#tokens.get(key);
    if (token === undefined) return null;
    if (this.#clock.now() < token.staleAt) return token;
    this.#tokens.delete(key);
    return null;
  }
}

/**
 * The same hook with one memory for all who call it: put it where one thread signs for many workers, so that a container
 * is signed once in a lifetime and not once for each of them.
 */
export function sharedSignHook(hook: SignHook, clock: Clock = systemClock): SignHook {
  const signer = new UrlSigner(hook, clock);
  return async (url, options) => {
    const signed = await signer.signed(url);
    if (options?.renew !== true) return signed;
    return signer.refuse(url, asSignature(signed)) ? signer.signed(url) : signed;
  };
}

function asSignature(signed: SignedUrl): Signature {
  return typeof signed === 'string' ? { url: signed } : signed;
}

/** Calls the hook and checks what it returns. Its error may quote the URL it could not sign, so its words are not passed on. */
async function callHook(hook: SignHook, url: string, renew: boolean): Promise<SignedUrl> {
  let signed: SignedUrl;
  try {
    signed = await hook(url, { renew });
  } catch (cause) {
    if (cause instanceof CubeError) throw cause;
    const what = `the sign hook threw ${cause instanceof Error ? cause.name : 'an unknown error'}`;
    throw attemptError({ kind: 'network', url: redactUrl(url), what, attempts: 1 }, { again: true }, cause);
  }
  const text = typeof signed === 'string' ? signed : signed.url;
  const fail = (what: string) =>
    new CubeError({ kind: 'invalid-argument', what: `the sign hook returned ${what} for ${redactUrl(url)}` });
  if (typeof text !== 'string' || !/^https?:/i.test(text) || !URL.canParse(text)) throw fail('no http(s) URL');
  if (typeof signed === 'string') return new URL(text).href;
  if (!Number.isFinite(signed.expiresAt)) throw fail('an expiresAt that is no number of milliseconds');
  return { ...signed, url: new URL(text).href };
}
