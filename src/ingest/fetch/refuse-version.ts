import { CubeError } from '../../errors.js';
import type { FetchRequest } from './remote-file.js';

/** Throws `unsupported` where a version is asked of something that has none; `what` names it. */
export function refuseVersion({ version }: FetchRequest, what: string): void {
  if (version === undefined) return;
  const fix = 'leave the version out, and give checksums to hold the files fast';
  throw new CubeError({ kind: 'unsupported', feature: `versions of ${what} ("${version}")`, fix });
}
