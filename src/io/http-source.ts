import { redactUrl, type CubeError } from '../errors.js';
import { throwIfAborted } from './abort.js';
import { originOf } from './access.js';
import { assertByteRange } from './byte-range.js';
import type { ByteRange, ByteSource, ReadOptions, ReadResult } from './byte-source.js';
import type { HttpAgents } from './http-agents.js';
import { longestBody, rangeHeader, readAnswer, type Answer } from './http-answer.js';
import { transportError } from './http-errors.js';
import { sendRequest, type HttpHeaders, type HttpResponse } from './http-request.js';
import { isLogin, MAX_REDIRECTS, REDIRECTS, redirectTarget } from './redirect-target.js';
import type { RequestTarget, SignedRequest } from './request-target.js';
import { attemptError } from './retry-hint.js';

/** How an object is read over HTTP. */
export type HttpSourceOptions = {
  readonly agents: HttpAgents;
  /** Origins that may have private addresses: the user's own choice, or where the declaring catalogue lies. */
  readonly trustedOrigins: ReadonlySet<string>;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Bound of a read of a whole object. */
  readonly maxObjectBytes: number;
  /** Gets the whole object where a server sent it although a range was asked for. */
  readonly onWhole?: (whole: ReadResult) => void;
};

/** Compressed bodies would break offsets, so none are asked for. */
const OWN_HEADERS: HttpHeaders = { 'accept-encoding': 'identity', 'user-agent': 'heliocube' };

/**
 * An object behind HTTP(S). One `read` is one attempt (at most two where the target renews its credentials); wrap it with
 * `withRetries` and `withLimit`. Problems: `not-found`, `denied`, `network`, `bad-response`, `forbidden`, `budget`, `aborted`.
 */
export class HttpSource implements ByteSource {
  readonly url: string;
  readonly #target: RequestTarget;
  readonly #options: HttpSourceOptions;
  #suffixWorks = true;

  constructor(target: RequestTarget, options: HttpSourceOptions) {
    this.url = redactUrl(target.url);
    this.#target = target;
    this.#options = options;
  }

  async read(range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const { signal } = options;
    throwIfAborted(signal);
    assertByteRange(range);
    if (range !== 'all' && 'suffix' in range && !this.#suffixWorks) return this.#readTail(range.suffix, signal);
    const answer = await this.#ask(range, signal);
    if (answer.kind === 'whole') this.#options.onWhole?.(answer.whole);
    if (answer.kind !== 'size-unknown') return answer.result;
    if (range !== 'all' && 'suffix' in range) {
      const result = await this.#readTail(range.suffix, signal);
      this.#suffixWorks = false;
      return result;
    }
    return this.#readBehindEnd(range, signal);
  }

  /** For servers without suffix ranges: learn the size, then ask for an absolute range. */
  async #readTail(suffix: number, signal: AbortSignal | undefined): Promise<ReadResult> {
    const { size, etag } = await this.#probe(signal);
    const length = Math.min(suffix, size);
    const answer = await this.#ask({ offset: size - length, length }, signal);
    if (answer.kind === 'size-unknown') throw this.#bad('answered 416 to a range inside the object');
    if (answer.result.size !== size || answer.result.etag !== etag) {
      throw this.#bad('the object changed between two requests', true);
    }
    return answer.result;
  }

  /** A 416 without a size: no bytes where the range is behind the end, a wrong answer elsewhere. */
  async #readBehindEnd(range: ByteRange, signal: AbortSignal | undefined): Promise<ReadResult> {
    const found = await this.#probe(signal);
    if (range === 'all' || 'suffix' in range || range.offset < found.size) {
      throw this.#bad('answered 416 to a range inside the object');
    }
    return { ...found, bytes: new Uint8Array(0) };
  }

  async #probe(signal: AbortSignal | undefined): Promise<ReadResult> {
    const answer = await this.#ask({ offset: 0, length: 1 }, signal);
    if (answer.kind === 'size-unknown') throw this.#bad('does not tell the size of the object');
    return answer.result;
  }

  async #ask(range: ByteRange, signal: AbortSignal | undefined): Promise<Answer> {
    const header = rangeHeader(range);
    const sent = await this.#target.resolve(header, signal);
    let response = await this.#follow(sent, range, signal);
    if (
      response.status >= 300 &&
      response.status < 500 &&
      this.#target.refused(sent, response.status, response.headers)
    ) {
      response = await this.#follow(await this.#target.resolve(header, signal), range, signal);
    }
    return readAnswer(this.url, range, response, this.#options.maxObjectBytes);
  }

  /** Sends the request along its redirects. Credentials stay with the origin they were made for. */
  async #follow(sent: SignedRequest, range: ByteRange, signal: AbortSignal | undefined): Promise<HttpResponse> {
    let { url, headers } = sent;
    for (let hop = 0; ; hop++) {
      const response = await this.#send(url, headers, range, signal);
      const location = response.headers['location'];
      if (!REDIRECTS.has(response.status) || location === undefined) return response;
      if (hop === MAX_REDIRECTS) throw this.#bad(`more than ${MAX_REDIRECTS} redirects`);
      const next = redirectTarget(url, location, this.#options.trustedOrigins);
      if (isLogin(next)) return { ...response, status: 401, headers: {}, bytes: new Uint8Array(0) };
      if (originOf(next) !== originOf(url)) headers = {};
      url = next;
    }
  }

  async #send(
    url: string,
    headers: HttpHeaders,
    range: ByteRange,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> {
    const { agents, trustedOrigins, headersTimeoutMs, bodyTimeoutMs, maxObjectBytes } = this.#options;
    const header = rangeHeader(range);
    const guarded = !trustedOrigins.has(originOf(url));
    try {
      return await sendRequest(await agents.dispatcher(guarded), {
        url,
        headers: { ...OWN_HEADERS, ...(header === null ? {} : { range: header }), ...headers },
        maxBytes: longestBody(range, maxObjectBytes),
        headersTimeoutMs,
        bodyTimeoutMs,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      throw transportError(this.url, error);
    }
  }

  #bad(what: string, again = false): CubeError {
    return attemptError({ kind: 'bad-response', url: this.url, what }, { again });
  }
}
