import type { Dispatcher } from 'undici';
import { abortedError, onAbort } from './abort.js';
import { BodySink } from './body-sink.js';

/** Headers by name. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** One request, without redirects or retries. */
export type HttpRequest = {
  /** Absolute http(s) URL; user info and fragment are not sent. */
  readonly url: string;
  readonly headers: HttpHeaders;
  /** Default GET. */
  readonly method?: 'GET' | 'POST';
  /** Sent whole; its headers are the caller's. */
  readonly body?: string;
  /** The longest body to accept, by status. */
  readonly maxBytes: (status: number) => number;
  readonly headersTimeoutMs: number;
  /** Longest silence within a body. */
  readonly bodyTimeoutMs: number;
  readonly signal?: AbortSignal;
};

/** The answer to one request. */
export type HttpResponse = {
  readonly status: number;
  /** Names in lower case; repeated fields joined by a comma. */
  readonly headers: HttpHeaders;
  readonly bytes: Uint8Array;
  /** False where the body is longer than allowed: the connection was cut and `bytes` is empty. */
  readonly complete: boolean;
};

/** Marks our own cut of a body that is too long, to tell it from the network's errors. */
const CUT = new Error('body longer than allowed');

/**
 * One request, the answer's body written straight into one buffer as it arrives (undici's dispatch: no streams, no second copy).
 * Redirects and statuses are the caller's. Rejects with undici's or the system's error, or `aborted`, at which the
 * connection is dropped.
 */
export function sendRequest(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpResponse> {
  const { signal } = request;
  if (signal?.aborted === true) return Promise.reject(abortedError(signal));
  return new Promise((resolve, reject) => {
    let control: Dispatcher.DispatchController | null = null;
    let stopped: Error | null = null;
    let status = 0;
    let headers: HttpHeaders = {};
    let sink = new BodySink(0, 0);
    const off = onAbort(signal, () => {
      stopped = signal === undefined ? CUT : abortedError(signal);
      control?.abort(stopped);
      reject(stopped);
    });
    const finish = (complete: boolean) => {
      off();
      resolve({ status, headers, bytes: complete ? sink.bytes() : new Uint8Array(0), complete });
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        control = controller;
        if (stopped !== null) controller.abort(stopped);
      },
      onResponseStart(controller, code, fields) {
        if (code < 200) return; // informational, the answer follows
        status = code;
        headers = flatHeaders(fields);
        const limit = request.maxBytes(code);
        const declared = parseLength(headers['content-length']);
        if (declared !== null && declared > limit) controller.abort(CUT);
        else sink = new BodySink(declared, limit);
      },
      onResponseData(controller, chunk) {
        if (!sink.push(chunk)) controller.abort(CUT);
      },
      onResponseEnd: () => finish(true),
      onResponseError(_controller, error) {
        if (error === CUT) return finish(false);
        off();
        reject(error);
      },
    };
    const { origin, pathname, search } = new URL(request.url);
    dispatcher.dispatch(
      {
        origin,
        path: pathname + search,
        method: request.method ?? 'GET',
        headers: { ...request.headers },
        ...(request.body === undefined ? {} : { body: request.body }),
        headersTimeout: request.headersTimeoutMs,
        bodyTimeout: request.bodyTimeoutMs,
      },
      handler,
    );
  });
}

/** A Content-Length as a number, null where it is missing or not a plain decimal. */
export function parseLength(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}

function flatHeaders(fields: Readonly<Record<string, string | string[] | undefined>>): HttpHeaders {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
