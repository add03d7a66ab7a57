import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';

/** How the server misbehaves. Rates are shares of requests, drawn from a seeded sequence. */
export type Faults = {
  /** Share of requests answered 503. */
  readonly rate503?: number;
  /** Share of bodies cut short (Content-Length stays right, the connection closes). */
  readonly truncateRate?: number;
  /** Share of connections reset before any answer. */
  readonly resetRate?: number;
  /** Share of 206 answers whose Content-Range is off by one. */
  readonly wrongRangeRate?: number;
  /** Always answers 200 with the whole object. */
  readonly ignoreRange?: boolean;
  /** The ETag changes after so many requests. */
  readonly changeEtagAfter?: number;
  /** Every answer waits so long. */
  readonly delayMs?: number;
  readonly seed?: number;
};

export type SeenRequest = {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly range: string | null;
  readonly headers: IncomingMessage['headers'];
  /** What it was answered with; 0 for a reset connection. */
  status: number;
};

export type FaultServerOptions = {
  /** Objects by path without the leading slash. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** A folder whose files are served. */
  readonly root?: string;
  readonly faults?: Faults;
  /** Sees every request first; true where it has answered itself. `count` begins at 1. */
  readonly intercept?: (request: SeenRequest, response: ServerResponse, count: number) => boolean;
};

export type FaultServer = {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Connections that are open now. */
  connections(): Promise<number>;
  close(): Promise<void>;
};

/** A loopback HTTP server with ranges, ETags and seeded faults. */
export async function startFaultServer(options: FaultServerOptions): Promise<FaultServer> {
  const requests: SeenRequest[] = [];
  const random = seeded(options.faults?.seed ?? 1);
  const server = createServer((incoming, response) => {
    const seen = describeRequest(incoming);
    requests.push(seen);
    response.on('finish', () => (seen.status = response.statusCode));
    const { delayMs = 0 } = options.faults ?? {};
    const count = requests.length;
    const run = () => {
      if (options.intercept?.(seen, response, count) === true) return;
      answer(options, seen, response, count, random).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      );
    };
    if (delayMs > 0) setTimeout(run, delayMs);
    else run();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32's recurrence). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function answer(
  options: FaultServerOptions,
  seen: SeenRequest,
  response: ServerResponse,
  count: number,
  random: () => number,
): Promise<void> {
  const faults = options.faults ?? {};
  if (random() < (faults.resetRate ?? 0)) return void response.socket?.resetAndDestroy();
  if (random() < (faults.rate503 ?? 0)) return void response.writeHead(503).end();
  const bytes = await load(options, decodeURIComponent(seen.path.replace(/\?.*$/, '').slice(1)));
  if (bytes === null) return void response.writeHead(404).end();
  const version = faults.changeEtagAfter !== undefined && count > faults.changeEtagAfter ? 'b' : 'a';
  const etag = `"${version}-${createHash('sha1').update(bytes).digest('hex').slice(0, 12)}"`;
  const common = { etag, 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' };
  const span = faults.ignoreRange === true ? null : parseRange(seen.range, bytes.length);
  if (span === 'unsatisfiable') {
    return void response.writeHead(416, { ...common, 'content-range': `bytes */${bytes.length}` }).end();
  }
  const shift = span !== null && random() < (faults.wrongRangeRate ?? 0) ? 1 : 0;
  const { start, end } = span ?? { start: 0, end: bytes.length };
  const body = bytes.subarray(start, end);
  const partial = { 'content-range': `bytes ${start + shift}-${end - 1 + shift}/${bytes.length}` };
  response.writeHead(span === null ? 200 : 206, {
    ...common,
    ...(span === null ? {} : partial),
    'content-length': body.length,
  });
  if (body.length === 0 || random() >= (faults.truncateRate ?? 0)) return void response.end(body);
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.end());
}

function describeRequest(incoming: IncomingMessage): SeenRequest {
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '/',
    range: incoming.headers.range ?? null,
    headers: incoming.headers,
    status: 0,
  };
}

async function load(options: FaultServerOptions, name: string): Promise<Uint8Array | null> {
  const file = options.files?.[name];
  if (file !== undefined) return file;
  if (options.root === undefined || normalize(name).startsWith('..')) return null;
  return readFile(join(options.root, name)).catch(() => null);
}

/** Single ranges of RFC 9110 §14.1.2; null where there is none. */
function parseRange(text: string | null, size: number): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
