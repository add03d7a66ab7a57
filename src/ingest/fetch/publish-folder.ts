import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { temporaryPath, writeError, writeFileAtomic } from '../../io/write-file.js';

const memberSchema = z.object({
  name: z.string(),
  /** Below the folder's `data`, with slashes. */
  path: z.string(),
  size: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const contentsSchema = z.object({
  /** Objects of the cache that the files are of. */
  objects: z.array(z.string()),
  members: z.array(memberSchema),
  leftOut: z.array(z.object({ name: z.string(), reason: z.string() })),
});

/** A file in a folder of the cache. */
export type StoredMember = Readonly<z.infer<typeof memberSchema>>;

/** What a folder of the cache holds; it lies beside the files as `contents.json`. */
export type FolderContents = Readonly<z.infer<typeof contentsSchema>>;

/**
 * Make a folder that is there whole or not at all: `build` fills `data` in a folder of another name, which is renamed last.
 * Where the folder is there already, and whole, nothing is built; where another process makes it first, its is taken.
 */
export async function publishFolder(
  target: string,
  build: (data: string) => Promise<FolderContents>,
): Promise<FolderContents> {
  const known = await readContents(target);
  if (known !== null && (await isWhole(target, known))) return known;
  if (known !== null) await rm(target, { recursive: true, force: true });
  const temporary = temporaryPath(dirname(target));
  try {
    await mkdir(join(temporary, 'data'), { recursive: true });
    const contents = await build(join(temporary, 'data'));
    await writeFileAtomic(join(temporary, 'contents.json'), [JSON.stringify(contents)]);
    await rename(temporary, target).catch(async () => {
      if ((await readContents(target)) !== null) return; // another process was first
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
    });
    return contents;
  } catch (error) {
    throw writeError(target, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Whether nobody has taken or cut a file since; `cacheVerify` looks at the bytes too. */
async function isWhole(folder: string, { members }: FolderContents): Promise<boolean> {
  for (const { path, size } of members) {
    const found = await stat(join(folder, 'data', path)).catch(() => null);
    if (found?.size !== size) return false;
  }
  return true;
}

/** What a folder of the cache holds, or null where it is not there or not sound. */
export async function readContents(folder: string): Promise<FolderContents | null> {
  try {
    return contentsSchema.parse(JSON.parse(await readFile(join(folder, 'contents.json'), 'utf8')));
  } catch {
    return null;
  }
}
