// Works on an Icechunk repository in a process or thread of its own: node icechunk-process.mjs DIST JOB, JOB is JSON.
// Prints one JSON line and ends by itself: nothing here calls process.exit.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [dist, text] = isMainThread ? process.argv.slice(2) : workerData;
const job = JSON.parse(text);
const { createIcechunk, icechunkFork, openIcechunk } = await import(
  pathToFileURL(join(dist, 'native/icechunk.js')).href
);

const JOBS = {
  /** Commits `count` new chunks, one a commit; answers the keys whose commit was confirmed. */
  async commit({ storage, writer, count }) {
    const repository = await openIcechunk(storage);
    const keys = [];
    for (let i = 0; i < count; i++) {
      const session = await repository.writable('main');
      const key = `a/c/${writer}/${i}`;
      await session.set(key, new TextEncoder().encode(`${writer}-${i}`));
      await session.commit({ message: key, rebase: { attempts: 100 } });
      keys.push(key);
    }
    return keys;
  },
  /** Uses everything that holds a handle and closes nothing. */
  async use({ storage }) {
    const repository = await createIcechunk(storage);
    const session = await repository.writable('main');
    await session.set('zarr.json', new TextEncoder().encode('{"zarr_format":3,"node_type":"group"}'));
    const id = await session.commit({ message: 'root' });
    return (await repository.ancestry({ branch: 'main' }))[0].id === id;
  },
  /** The same in a worker thread, whose end must not need `terminate`. */
  async useInThread({ storage }) {
    const worker = new Worker(new URL(import.meta.url), { workerData: [dist, JSON.stringify({ op: 'use', storage })] });
    const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const code = await new Promise((resolve) => worker.once('exit', resolve));
    return { answer, code };
  },
  /** Ends threads in the middle of their writes, then goes on itself. */
  async terminate({ storage, threads }) {
    const repository = await createIcechunk(storage);
    const session = await repository.writable('main');
    const array = { zarr_format: 3, node_type: 'array', shape: [99], data_type: 'uint8', fill_value: 0 };
    const grid = { name: 'regular', configuration: { chunk_shape: [1] } };
    const metadata = {
      ...array,
      chunk_grid: grid,
      chunk_key_encoding: { name: 'default' },
      codecs: [{ name: 'bytes' }],
    };
    await session.set('a/zarr.json', new TextEncoder().encode(JSON.stringify(metadata)));
    await session.commit({ message: 'array' });
    for (let i = 0; i < threads; i++) {
      const work = JSON.stringify({ op: 'writeForEver', storage });
      const worker = new Worker(new URL(import.meta.url), { workerData: [dist, work] });
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      await worker.terminate();
    }
    return (await repository.branches()).length;
  },
  async writeForEver({ storage }) {
    const session = await (await openIcechunk(storage)).writable('main');
    for (let i = 0; i < 99; i++) void session.set(`a/c/${i}`, new Uint8Array(100_000));
    parentPort.postMessage('writing');
    for (;;) await session.get('a/zarr.json');
  },
  /** Writes chunks into a fork; answers it as base64. */
  async fork({ fork, chunks }) {
    const session = await icechunkFork(Buffer.from(fork, 'base64'));
    const seen = await session.list('');
    for (const [key, value] of chunks) await session.set(key, new TextEncoder().encode(value));
    return { seen, fork: Buffer.from(await session.toBytes()).toString('base64') };
  },
  /** Holds the lock of a repository until it is killed: a commit whose storage has gone to sleep. */
  async sleep({ storage }) {
    const repository = await openIcechunk(storage);
    process.stdout.write('"ready"\n');
    for (;;) {
      const session = await repository.writable('main');
      await session.commit({ message: 'again', allowEmpty: true, rebase: { attempts: 100 } });
    }
  },
};

const answer = await JOBS[job.op](job);
if (isMainThread) process.stdout.write(`${JSON.stringify(answer)}\n`);
else parentPort.postMessage(answer);
