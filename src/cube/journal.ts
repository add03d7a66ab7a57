import { open, readFile, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { CubeError } from '../errors.js';
import type { TaskResult } from './task-result.js';
import type { LayoutParts } from './writer/describe-layout.js';

/** First line of a journal. The layout is that of the store (grid, arrays, times, storage): another one is another store. */
export type JournalHeader = {
  readonly kind: 'build';
  readonly runId: string;
  readonly planHash: string;
  readonly layout: LayoutParts;
  readonly startedAt: number;
  /** Version of the store when the build began; null or absent where stores have no versions. */
  readonly parent?: string | null;
};

type Receipt = { readonly kind: 'task'; readonly result: TaskResult };
/** Written when the store is whole and in its place, before the lake commit. */
type Sealed = { readonly kind: 'sealed'; readonly planHash: string; readonly version?: string };
type Committed = { readonly kind: 'committed'; readonly runId: string };
type Line = JournalHeader | Receipt | Sealed | Committed;

/** What a journal says of an earlier run. */
export type JournalState = {
  readonly header: JournalHeader;
  /** The newest receipt of every finished task, by task key. */
  readonly results: ReadonlyMap<string, TaskResult>;
  /** Hash of the plan that the sealed store was made by; null where it is not sealed, or tasks came after. */
  readonly sealedPlan: string | null;
  /** Version of the store that was sealed last, where stores have versions. */
  readonly version: string | null;
  readonly committed: boolean;
};

/**
 * Append-only file of receipts beside the store. A line is JSON, a tab and the first 16 hex digits of its SHA-256, so
 * that a line torn by a crash is known and ignored with all that follows it.
 */
export class Journal {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Lines are written one after the other: two at once would tear each other. */
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Begin a journal; an older one at the path is replaced. */
  static async create(path: string, header: JournalHeader): Promise<Journal> {
    const journal = new Journal(path, await openJournal(path, 'w'));
    await journal.#append(header);
    return journal;
  }

  /** Go on with a journal whose readable part is `length` bytes; a torn end is cut off. */
  static async continue(path: string, length: number): Promise<Journal> {
    const file = await openJournal(path, 'r+');
    await guard(path, () => file.truncate(length));
    await file.close();
    return new Journal(path, await openJournal(path, 'a'));
  }

  /** A new run over what an earlier, committed one left. */
  restart(header: JournalHeader): Promise<void> {
    return this.#append(header);
  }

  record(result: TaskResult): Promise<void> {
    return this.#append({ kind: 'task', result });
  }

  /** The store is whole and in place, as that version where it has any. On disk when this resolves. */
  async seal(planHash: string, version: string | null = null): Promise<void> {
    await this.#append({ kind: 'sealed', planHash, ...(version === null ? {} : { version }) });
    await guard(this.#path, () => this.#file.sync());
  }

  async committed(runId: string): Promise<void> {
    await this.#append({ kind: 'committed', runId });
    await guard(this.#path, () => this.#file.sync());
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #append(line: Line): Promise<void> {
    const text = JSON.stringify(line, replaceNonFinite);
    const written = this.#last.then(() =>
      guard(this.#path, () => this.#file.appendFile(`${text}\t${checksum(text)}\n`)),
    );
    this.#last = written.catch(() => {});
    return written;
  }
}

/** Read a journal: its state and the length of its sound part in bytes, or null where there is none. */
export async function readJournal(path: string): Promise<{ state: JournalState; length: number } | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new CubeError(
      { kind: 'io', path, code: error.code ?? 'EIO', what: 'the journal cannot be read' },
      { cause: error },
    );
  });
  return bytes === null ? null : parseJournal(bytes);
}

/** Parse the sound part of a journal; null where not even the header is sound. */
export function parseJournal(bytes: Uint8Array): { state: JournalState; length: number } | null {
  let header: JournalHeader | null = null;
  const results = new Map<string, TaskResult>();
  let sealedPlan: string | null = null;
  let version: string | null = null;
  let committed = false;
  let length = 0;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, length)) {
    const line = parseLine(buffer.toString('utf8', length, end));
    if (line === null || (header === null && line.kind !== 'build')) break;
    // Headers without it were written before there was a layout to compare with.
    if (line.kind === 'build' && line.layout === undefined) break;
    if (line.kind === 'build') {
      header = line;
      committed = false;
    } else if (line.kind === 'task') {
      results.set(line.result.key, line.result);
      sealedPlan = null;
    } else if (line.kind === 'sealed') {
      sealedPlan = line.planHash;
      version = line.version ?? null;
    } else committed = true;
    length = end + 1;
  }
  return header === null ? null : { state: { header, results, sealedPlan, version, committed }, length };
}

function parseLine(line: string): Line | null {
  const tab = line.lastIndexOf('\t');
  const text = line.slice(0, tab);
  if (tab < 0 || line.slice(tab + 1) !== checksum(text)) return null;
  return JSON.parse(text, restoreNonFinite) as Line;
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** JSON has no NaN and infinities; statistics of float bands may hold them. */
function replaceNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function restoreNonFinite(_key: string, value: unknown): unknown {
  const wrapped = value as { $number?: unknown } | null;
  return typeof wrapped === 'object' && typeof wrapped?.$number === 'string' ? Number(wrapped.$number) : value;
}

function openJournal(path: string, flags: string): Promise<FileHandle> {
  return guard(path, () => open(path, flags));
}

async function guard<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what: 'the journal cannot be written' }, { cause: error });
  }
}
