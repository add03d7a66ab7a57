import { sqlString } from '../duckdb/connection.js';
import { LAKE, openSession, withAttached } from './attach.js';
import { withCommitRetries } from './commit-retries.js';
import type { QueryOptions } from './query.js';
import { prepareSchema } from './schema.js';
import { dropStaged, insertStaged, stageTables } from './stage.js';
import { filled, TAGS, type TagRow } from './tables.js';
import { runTransaction } from './transaction.js';
import { readVersions, type LakeTag } from './versions.js';

/** A tag of an Icechunk repository. */
export type CubeTag = Pick<TagRow, 'name' | 'cubeHref' | 'cubeSnapshot'>;

/**
 * Tie a tag of an Icechunk repository to a snapshot of the lake: the one that brought the run which made the version, or,
 * where no run of the lake did or its snapshot has expired, the newest. A tag that is tied already stays as it is.
 */
export async function tagVersion(options: QueryOptions, tag: CubeTag): Promise<LakeTag> {
  const session = await openSession(options, { spatial: false });
  const { database } = session;
  const { signal } = options;
  try {
    return await withCommitRetries(signal, () =>
      withAttached(session, { ...options, readOnly: false }, async () => {
        const { tags, runs, snapshots } = await readVersions(database);
        const known = tags.find(({ name, cubeSnapshot }) => name === tag.name && cubeSnapshot === tag.cubeSnapshot);
        if (known !== undefined) return known;
        const run = runs.find(({ cubeSnapshot }) => cubeSnapshot === tag.cubeSnapshot) ?? null;
        const row: TagRow = {
          ...tag,
          lakeSnapshot: run?.lakeSnapshot ?? snapshots[0]?.id ?? 0,
          taggedMs: Date.now(),
        };
        const table = filled(TAGS, [row]);
        const runId = run === null ? 'NULL' : sqlString(run.runId);
        const info = { tag: tag.name, cube_snapshot: tag.cubeSnapshot };
        try {
          await stageTables(database, [table], signal);
          await runTransaction(database, { message: `tag ${tag.name}`, info, signal }, async () => {
            await prepareSchema(database, LAKE, [table]);
            await database.run(insertStaged(table, LAKE, runId));
          });
        } finally {
          await dropStaged(database, [table]);
        }
        return { ...row, runId: run?.runId ?? null };
      }),
    );
  } finally {
    await database.close();
  }
}
