import { createInterface } from 'node:readline';
import { mkdir, open, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { measure } from './measure.js';
import { parseRequest, type Answer, type Request } from './protocol.js';
import type { Result, Route } from './route.js';

/** Answer jobs that come as lines on standard input, one after the other, until it ends. */
export async function serveRoute(route: Route): Promise<void> {
  say({ ready: route.versions });
  for await (const line of createInterface({ input: process.stdin })) {
    say(await answer(route, parseRequest(line)));
  }
}

/** One line of JSON to whoever started this process. */
export function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function answer(route: Route, { job, round, scratch, dump }: Request): Promise<Answer> {
  try {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    const work = await route.prepare(job, { round, scratch });
    const { result: outcome, measure: own } = await measure(work);
    const crc = await checksum(outcome.result, dump);
    return { ...(outcome.measure ?? own), crc };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function checksum(result: Result, dump: string | null): Promise<number> {
  const file = dump === null ? null : await open(dump, 'w');
  try {
    let crc = 0;
    for await (const piece of result()) {
      crc = crc32(piece, crc);
      await file?.writeFile(piece);
    }
    return crc;
  } finally {
    await file?.close();
  }
}
