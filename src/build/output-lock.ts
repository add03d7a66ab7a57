import { createHash } from 'node:crypto';
import { mkdir, realpath, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CubeError } from '../errors.js';

/**
 * Hold the output of a build against other builds of this machine; call what comes back to let go. The lock is a name
 * that this process listens on, which the operating system frees however the process ends. Problem: `exists` where
 * another build holds it. Builds on several machines that share a folder are not seen.
 */
export async function lockOutput(path: string): Promise<() => Promise<void>> {
  const place = join(await realFolder(dirname(path)), basename(path));
  const name = lockName(createHash('sha256').update(place).digest('hex').slice(0, 32));
  const server = (await listen(name.at)) ?? (name.isFile ? await listenInstead(name.at) : null);
  if (server === null) {
    const what = 'another build is writing it';
    throw new CubeError({ kind: 'exists', path, what, fix: 'wait until that one ends, or choose another path' });
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

async function realFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return await realpath(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what: 'the output folder cannot be made' }, { cause: error });
  }
}

/** Linux and Windows have names without a file; elsewhere a socket file may be left by a process that was killed. */
function lockName(hash: string): { readonly at: string; readonly isFile: boolean } {
  if (process.platform === 'linux') return { at: `\0heliocube-${hash}`, isFile: false };
  if (process.platform === 'win32') return { at: `\\\\.\\pipe\\heliocube-${hash}`, isFile: false };
  return { at: join(tmpdir(), `heliocube-${hash}.sock`), isFile: true };
}

/** Null where somebody listens there already. */
function listen(at: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(new CubeError({ kind: 'io', path: at, code: error.code ?? 'EIO', what: 'the lock cannot be taken' }));
    });
    server.listen(at, () => resolve(server));
  });
}

/** Take over a socket file that nobody answers on. */
async function listenInstead(at: string): Promise<Server | null> {
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect(at, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (answers) return null;
  await unlink(at).catch(() => {});
  return listen(at);
}
