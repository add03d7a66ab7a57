import type { Dispatcher } from 'undici';
import { abortedError, onAbort, throwIfAborted } from '../../io/abort.js';
import { originOf } from '../../io/access.js';
import { HttpAgents } from '../../io/http-agents.js';
import { readAnswer } from '../../io/http-answer.js';
import { transportError } from '../../io/http-errors.js';
import type { HttpHeaders } from '../../io/http-request.js';
import { OriginLimit } from '../../io/origin-limit.js';
import { plainRequest } from '../../io/plain-target.js';
import { MAX_REDIRECTS, REDIRECTS, redirectTarget } from '../../io/redirect-target.js';
import { attemptError } from '../../io/retry-hint.js';
import { BodyQueue } from './body-queue.js';

/** How files are asked for. */
export type DownloadClientOptions = {
  /** Origins that may have private addresses: the API's own, and those that the user allows. */
  readonly trustedOrigins: ReadonlySet<string>;
  /** The user's headers, and the one origin that sees them. */
  readonly headers: HttpHeaders;
  readonly headersOrigin: string;
  /** Requests under way to one origin at most. */
  readonly maxRequests: number;
};

/** An answer whose body still comes; it must be read to its end or destroyed. */
export type BodyAnswer = { readonly status: number; readonly headers: HttpHeaders; readonly body: BodyQueue };

/** Statuses that a download knows how to go on from; all others are thrown. */
const EXPECTED = new Set([200, 206, 304, 416]);

const ERROR_PAGE_BYTES = 64 * 1024;

const TIMEOUT_MS = 60_000;

/** Marks our own cut of a request. */
const ABORTED = new Error('the request is not needed any more');

/** Asks for bodies as streams, along redirects; no credentials follow to another origin. One attempt a call. */
export class DownloadClient {
  readonly #options: DownloadClientOptions;
  readonly #agents: HttpAgents;
  readonly #limits = new Map<string, OriginLimit>();

  constructor(options: DownloadClientOptions) {
    this.#options = options;
    this.#agents = new HttpAgents({ connectTimeoutMs: 10_000, connections: options.maxRequests });
  }

  /** Problems: `not-found`, `denied`, `network`, `bad-response`, `forbidden`, `aborted`; with advice about another attempt. */
  async open(url: string, headers: HttpHeaders, signal?: AbortSignal): Promise<BodyAnswer> {
    let plain = plainRequest(url);
    for (let hop = 0; ; hop++) {
      const own = originOf(plain.url) === this.#options.headersOrigin ? this.#options.headers : {};
      const answer = await this.#send(plain.url, { ...headers, ...plain.headers, ...own }, signal);
      const location = answer.headers['location'];
      if (!REDIRECTS.has(answer.status) || location === undefined) return checkAnswer(url, answer);
      answer.body.destroy();
      if (hop === MAX_REDIRECTS) {
        throw attemptError({ kind: 'bad-response', url, what: `more than ${MAX_REDIRECTS} redirects` }, {});
      }
      const next = redirectTarget(plain.url, location, this.#options.trustedOrigins);
      plain = { url: next, headers: originOf(next) === originOf(plain.url) ? plain.headers : {} };
    }
  }

  /** The limit of requests to the origin of a URL. */
  limitOf(url: string): OriginLimit {
    const origin = originOf(url);
    const known = this.#limits.get(origin) ?? new OriginLimit({ max: this.#options.maxRequests });
    this.#limits.set(origin, known);
    return known;
  }

  async close(): Promise<void> {
    await this.#agents.close();
  }

  async #send(url: string, headers: HttpHeaders, signal?: AbortSignal): Promise<BodyAnswer> {
    const guarded = !this.#options.trustedOrigins.has(originOf(url));
    try {
      return await startRequest(await this.#agents.dispatcher(guarded), url, headers, signal);
    } catch (error) {
      if (signal?.aborted === true) throw abortedError(signal);
      throw transportError(url, error);
    }
  }
}

/** Resolves as soon as the answer's head is there. Rejects with undici's or the system's error. */
function startRequest(
  dispatcher: Dispatcher,
  url: string,
  headers: HttpHeaders,
  signal?: AbortSignal,
): Promise<BodyAnswer> {
  throwIfAborted(signal);
  const { origin, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    let control: Dispatcher.DispatchController | null = null;
    let body: BodyQueue | null = null;
    const fail = (error: unknown) => {
      off();
      body?.end(error);
      reject(error);
    };
    const off = onAbort(signal, () => {
      fail(ABORTED);
      control?.abort(ABORTED);
    });
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        control = controller;
        if (signal?.aborted === true) controller.abort(ABORTED);
      },
      onResponseStart(controller, status, fields) {
        if (status < 200) return; // informational, the answer follows
        const flow = {
          pause: () => controller.pause(),
          resume: () => controller.resume(),
          stop: () => controller.abort(ABORTED),
        };
        body = new BodyQueue(flow);
        resolve({ status, headers: flatHeaders(fields), body });
      },
      onResponseData: (_controller, piece) => body?.push(piece),
      onResponseEnd: () => {
        off();
        body?.end();
      },
      onResponseError: (_controller, error) => fail(error),
    };
    dispatcher.dispatch(
      {
        origin,
        path: pathname + search,
        method: 'GET',
        // Compressed bodies would break offsets.
        headers: { 'accept-encoding': 'identity', 'user-agent': 'heliocube', ...headers },
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      },
      handler,
    );
  });
}

async function checkAnswer(url: string, answer: BodyAnswer): Promise<BodyAnswer> {
  const { status, headers, body } = answer;
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (EXPECTED.has(status) && (encoding === '' || encoding === 'identity')) return answer;
  const bytes = await readErrorPage(body);
  // Throws: with a status that is none of the expected ones, or with an encoding.
  readAnswer(url, 'all', { status, headers, bytes, complete: true }, ERROR_PAGE_BYTES);
  throw attemptError({ kind: 'bad-response', url, what: `answered ${status}` }, {});
}

async function readErrorPage(body: BodyQueue): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      length += piece.length;
      if (length > ERROR_PAGE_BYTES) break;
    }
  } catch {
    // The status says more than the end of its page.
  } finally {
    body.destroy();
  }
  return Buffer.concat(pieces).subarray(0, ERROR_PAGE_BYTES);
}

function flatHeaders(fields: Readonly<Record<string, string | string[] | undefined>>): HttpHeaders {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
