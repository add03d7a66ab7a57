import { redactUrl } from '../errors.js';
import { plainRequest } from './plain-target.js';
import type { RequestTarget, SignedRequest } from './request-target.js';
import type { UrlSigner } from './url-signer.js';

/** An http(s) URL that is signed each time it is about to be read, and once more after a 403. */
export class SignedTarget implements RequestTarget {
  readonly url: string;
  readonly #plain: string;
  readonly #signer: UrlSigner;

  constructor(url: string, signer: UrlSigner) {
    this.url = redactUrl(url);
    this.#plain = url.replace(/#.*$/, '');
    this.#signer = signer;
  }

  async resolve(_range: string | null, signal?: AbortSignal): Promise<SignedRequest> {
    return plainRequest(await this.#signer.sign(this.#plain, signal));
  }

  refused(sent: SignedRequest, status: number): boolean {
    return status === 403 && this.#signer.refuse(this.#plain, sent.url);
  }
}
