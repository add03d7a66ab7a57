import { sqlString, type DuckDb } from '../duckdb/connection.js';

/** What DuckDB may hold beside what JavaScript has in memory; the rest goes to disk, where it can. */
const BESIDE = '1536MiB';

/** Leave memory to JavaScript. */
export async function limitMemory(database: DuckDb): Promise<void> {
  await database.run(`SET memory_limit = '${BESIDE}'`);
}

/** Give DuckDB its own limit again. RESET alone changes what the setting says, and not what the buffers take (DuckDB 1.5). */
export async function resetMemoryLimit(database: DuckDb): Promise<void> {
  await database.run('RESET memory_limit');
  const [row] = await database.all("SELECT current_setting('memory_limit') AS own");
  await database.run(`SET memory_limit = ${sqlString(String(row!['own']))}`);
}
