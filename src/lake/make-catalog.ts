import { link, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { codeOf } from '../io/system-error.js';
import { removeStaleTemporaries, temporaryPath, writeError } from '../io/write-file.js';

/** File systems without hard links answer with one of these. */
const NO_LINKS: ReadonlySet<string | null> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Make an empty DuckDB file where nothing stands. DuckDB writes the three headers of a new file one after the other, and
 * nobody can open what a process leaves that is killed between them; so the file is made under another name and then
 * linked, which is atomic and never replaces the file of another process. What killed makers left in the folder is
 * removed, also where the file stands. Where there are no hard links DuckDB makes the file in place. Problem: `io`, or `lake`
 * with DuckDB's words.
 */
export async function makeCatalogFile(database: DuckDb, path: string): Promise<void> {
  const folder = dirname(path);
  await removeStaleTemporaries(folder, { recursive: false });
  if ((await stat(path).catch(() => null)) !== null) return;
  const temporary = temporaryPath(folder);
  try {
    await database.run(`ATTACH ${sqlString(temporary)} AS new_catalog`);
    await database.run('DETACH new_catalog');
    await link(temporary, path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EEXIST' && !NO_LINKS.has(code)) throw writeError(path, error);
  } finally {
    await unlink(temporary).catch(() => {}); // the action's error matters more
  }
}
