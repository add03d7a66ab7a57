import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { CubeError, problemOf, type Problem } from '../errors.js';

/** A hook that gives the URL to read with, such as a signed one, at the moment of reading. */
export type SignHook = (url: string) => SignedUrl | Promise<SignedUrl>;
export type SignedUrl = string | { readonly url: string; readonly expiresAt: number };

type Request = { readonly kind: 'request'; readonly id: string; readonly url: string };
type Reply =
  | { readonly kind: 'reply'; readonly id: string; readonly signed: SignedUrl }
  | { readonly kind: 'refused'; readonly id: string; readonly problem: Problem };

/** Functions do not cross threads: the main thread signs for its workers over a channel of this name. */
export function serveSigning(name: string, sign: SignHook): { close(): void } {
  const channel = new BroadcastChannel(name);
  channel.unref();
  channel.onmessage = (event) => {
    const { data } = event as { data: Request | Reply };
    if (data.kind !== 'request') return;
    const { id } = data;
    Promise.resolve()
      .then(() => sign(data.url))
      .then((signed) => channel.postMessage({ kind: 'reply', id, signed } satisfies Reply))
      .catch((error: unknown) => channel.postMessage({ kind: 'refused', id, problem: problemOf(error) } satisfies Reply));
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
  return (url) =>
    new Promise((resolve, reject) => {
      const id = randomUUID();
      waiting.set(id, { resolve, reject });
      channel.postMessage({ kind: 'request', id, url } satisfies Request);
    });
}
