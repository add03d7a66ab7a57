import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { LAKE, openSession, withAttached } from './attach.js';
import { withCommitRetries } from './commit-retries.js';
import type { QueryOptions } from './query.js';
import { prepareSchema } from './schema.js';
import { dropStaged, insertStaged, stageTables } from './stage.js';
import { filled, TAGS, type TagRow } from './tables.js';
import { runTransaction } from './transaction.js';
import { readVersions, type LakeTag, type LakeVersions } from './versions.js';

/** A tag of an Icechunk repository. */
type Tag = Pick<TagRow, 'name' | 'cubeHref' | 'cubeSnapshot'>;

/**
 * Tie a tag of an Icechunk repository to a snapshot of the lake: the one that brought the run which made the version, or,
 * where no run of the lake did or its snapshot has expired, the newest. A tag that is tied already stays as it is.
 */
export async function tagVersion(options: QueryOptions, tag: Tag): Promise<LakeTag> {
  const session = await openSession(options, { spatial: false });
  const { database } = session;
  try {
    return await withCommitRetries(options.signal, () =>
      withAttached(session, { ...options, readOnly: false }, async () => {
        const versions = await readVersions(database);
        const known = versions.tags.find((one) => one.name === tag.name && one.cubeSnapshot === tag.cubeSnapshot);
        if (known !== undefined) return known;
        const row = tied(tag, versions);
        await insertTag(database, row, options.signal);
        return row;
      }),
    );
  } finally {
    await database.close();
  }
}

function tied(tag: Tag, { runs, snapshots }: LakeVersions): LakeTag {
  const run = runs.find(({ cubeSnapshot }) => cubeSnapshot === tag.cubeSnapshot) ?? null;
  const lakeSnapshot = run?.lakeSnapshot ?? snapshots[0]?.id ?? 0;
  return { ...tag, lakeSnapshot, taggedMs: Date.now(), runId: run?.runId ?? null };
}

async function insertTag(database: DuckDb, row: LakeTag, signal: AbortSignal | undefined): Promise<void> {
  const table = filled(TAGS, [row]);
  const runId = row.runId === null ? 'NULL' : sqlString(row.runId);
  const info = { tag: row.name, cube_snapshot: row.cubeSnapshot };
  try {
    await stageTables(database, [table], signal);
    await runTransaction(database, { message: `tag ${row.name}`, info, signal }, async () => {
      await prepareSchema(database, LAKE, [table]);
      await database.run(insertStaged(table, LAKE, runId));
    });
  } finally {
    await dropStaged(database, [table]);
  }
}
