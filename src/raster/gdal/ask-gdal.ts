import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../../errors.js';
import type { GdalCalls, GdalReply } from './protocol.js';

/** A compiled file; it lies in dist whether the caller runs from src or from dist. */
const PROCESS_FILE = fileURLToPath(new URL('../../../dist/raster/gdal/gdal.process.js', import.meta.url));
/** A file on which GDAL works longer for one answer is taken for one that it never ends with. */
const ANSWER_MS = 300_000;
/** A process that nobody asks for so long is ended. */
const IDLE_MS = 5000;
/** What it needs of the environment; credentials are none of its business. */
const VARIABLES = [
  'PATH',
  'LD_LIBRARY_PATH',
  'GDAL_DATA',
  'PROJ_LIB',
  'PROJ_DATA',
  'HELIOCUBE_GDAL',
  'SystemRoot',
  'TMPDIR',
];

type Waiting = { resolve(output: unknown): void; reject(error: unknown): void; readonly url: string };
type Running = { readonly child: ChildProcess; readonly waiting: Map<number, Waiting> };

/** Of this thread. */
let running: Running | null = null;
let idle: NodeJS.Timeout | null = null;
let lastId = 0;

/**
 * Ask GDAL, which runs in a process of this thread. `url` is the file that it is asked about. Problems: those of the
 * question, and `invalid-data` where GDAL crashes or does not come to an end.
 */
export async function askGdal<K extends keyof GdalCalls>(
  kind: K,
  input: GdalCalls[K]['input'],
  url: string,
): Promise<GdalCalls[K]['output']> {
  running ??= start();
  const { child, waiting } = running;
  const id = ++lastId;
  if (idle !== null) clearTimeout(idle);
  child.ref();
  child.channel?.ref();
  const tooLong = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS);
  try {
    return await new Promise<GdalCalls[K]['output']>((resolve, reject) => {
      waiting.set(id, { resolve: (output) => resolve(output as GdalCalls[K]['output']), reject, url });
      child.send({ id, kind, input }, (error) => error !== null && reject(died(url, String(error))));
    });
  } finally {
    clearTimeout(tooLong);
    waiting.delete(id);
    if (waiting.size === 0) rest(child);
  }
}

function start(): Running {
  const env = Object.fromEntries(
    VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  // What GDAL's libraries print is no output of ours.
  const child = fork(PROCESS_FILE, [], {
    env,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  const started: Running = { child, waiting };
  const end = (what: string) => {
    if (running === started) running = null;
    for (const { reject, url } of waiting.values()) reject(died(url, what));
  };
  child.on('message', (reply: GdalReply) => {
    const waiter = waiting.get(reply.id);
    if ('problem' in reply) waiter?.reject(new CubeError(reply.problem));
    else waiter?.resolve(reply.output);
  });
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => end(`left with ${signal ?? code}`));
  return started;
}

/** A process that waits for nothing keeps ours from ending in no way. */
function rest(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  if (idle !== null) clearTimeout(idle);
  idle = setTimeout(() => {
    if (running?.child === child) running = null;
    child.kill();
  }, IDLE_MS).unref();
}

function died(url: string, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `GDAL did not survive it: its process ${what}` });
}
