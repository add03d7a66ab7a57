import { fork, type ChildProcess } from 'node:child_process';
import { CubeError } from '../../errors.js';
import { GDAL_PROCESS_FILE } from '../gdal-process-file.js';
import type { GdalCalls, GdalReply } from './protocol.js';

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

type Answer<K extends keyof GdalCalls> = GdalCalls[K]['output'];
/** What came back, or how the process ended before it could. */
type Outcome = { readonly reply: GdalReply } | { readonly died: string };
type Running = { readonly child: ChildProcess; readonly waiting: Map<number, (outcome: Outcome) => void> };

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
): Promise<Answer<K>> {
  running ??= start();
  const shared = running;
  if (idle !== null) clearTimeout(idle);
  const outcome = await send(shared, kind, input);
  if (shared.waiting.size === 0) rest(shared.child);
  // Another file may be to blame: which one shows in a process of its own.
  const settled = 'died' in outcome ? await askAlone(kind, input) : outcome;
  if ('died' in settled) {
    throw new CubeError({ kind: 'invalid-data', url, what: `GDAL did not survive it: its process ${settled.died}` });
  }
  if ('problem' in settled.reply) throw new CubeError(settled.reply.problem);
  return settled.reply.output as Answer<K>;
}

async function askAlone<K extends keyof GdalCalls>(kind: K, input: GdalCalls[K]['input']): Promise<Outcome> {
  const own = start();
  try {
    return await send(own, kind, input);
  } finally {
    own.child.kill();
  }
}

async function send<K extends keyof GdalCalls>(
  { child, waiting }: Running,
  kind: K,
  input: GdalCalls[K]['input'],
): Promise<Outcome> {
  const id = ++lastId;
  child.ref();
  child.channel?.ref();
  const tooLong = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS);
  try {
    return await new Promise<Outcome>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, kind, input }, (error) => {
        if (error !== null) resolve({ died: error.message });
      });
    });
  } finally {
    clearTimeout(tooLong);
    waiting.delete(id);
  }
}

function start(): Running {
  const env = Object.fromEntries(
    VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  // What GDAL's libraries print is no output of ours.
  const child = fork(GDAL_PROCESS_FILE, [], {
    env,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const started: Running = { child, waiting: new Map() };
  const end = (died: string) => {
    if (running === started) running = null;
    for (const settle of started.waiting.values()) settle({ died });
  };
  child.on('message', (reply: GdalReply) => started.waiting.get(reply.id)?.({ reply }));
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
