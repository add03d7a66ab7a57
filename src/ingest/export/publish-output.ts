import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CubeError } from '../../errors.js';
import { isStaleTemporary, temporaryPath, writeError } from '../../io/write-file.js';

/** Where a writer works; all of it is on the disk that the output will be on. */
export type Workplace = {
  /** What to make; it has the output's own name, which some formats take for a title. */
  readonly path: string;
  /** A folder for what does not fit into memory. */
  readonly spill: string;
};

/**
 * Make a file that is there whole or not at all: `write` makes it in a folder of a temporary name beside `out`, and
 * it is renamed last. What killed writers left there is removed first. Problems: `exists` without `overwrite`, `io`.
 */
export async function publishOutput<T>(
  out: string,
  { overwrite = false }: { readonly overwrite?: boolean },
  write: (place: Workplace) => Promise<T>,
): Promise<T> {
  const folder = dirname(out);
  const temporary = temporaryPath(folder);
  try {
    await assertFree(out, { overwrite });
    await mkdir(folder, { recursive: true });
    await removeStaleFolders(folder);
    const place = { path: join(temporary, 'made', basename(out)), spill: join(temporary, 'spill') };
    await mkdir(dirname(place.path), { recursive: true });
    const result = await write(place);
    await assertFree(out, { overwrite });
    await rename(place.path, out);
    return result;
  } catch (error) {
    throw error instanceof CubeError || !isSystemError(error) ? error : writeError(out, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Make a folder in its place, for formats that write absolute paths into it and so cannot be renamed. It is never replaced, and
 * removed when `write` fails. Problem: `exists`.
 */
export async function writeInPlace<T>(out: string, write: (place: Workplace) => Promise<T>): Promise<T> {
  await assertFree(out, { fix: 'remove it, or use another name' });
  const spill = temporaryPath(dirname(out));
  try {
    return await write({ path: out, spill });
  } catch (error) {
    await rm(out, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(spill, { recursive: true, force: true });
  }
}

/** Problem: `exists` where anything has the name; with `overwrite` only where a folder has it, which is never replaced. */
export async function assertFree(
  path: string,
  {
    overwrite = false,
    fix = 'use --overwrite, or another name',
  }: { readonly overwrite?: boolean; readonly fix?: string } = {},
): Promise<void> {
  const found = await lstat(path).catch(ignoreAbsent);
  if (found?.isDirectory() === true)
    throw new CubeError({
      kind: 'exists',
      path,
      what: 'a folder has that name',
      fix: 'remove it, or use another name',
    });
  if (found !== undefined && !overwrite)
    throw new CubeError({ kind: 'exists', path, what: 'it is there already', fix });
}

async function removeStaleFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name.startsWith('.tmp-') && (await isStaleTemporary(path)))
      await rm(path, { recursive: true, force: true });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function ignoreAbsent(error: unknown): undefined {
  if (isSystemError(error) && error.code === 'ENOENT') return undefined;
  throw error;
}
