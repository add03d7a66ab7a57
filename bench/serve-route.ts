import { createInterface } from 'node:readline';
import { open } from 'node:fs/promises';
import { rmSync } from 'node:fs';
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

async function answer(route: Route, { job, scratch, dump }: Request): Promise<Answer> {
  try {
    if (job.kind === 'build') rmSync(scratch, { recursive: true, force: true });
    await route.prepare?.(job, scratch);
    const { result, measure: measured } = await measure(() => route.run(job, scratch));
    return { ...measured, crc: await checksum(result, dump) };
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
