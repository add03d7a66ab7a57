import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isStaleTemporary, temporaryPath, writeError } from '../../io/write-file.js';

/** What the server said of the file that a part is of. */
const versionSchema = z.object({ etag: z.string().nullable(), lastModified: z.string().nullable() });

/** ETag and Last-Modified, as the server wrote them. */
export type FileVersion = Readonly<z.infer<typeof versionSchema>>;

/** Name of a part whose process gave it back. */
const RELEASED = 'released';

/**
 * A download that is under way or was interrupted: a folder with the bytes so far and the version of the file that they are of. While a
 * process writes it, the folder has a name of that process alone; that of a dead process may be taken by renaming it,
 * which only one can do.
 */
export class PartialFile {
  readonly #folder: string;
  readonly #file: FileHandle;
  #length: number;
  #version: FileVersion | null;

  private constructor(folder: string, file: FileHandle, length: number, version: FileVersion | null) {
    this.#folder = folder;
    this.#file = file;
    this.#length = length;
    this.#version = version;
  }

  /** Take over what is left of an earlier download in `folder`, or begin one. Problem: `io`. */
  static async claim(folder: string): Promise<PartialFile> {
    const own = temporaryPath(folder);
    try {
      await takeOver(folder, own);
      await mkdir(own, { recursive: true });
      const version = await readVersion(own);
      const file = await open(bodyOf(own), 'a+');
      if (version === null) await file.truncate(0);
      return new PartialFile(own, file, (await file.stat()).size, version);
    } catch (error) {
      throw writeError(own, error);
    }
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Of the file that the bytes are of; null where there are none. */
  get version(): FileVersion | null {
    return this.#length === 0 ? null : this.#version;
  }

  /** Where the bytes lie. */
  get path(): string {
    return bodyOf(this.#folder);
  }

  /** Forget the bytes, and begin anew with a file of this version. */
  async restart(version: FileVersion): Promise<void> {
    try {
      await truncate(this.path, 0);
      this.#length = 0;
      this.#version = version;
      await writeFile(versionOf(this.#folder), JSON.stringify(version));
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.appendFile(bytes);
    } catch (error) {
      throw writeError(this.path, error);
    }
    this.#length += bytes.length;
  }

  /** Move the whole file to its place, which may be there already with the same content. Problem: `io`. */
  async finish(target: string): Promise<void> {
    try {
      await this.#file.chmod(0o444); // links to it are handed out
      await this.#file.sync();
      await mkdir(dirname(target), { recursive: true });
      await rename(this.path, target);
    } catch (error) {
      throw writeError(target, error);
    } finally {
      await this.discard();
    }
  }

  /** Leave the bytes for the next download. */
  async release(): Promise<void> {
    await this.#file.close();
    if (this.#length === 0) return this.discard();
    await rename(this.#folder, join(dirname(this.#folder), RELEASED)).catch(() => this.discard());
  }

  /** Keep nothing. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
    await rmdir(dirname(this.#folder)).catch(() => {}); // others may have parts there
  }
}

/** Rename what nobody writes any more to a name of our own. */
async function takeOver(folder: string, own: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    if (name !== RELEASED && !(await isStaleTemporary(path).catch(() => false))) continue;
    const taken = await rename(path, own).then(
      () => true,
      () => false,
    );
    if (taken) return;
  }
}

async function readVersion(folder: string): Promise<FileVersion | null> {
  try {
    const version = versionSchema.parse(JSON.parse(await readFile(versionOf(folder), 'utf8')));
    return (await stat(bodyOf(folder))).isFile() ? version : null;
  } catch {
    return null;
  }
}

function bodyOf(folder: string): string {
  return join(folder, 'body');
}

function versionOf(folder: string): string {
  return join(folder, 'version.json');
}
