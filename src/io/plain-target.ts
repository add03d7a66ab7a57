import { redactUrl } from '../errors.js';
import type { RequestTarget, SignedRequest } from './request-target.js';

/** An http(s) URL as it is. User info in it becomes a Basic authorization header and is not part of the URL any more. */
export class PlainTarget implements RequestTarget {
  readonly url: string;
  readonly #request: SignedRequest;

  constructor(url: string) {
    this.url = redactUrl(url);
    this.#request = plainRequest(url);
  }

  async resolve(): Promise<SignedRequest> {
    return this.#request;
  }

  refused(): boolean {
    return false;
  }
}

/** The request that a URL alone stands for. */
export function plainRequest(text: string): SignedRequest {
  const url = new URL(text);
  url.hash = '';
  if (url.username === '' && url.password === '') return { url: url.href, headers: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url: url.href, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}
