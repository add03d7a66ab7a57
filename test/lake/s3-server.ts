import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** A real S3 server on loopback, over a folder; one folder below it is one bucket. */
export type S3Server = {
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** `http://127.0.0.1:PORT`; known in tests and hooks. */
  endpoint: string;
  /** Where the objects of the bucket lie as files. */
  readonly folder: string;
};

/** A server of its own for the test file that calls this at its top level; null where versitygw is neither built nor on the path. */
export function s3Server(): S3Server | null {
  const places = [process.env['HELIOCUBE_VERSITYGW'], join(ROOT, '.heliocube/s3/versitygw')];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) places.push(join(folder, 'versitygw'));
  const binary = places.find((place) => place !== undefined && existsSync(place));
  if (binary === undefined) return null;
  const root = mkdtempSync(join(tmpdir(), 'heliocube-s3-'));
  const server: S3Server = {
    bucket: 'lake-data',
    accessKey: 'TESTKEYID',
    secretKey: 'a secret+with/signs',
    endpoint: '',
    folder: join(root, 'objects/lake-data'),
  };
  mkdirSync(server.folder, { recursive: true });
  let child: ChildProcess | null = null;
  beforeAll(async () => {
    const port = await freePort();
    server.endpoint = `http://127.0.0.1:${port}`;
    child = spawn(binary, ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', join(root, 'objects')], {
      stdio: 'ignore',
      env: { ...process.env, ROOT_ACCESS_KEY: server.accessKey, ROOT_SECRET_KEY: server.secretKey },
    });
    await untilOpen(port);
  });
  afterAll(async () => {
    const ended = new Promise((done) => child?.once('close', done));
    child?.kill('SIGKILL');
    await ended;
    rmSync(root, { recursive: true, force: true });
  });
  return server;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

async function untilOpen(port: number): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        done(true);
      });
      socket.once('error', () => done(false));
    });
    if (isOpen) return;
    await setTimeout(50);
  }
  throw new Error('the S3 server does not answer');
}
