import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CubeError } from '../../errors.js';
import { writeFileAtomic } from '../../io/write-file.js';

/**
 * The objects of a store in a local folder, by key. `writeObject` is atomic: a reader sees the old object, the new one or
 * none. Errors: `io`, `invalid-argument` for keys that are none of a Zarr store.
 */
export class ObjectFolder {
  readonly path: string;
  readonly #folders = new Set<string>();

  constructor(path: string) {
    this.path = path;
  }

  async writeObject(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key);
    await this.#makeFolder(dirname(path));
    await writeFileAtomic(path, bytes);
  }

  /**
   * Write an object where no reader looks yet: a crash may leave a part of it. An older file is replaced, never written
   * into: it may be a link to a finished store's.
   */
  async stageObject(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key);
    await this.#makeFolder(dirname(path));
    await wrapped(path, 'the object cannot be written', async () => {
      try {
        await writeFile(path, bytes, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        await rm(path);
        await writeFile(path, bytes, { flag: 'wx' });
      }
    });
  }

  /** The path of an object that someone else will write; its folder is there then. */
  async placeObject(key: string): Promise<string> {
    const path = this.#pathOf(key);
    await this.#makeFolder(dirname(path));
    return path;
  }

  /** Null where there is no such object. */
  async readObject(key: string): Promise<Uint8Array | null> {
    const path = this.#pathOf(key);
    return wrapped(path, 'the object cannot be read', () => orAbsent(readFile(path), null));
  }

  async hasObject(key: string): Promise<boolean> {
    const path = this.#pathOf(key);
    const found = access(path).then(() => true);
    return wrapped(path, 'the object cannot be read', () => orAbsent(found, false));
  }

  /** In bytes; null where there is no such object, or none that can be looked at. */
  async sizeOf(key: string): Promise<number | null> {
    return stat(this.#pathOf(key)).then(
      ({ size }) => size,
      () => null,
    );
  }

  /** An object that is not there is no error. */
  async removeObject(key: string): Promise<void> {
    const path = this.#pathOf(key);
    await wrapped(path, 'the object cannot be removed', () => rm(path, { force: true }));
  }

  /** The keys of all objects, sorted; files that are no objects of a store (temporary ones too) are left out. */
  async listObjects(): Promise<string[]> {
    const list = readdir(this.path, { withFileTypes: true, recursive: true });
    const entries = await wrapped(this.path, 'the folder cannot be listed', () => orAbsent(list, []));
    const prefix = this.path.length + 1;
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(prefix).replaceAll('\\', '/'))
      .filter(isObjectKey)
      .sort();
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await wrapped(folder, 'the folder cannot be made', () => mkdir(folder, { recursive: true }));
    this.#folders.add(folder);
  }

  #pathOf(key: string): string {
    if (isObjectKey(key)) return join(this.path, key);
    throw new CubeError({ kind: 'invalid-argument', what: `"${key}" is no key of a Zarr store` });
  }
}

/** Metadata ("zarr.json" at any depth) and chunks ("…/c/0/1", "…/c" for a scalar). */
export function isObjectKey(key: string): boolean {
  const steps = key.split('/');
  if (steps.some((step) => step === '' || step === '.' || step === '..' || /[\\\0]/.test(step))) return false;
  if (steps.at(-1) === 'zarr.json') return true;
  return /^[^/]+(\/[^/]+)*\/c(\/\d+)*$/.test(key);
}

async function orAbsent<T>(value: Promise<T>, absent: T): Promise<T> {
  try {
    return await value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw error;
  }
}

async function wrapped<T>(path: string, what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what }, { cause: error });
  }
}
