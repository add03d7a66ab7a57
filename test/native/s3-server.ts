import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Stored = { readonly bytes: Buffer; readonly etag: string; readonly modified: Date };

/** A small S3 in memory: buckets by path, conditional writes, ranges, listing. Signatures are not checked, only counted. */
export type S3Server = {
  readonly endpoint: string;
  /** By `bucket/key`. */
  readonly objects: ReadonlyMap<string, Stored>;
  /** Requests with and without a signature. */
  readonly counts: { signed: number; unsigned: number };
  close(): Promise<void>;
};

/** Starts it on a port of the loopback interface. */
export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Stored>();
  const counts = { signed: 0, unsigned: 0 };
  const server = createServer((request, response) => {
    counts[request.headers.authorization === undefined ? 'unsigned' : 'signed']++;
    void bodyOf(request).then((body) => answer(objects, request, body, response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return { endpoint, objects, counts, close };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function answer(objects: Map<string, Stored>, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const key = decodeURIComponent(url.pathname.slice(1));
  if (request.method === 'PUT') put(objects, key, request, body, response);
  else if (request.method === 'POST' && url.searchParams.has('delete')) deleteMany(objects, key, body, response);
  else if (request.method === 'DELETE') {
    objects.delete(key);
    response.writeHead(204).end();
  } else if (url.searchParams.get('list-type') === '2') list(objects, key, url.searchParams, response);
  else get(objects, key, request, response);
}

function put(
  objects: Map<string, Stored>,
  key: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
) {
  const before = objects.get(key);
  const { 'if-none-match': none, 'if-match': match, 'x-amz-copy-source': source } = request.headers;
  if ((none === '*' && before !== undefined) || (match !== undefined && before?.etag !== match))
    return response.writeHead(412).end();
  const from = typeof source === 'string' ? objects.get(decodeURIComponent(source).replace(/^\//, '')) : undefined;
  if (source !== undefined && from === undefined) return response.writeHead(404).end();
  const bytes = from?.bytes ?? body;
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  objects.set(key, { bytes, etag, modified: new Date() });
  response.writeHead(200, { etag });
  return response.end(from === undefined ? '' : `<CopyObjectResult><ETag>${etag}</ETag></CopyObjectResult>`);
}

function get(objects: Map<string, Stored>, key: string, request: IncomingMessage, response: ServerResponse) {
  const object = objects.get(key);
  if (object === undefined) return response.writeHead(404).end();
  const headers = { etag: object.etag, 'last-modified': object.modified.toUTCString() };
  const { range, 'if-match': match } = request.headers;
  if (match !== undefined && match.replaceAll('"', '') !== object.etag.replaceAll('"', ''))
    return response.writeHead(412).end();
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  const size = object.bytes.length;
  if (range === undefined) {
    response.writeHead(200, { ...headers, 'content-length': size });
    return response.end(request.method === 'HEAD' ? undefined : object.bytes);
  }
  const start = from === '' ? size - Number(to) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  const contentRange = `bytes ${start}-${end - 1}/${size}`;
  response.writeHead(206, { ...headers, 'content-length': end - start, 'content-range': contentRange });
  return response.end(object.bytes.subarray(start, end));
}

function list(objects: Map<string, Stored>, bucket: string, query: URLSearchParams, response: ServerResponse) {
  const prefix = `${bucket.replace(/\/$/, '')}/${query.get('prefix') ?? ''}`;
  const after = query.get('start-after');
  const skip = bucket.replace(/\/$/, '').length + 1;
  const found = [...objects].filter(([key]) => key.startsWith(prefix) && (after === null || key.slice(skip) > after));
  const contents = found
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, { bytes, etag, modified }]) =>
        `<Contents><Key>${key.slice(skip)}</Key><LastModified>${modified.toISOString()}</LastModified>` +
        `<ETag>${etag}</ETag><Size>${bytes.length}</Size></Contents>`,
    );
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`);
}

function deleteMany(objects: Map<string, Stored>, bucket: string, body: Buffer, response: ServerResponse) {
  const keys = Array.from(body.toString('utf8').matchAll(/<Key>([^<]+)<\/Key>/g), (match) => match[1]!);
  for (const key of keys) objects.delete(`${bucket.replace(/\/$/, '')}/${key}`);
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<DeleteResult>${keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('')}</DeleteResult>`);
}
