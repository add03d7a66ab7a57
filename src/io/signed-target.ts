import { redactUrl } from '../errors.js';
import { plainRequest } from './plain-target.js';
import type { RequestTarget, SignedRequest } from './request-target.js';
import type { Signature } from './signed-url.js';
import type { UrlSigner } from './url-signer.js';

/** Statuses that a better signature may change; 409 is Azure's for a container that is closed to all without one. */
const REFUSED = new Set([401, 403, 409]);

/** An http(s) URL that is signed each time it is about to be read, and once more after it was refused. */
export class SignedTarget implements RequestTarget {
  readonly url: string;
  readonly #plain: string;
  readonly #signer: UrlSigner;
  readonly #signatures = new WeakMap<SignedRequest, Signature>();

  constructor(url: string, signer: UrlSigner) {
    this.url = redactUrl(url);
    this.#plain = url.replace(/#.*$/, '');
    this.#signer = signer;
  }

  async resolve(_range: string | null, signal?: AbortSignal): Promise<SignedRequest> {
    const signature = await this.#signer.sign(this.#plain, signal);
    const { url, headers } = plainRequest(signature.url);
    const request = { url, headers: { ...headers, ...signature.headers } };
    this.#signatures.set(request, signature);
    return request;
  }

  refused(sent: SignedRequest, status: number): boolean {
    return REFUSED.has(status) && this.#signer.refuse(this.#plain, this.#signatures.get(sent) ?? sent);
  }
}
