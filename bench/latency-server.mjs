// An HTTP server with a round trip: `node bench/latency-server.mjs FOLDER [--latency MS]` prints its URL and serves the files
// of the folder, with ranges, until its standard input ends. Every answer begins MS milliseconds after its request, the first
// one of a connection after twice that, as if the handshake had crossed the same network. Any number in front of a path is
// skipped: /7/scene.tif is /scene.tif, so that one file stands for as many as a case needs, and for new ones in each round.
// `GET /-/counts` tells requests, connections and bytes since it was asked last.
import { openSync, fstatSync, read } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { latency: { type: 'string', default: '25' } },
  allowPositionals: true,
});
const folder = positionals[0] ?? '.';
const latencyMs = Number(values.latency);

/** Open files by path; they are taken to be constant. */
const files = new Map();
const counts = { requests: 0, connections: 0, bytes: 0 };

function openFile(path) {
  const known = files.get(path);
  if (known !== undefined) return known;
  const fd = openSync(join(folder, path), 'r');
  const file = { fd, size: fstatSync(fd).size };
  files.set(path, file);
  return file;
}

/** Half-open span of a Range header; the whole file without one. */
function spanOf(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return { start: 0, end: size, partial: false };
  const [, first, last] = match;
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size, partial: true };
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1), partial: true };
}

function answer(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname)).replace(/^\/(\d+\/)?/, '');
  if (path === '-/counts') {
    response.end(JSON.stringify(counts));
    Object.assign(counts, { requests: 0, connections: 0, bytes: 0 });
    return;
  }
  let file;
  try {
    file = openFile(path);
  } catch {
    response.writeHead(404).end();
    return;
  }
  counts.requests++;
  const { start, end, partial } = spanOf(request.headers.range, file.size);
  if (start >= end) {
    response.writeHead(416, { 'content-range': `bytes */${file.size}` }).end();
    return;
  }
  const length = end - start;
  response.writeHead(partial ? 206 : 200, {
    'content-type': 'image/tiff',
    'content-length': length,
    'accept-ranges': 'bytes',
    etag: `"${file.size.toString(16)}"`,
    'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
    ...(partial ? { 'content-range': `bytes ${start}-${end - 1}/${file.size}` } : {}),
  });
  if (request.method === 'HEAD') return response.end();
  counts.bytes += length;
  const buffer = Buffer.allocUnsafe(length);
  read(file.fd, buffer, 0, length, start, (error, count) =>
    error ? response.destroy(error) : response.end(buffer.subarray(0, count)),
  );
}

const fresh = new WeakSet();
const server = createServer((request, response) => {
  const rounds = fresh.delete(request.socket) ? 2 : 1;
  if (latencyMs > 0) setTimeout(answer, latencyMs * rounds, request, response);
  else answer(request, response);
});
server.keepAliveTimeout = 60_000;
server.on('connection', (socket) => {
  counts.connections++;
  fresh.add(socket);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`));
process.stdin.on('end', () => process.exit(0)).resume();
