import type { IcechunkRepository, IcechunkSession } from '../../native/icechunk/contract.js';
import type { SnapshotInfo } from '../../native/icechunk/types.js';

/** The branch that cubes and references are committed to. */
export const BRANCH = 'main';

/** The newest snapshot of the branch. */
export async function headOf(repository: IcechunkRepository): Promise<SnapshotInfo> {
  return (await repository.ancestry({ branch: BRANCH }, 1))[0]!;
}

/** Whether nothing is in the version that a session shows. */
export async function isEmpty(session: IcechunkSession): Promise<boolean> {
  return (await session.listDir('')).length === 0;
}

/** Take all groups and arrays out of a session's tree; the root group's metadata stays. */
export async function removeTree(session: IcechunkSession): Promise<void> {
  for (const name of await session.listDir('')) if (name !== 'zarr.json') await session.deleteDir(name);
}

/** Call with a session, which is closed in the end. */
export async function withSession<T>(
  opened: Promise<IcechunkSession>,
  use: (session: IcechunkSession) => Promise<T>,
): Promise<T> {
  const session = await opened;
  try {
    return await use(session);
  } finally {
    session.close();
  }
}
