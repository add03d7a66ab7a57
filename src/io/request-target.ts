import type { HttpHeaders } from './http-request.js';

/** URL and headers that a request is sent with; both may hold secrets. */
export type SignedRequest = { readonly url: string; readonly headers: HttpHeaders };

/** Where the requests for one object go, and with which credentials; asked anew for every attempt. */
export interface RequestTarget {
  /** Printable: no query, no user info. */
  readonly url: string;
  /** The request as it is sent. `range` is the Range header's value, which some signatures cover; null: no such header. */
  resolve(range: string | null, signal?: AbortSignal): Promise<SignedRequest>;
  /** Told about an answer that refused `sent`; true where credentials or address were renewed and one more try makes sense. */
  refused(sent: SignedRequest, status: number, headers: HttpHeaders): boolean;
}
