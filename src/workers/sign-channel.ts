import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { CubeError, problemOf, type Problem } from '../errors.js';
import type { SignedUrl } from '../io/signed-url.js';
import { sharedSignHook, type SignHook } from '../io/url-signer.js';

type Request = { readonly kind: 'request'; readonly id: string; readonly url: string; readonly renew: boolean };
type Reply =
  | { readonly kind: 'reply'; readonly id: string; readonly signed: SignedUrl }
  | { readonly kind: 'refused'; readonly id: string; readonly problem: Problem };

/**
 * Functions do not cross threads: the main thread signs for its workers over a channel of this name, with one memory for
 * all of them (E4).
 */
export function serveSigning(name: string, sign: SignHook): { close(): void } {
  const channel = new BroadcastChannel(name);
  const hook = sharedSignHook(sign);
  channel.unref();
  channel.onmessage = (event) => {
    const { data } = event as { data: Request | Reply };
    if (data.kind !== 'request') return;
    const { id, url, renew } = data;
    Promise.resolve()
      .then(() => hook(url, { renew }))
      .then((signed) => channel.postMessage({ kind: 'reply', id, signed } satisfies Reply))
      .catch((error: unknown) =>
        channel.postMessage({ kind: 'refused', id, problem: problemOf(error) } satisfies Reply),
      );
  };
  return { close: () => channel.close() };
}

/** The worker's side: a hook that asks the main thread. */
export function signThroughChannel(name: string): SignHook {
  const channel = new BroadcastChannel(name);
  channel.unref();
  const waiting = new Map<string, { resolve(signed: SignedUrl): void; reject(error: unknown): void }>();
  channel.onmessage = (event) => {
    const { data } = event as { data: Request | Reply };
    if (data.kind === 'request') return;
    const waiter = waiting.get(data.id);
    if (waiter === undefined) return;
    waiting.delete(data.id);
    if (data.kind === 'reply') waiter.resolve(data.signed);
    else waiter.reject(new CubeError(data.problem));
  };
  return (url, options) =>
    new Promise((resolve, reject) => {
      const id = randomUUID();
      waiting.set(id, { resolve, reject });
      channel.postMessage({ kind: 'request', id, url, renew: options?.renew === true } satisfies Request);
    });
}
