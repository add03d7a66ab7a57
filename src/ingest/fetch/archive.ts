import type { Readable } from 'node:stream';
import { CubeError } from '../../errors.js';
import type { ListedFile } from './select-files.js';
import type { UnpackBudget } from './unpack-budget.js';

/** A file in an archive. Folders are none. */
export type ArchiveMember = ListedFile & {
  /** Its place among the archive's entries. */
  readonly index: number;
  readonly obstacle: Obstacle | null;
};

/** Why a member cannot be unpacked: what it is (`a hard link`, `encrypted`), and whether that is hostile or only not read. */
export type Obstacle = { readonly kind: 'forbidden' | 'unsupported'; readonly what: string };

/** An archive that is open. Its path on the disk and what it is called are the opener's. */
export interface Archive {
  /** All files, in the archive's order. */
  members(): Promise<readonly ArchiveMember[]>;
  /** Hands over the wanted members, by index, one after the other. Their bodies must be read to the end. */
  read(
    wanted: ReadonlySet<number>,
    use: (member: ArchiveMember, body: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** What opening an archive takes: where it is, what errors call it, what it may become. */
export type ArchiveInput = {
  readonly path: string;
  readonly name: string;
  readonly budget: UnpackBudget;
  readonly signal?: AbortSignal;
};

/** The error of an archive that breaks its format, with the member where that is known. */
export function brokenArchive(name: string, what: string, cause?: unknown): CubeError {
  return new CubeError({ kind: 'invalid-data', url: name, what }, { cause });
}

/** A readable's pieces; its error, whatever it is, becomes one that names the member. */
export async function* readMember(body: Readable, archive: string, member: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) yield piece as Uint8Array;
  } catch (error) {
    if (error instanceof CubeError) throw error;
    throw brokenArchive(archive, `its member "${member}" is damaged: ${messageOf(error)}`, error);
  }
}

/** The words of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
