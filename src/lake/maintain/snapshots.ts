import { openSession, withAttached, type LakeLocation } from '../attach.js';
import { readVersions } from '../versions.js';
import { backUpLake, backupFolderOf, type LakeBackup } from './backup.js';
import { judgeSnapshots, RETENTION, type JudgedSnapshot, type Retention } from './retention.js';

/** Which lake is asked. */
type Options = LakeLocation & { readonly signal?: AbortSignal; readonly lockTimeoutMs?: number };

/** The snapshots of a lake, newest first, each with what keeps it from an expiry of that retention. Failure: `lake`. */
export async function listSnapshots(
  options: Options & { readonly retention?: Partial<Retention> },
): Promise<JudgedSnapshot[]> {
  const session = await openSession(options, { spatial: false });
  try {
    const versions = await withAttached(session, { ...options, readOnly: true }, () => readVersions(session.database));
    return judgeSnapshots(versions, { ...RETENTION, ...options.retention }, Date.now());
  } finally {
    await session.database.close();
  }
}

/**
 * Copy the catalog of a lake, as it is at one moment, into a folder of its own below `folder` (beside the catalog where left
 * out), with a list of the data files that belong to it. The data files themselves are not copied. Problem: `lake`, `io`.
 */
export async function backupLake(options: Options & { readonly folder?: string }): Promise<LakeBackup> {
  const session = await openSession(options, { spatial: false });
  try {
    return await withAttached(session, { ...options, readOnly: true }, () =>
      backUpLake(session, options.folder ?? backupFolderOf(session), Date.now()),
    );
  } finally {
    await session.database.close();
  }
}
