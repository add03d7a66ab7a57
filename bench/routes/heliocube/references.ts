import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobOf } from '../../protocol.js';
import { bytesOf, type Place, type Result, type Work } from '../../route.js';
import { icechunkReferences } from './references-icechunk.js';
import { lakeReferences } from './references-lake.js';

/** Where one chunk is said to be. */
export type FoundReference = { readonly url: string; readonly offset: number; readonly length: number };

/** Looks up a chunk by its number in the pattern. */
export type FindReference = (chunk: number) => FoundReference;

/** A store that references go to and come from; what it needs in memory is made with it. */
export type ReferenceStore = {
  readonly write: (path: string) => Promise<void>;
  /** Opens the store and takes all references out of it. */
  readonly open: (path: string) => Promise<FindReference>;
};

type ReferencesJob = JobOf<'references'>;

let before: { readonly key: string; readonly store: ReferenceStore; readonly written: Set<string> } | null = null;

/** References to a store, or all of them from a store that the first round makes before the clock starts. */
export async function prepareReferences(job: ReferencesJob, { scratch }: Place): Promise<Work> {
  const key = JSON.stringify(job);
  if (before?.key !== key) {
    const store = job.store === 'lake' ? lakeReferences(job) : icechunkReferences(job);
    before = { key, store, written: new Set() };
  }
  const { store, written } = before;
  if (job.part === 'write') {
    const path = join(scratch, job.store);
    return async () => {
      await store.write(path);
      return { result: () => sampled(job, () => store.open(path)) };
    };
  }
  const path = `${scratch}-${job.store}`;
  if (!written.has(path)) await store.write(path);
  written.add(path);
  return async () => {
    const find = await store.open(path);
    return { result: () => sampled(job, async () => find) };
  };
}

/** What the sampled references point at: the number that is written there, and the length. */
async function* sampled({ samples }: ReferencesJob, open: () => Promise<FindReference>): ReturnType<AsyncResult> {
  const find = await open();
  for (const chunk of samples) {
    const { url, offset, length } = find(chunk);
    yield bytesOf(Float64Array.of(await numberAt(fileURLToPath(url), offset), length));
  }
}

type AsyncResult = () => AsyncGenerator<Uint8Array> & ReturnType<Result>;

async function numberAt(path: string, offset: number): Promise<number> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(new Uint8Array(8), 0, 8, offset);
    return new DataView(buffer.buffer).getFloat64(0, true);
  } finally {
    await file.close();
  }
}
