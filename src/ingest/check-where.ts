import { specError } from '../cube/spec-error.js';
import { openDuckDb } from '../duckdb/connection.js';
import type { CubeError } from '../errors.js';
import type { Manifest } from './parse-manifest.js';

/** The expressions of `where` that are none: DuckDB parses them. Which columns there are, only the files tell. */
export async function whereFaults({ datasets }: Manifest): Promise<CubeError[]> {
  const given = datasets.flatMap(({ name, where }) => (where == null ? [] : [{ path: `${name}.where`, where }]));
  if (given.length === 0) return [];
  const db = await openDuckDb();
  try {
    const faults: CubeError[] = [];
    for (const { path, where } of given) {
      // Line breaks: the expression may end in a comment.
      const parsed = await db.connection
        .extractStatements(`SELECT 1 FROM labels WHERE (\n${where}\n)`)
        .then(({ count }) => (count === 1 ? null : 'expected one expression, found several statements'))
        .catch((error: unknown) => wordsOf(error));
      if (parsed !== null) faults.push(specError(path, parsed, 'write what may stand after WHERE in SQL'));
    }
    return faults;
  } finally {
    await db.close();
  }
}

/** DuckDB's first line; the others show the query that we made around it. */
function wordsOf(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line!.replace(/^Failed to extract statements: /, '');
}
