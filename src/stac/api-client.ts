import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CubeError } from '../errors.js';
import { assertAccess, originOf } from '../io/access.js';
import type { ByteSource } from '../io/byte-source.js';
import { HttpAgents } from '../io/http-agents.js';
import { readAnswer } from '../io/http-answer.js';
import { transportError } from '../io/http-errors.js';
import { sendRequest, type HttpHeaders, type HttpResponse } from '../io/http-request.js';
import { OriginLimit } from '../io/origin-limit.js';
import { plainRequest } from '../io/plain-target.js';
import { attemptError } from '../io/retry-hint.js';
import { withLimit } from '../io/with-limit.js';
import { withRetries, type RetryOptions } from '../io/with-retries.js';
import type { Json } from './item.js';
import { isObject, parseJson, textOf, type JsonObject } from './json.js';

/** One request to a STAC API. */
export type ApiRequest = {
  readonly method: 'GET' | 'POST';
  /** Absolute http(s) URL. */
  readonly url: string;
  /** Beside the client's own. */
  readonly headers: HttpHeaders;
  /** JSON of a POST; null for GET. */
  readonly body: JsonObject | null;
};

/** `url` is where the answer came from after redirects; names of `headers` are in lower case. */
export type ApiAnswer = { readonly json: Json; readonly url: string; readonly headers: HttpHeaders };

/** How an API is asked. */
export type ApiClientOptions = {
  /** Sent to the API's own origin only, and stronger than what links ask for. */
  readonly headers?: HttpHeaders;
  readonly retries?: RetryOptions;
};

/** Longer answers are refused: a page of 10,000 items has some 100 MB. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

const MAX_REDIRECTS = 5;

const unzip = promisify(gunzip);

/** The clients of one search: that of the server its root lies on, with the user's headers; others where a local root leads. */
export class ApiClients {
  readonly #root: ApiClient | null;
  readonly #retries: RetryOptions;
  readonly #others = new Map<string, ApiClient>();

  constructor(root: string, { headers = {}, retries = {} }: ApiClientOptions = {}) {
    this.#root = /^https?:/i.test(root) ? new ApiClient(root, { headers, retries }) : null;
    this.#retries = retries;
  }

  /** What a remote root leads to is asked for by its own client, which trusts its own origin only. */
  of(url: string): ApiClient {
    if (this.#root !== null) return this.#root;
    const origin = originOf(url);
    const client = this.#others.get(origin) ?? new ApiClient(url, { retries: this.#retries });
    this.#others.set(origin, client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([this.#root?.close(), ...[...this.#others.values()].map((client) => client.close())]);
  }
}

/**
 * JSON over HTTP(S) for the API whose root is `root`, with the retry classes of all reads (E1). Nothing is cached: a
 * search may answer anew. Other origins that links or redirects lead to must be public and never see the headers.
 */
export class ApiClient {
  readonly #origin: string;
  readonly #headers: HttpHeaders;
  readonly #retries: RetryOptions;
  readonly #agents = new HttpAgents({ connectTimeoutMs: 10_000, connections: 16 });
  readonly #limit = new OriginLimit({ max: 16 });

  constructor(root: string, { headers = {}, retries = {} }: ApiClientOptions = {}) {
    const request = plainRequest(root);
    this.#origin = originOf(request.url);
    this.#headers = lowerCase({ ...request.headers, ...headers });
    this.#retries = retries;
  }

  /** Problems: those of a byte source, `bad-response` with the API's words for a refused request. */
  async send(request: ApiRequest, signal?: AbortSignal): Promise<ApiAnswer> {
    let answer: ApiAnswer = { json: null, url: request.url, headers: {} };
    const attempt: ByteSource = {
      url: request.url,
      read: async (_range, options = {}) => {
        const { response, url } = await this.#follow(request, options.signal);
        const result = readAnswer(request.url, 'all', await plainResponse(request.url, response), MAX_ANSWER_BYTES);
        if (result.kind === 'size-unknown') throw badResponse(request.url, 'answered nothing of use');
        answer = { json: parseAnswer(result.result.bytes, request.url), url, headers: response.headers };
        return result.result;
      },
    };
    await withRetries(withLimit(attempt, this.#limit), this.#retries).read(
      'all',
      signal === undefined ? {} : { signal },
    );
    return answer;
  }

  async close(): Promise<void> {
    await this.#agents.close();
  }

  async #follow(request: ApiRequest, signal?: AbortSignal): Promise<{ response: HttpResponse; url: string }> {
    let { url, method, body } = request;
    for (let hop = 0; ; hop++) {
      const response = await this.#sendOnce({ ...request, url, method, body }, signal);
      const location = response.headers['location'];
      if (response.status < 300 || response.status > 308 || location === undefined) return { response, url };
      if (hop === MAX_REDIRECTS) throw badResponse(request.url, `more than ${MAX_REDIRECTS} redirects`);
      url = redirectTarget(url, location);
      // RFC 9110 §15.4: 307 and 308 keep the method; the others mean GET to every client.
      if (response.status !== 307 && response.status !== 308) [method, body] = ['GET', null];
    }
  }

  async #sendOnce({ method, url, headers, body }: ApiRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const plain = plainRequest(url);
    const own = originOf(plain.url) === this.#origin;
    try {
      return await sendRequest(await this.#agents.dispatcher(!own), {
        url: plain.url,
        method,
        headers: {
          accept: 'application/geo+json, application/json',
          'accept-encoding': 'gzip',
          'user-agent': 'heliocube',
          ...(own ? { ...lowerCase(headers), ...plain.headers, ...this.#headers } : {}),
          ...(body === null ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
        maxBytes: () => MAX_ANSWER_BYTES,
        headersTimeoutMs: 60_000,
        bodyTimeoutMs: 60_000,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      throw transportError(url, error);
    }
  }
}

function redirectTarget(from: string, location: string): string {
  if (!URL.canParse(location, from)) throw badResponse(from, 'redirects to something that is no URL');
  const { href, protocol } = new URL(location, from);
  if (protocol === 'http:' && from.startsWith('https:')) {
    throw new CubeError({ kind: 'forbidden', url: from, what: 'it redirects away from https' });
  }
  assertAccess(href, from);
  return href;
}

/** The response with its body unpacked; refused requests (400, 405, 422) throw with the API's own words. */
async function plainResponse(url: string, response: HttpResponse): Promise<HttpResponse> {
  const { 'content-encoding': encoding, ...headers } = response.headers;
  let plain = response;
  if (encoding?.toLowerCase() === 'gzip' && response.complete) {
    const bytes = await unzip(response.bytes, { maxOutputLength: MAX_ANSWER_BYTES }).catch((cause: unknown) => {
      throw attemptError({ kind: 'bad-response', url, what: 'the gzip body is broken' }, { again: true }, cause);
    });
    plain = { ...response, headers, bytes };
  }
  const { status } = plain;
  if (status === 400 || status === 405 || status === 415 || status === 422) {
    throw badResponse(url, `answered ${status}${detailOf(plain.bytes)}`);
  }
  return plain;
}

/** A body that is not JSON may be a cut one or a proxy's page, so another attempt may help. */
function parseAnswer(bytes: Uint8Array, url: string): Json {
  try {
    return parseJson(bytes, url);
  } catch (cause) {
    const what = cause instanceof CubeError && 'what' in cause.problem ? cause.problem.what : 'not JSON';
    throw attemptError({ kind: 'bad-response', url, what }, { again: true }, cause);
  }
}

/** The words of an error answer, cut short and in plain characters. */
function detailOf(bytes: Uint8Array): string {
  try {
    const json = parseJson(bytes, '');
    const words = isObject(json) ? (json['description'] ?? json['detail'] ?? json['message']) : undefined;
    const text = textOf(words) ?? (words === undefined ? '' : JSON.stringify(words));
    return text === '' ? '' : `: ${text.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 200)}`;
  } catch {
    return '';
  }
}

function lowerCase(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function badResponse(url: string, what: string): CubeError {
  return attemptError({ kind: 'bad-response', url, what }, {});
}
