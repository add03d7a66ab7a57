import { formatBytes } from '../build/format-bytes.js';
import { CubeError } from '../errors.js';
import { checkLake, type LakeCheck } from '../lake/maintain/check.js';
import { relocateLake, type Relocation } from '../lake/maintain/relocate.js';
import { backupLake } from '../lake/maintain/snapshots.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { phaseLine } from './run-lake.js';
import type { LakeOptions } from './with-lake-options.js';

/** Names that are told of each kind. */
const MOST_TOLD = 20;

/** What `cube lake check` does. Never throws: the problem is printed and the exit code set. */
export async function runCheck(options: CommonOptions & LakeOptions & { readonly deep?: boolean }): Promise<void> {
  try {
    const check = await checkLake({ ...(await neededLake(options)), deep: options.deep === true });
    printResult(options, check, () => describeCheck(check));
    if (check.faults.length === 0) return;
    // The report is on stdout already.
    const failed = check.faults.length;
    printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'the lake has faults', failed }));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube lake backup` does. Never throws. */
export async function runBackup(options: CommonOptions & LakeOptions & { readonly backupDir?: string }): Promise<void> {
  try {
    const { backupDir } = options;
    const lake = await neededLake(options);
    const backup = await backupLake({ ...lake, ...(backupDir === undefined ? {} : { folder: backupDir }) });
    printResult(options, backup, () =>
      [
        `catalog  ${backup.catalog}`,
        `manifest ${backup.manifest}`,
        `files    ${backup.files}, ${formatBytes(backup.bytes)}: listed, not copied`,
        `restore  ${backup.restore}`,
      ].join('\n'),
    );
  } catch (error) {
    printError(options, error);
  }
}

/** Options of `cube lake relocate`, as they were typed. */
export type RelocateOptions = CommonOptions &
  LakeOptions & { readonly to: string; readonly apply?: boolean; readonly move?: boolean };

/** What `cube lake relocate` does. Never throws. */
export async function runRelocate(options: RelocateOptions): Promise<void> {
  try {
    const { to, apply = false, move = false } = options;
    const lake = await neededLake(options);
    const input = { ...lake, to, apply, move, onPhase: phaseLine(options) };
    const relocation = await interruptible('what is copied stays, run it again to go on', (signal) =>
      relocateLake({ ...input, ...(lake.storage === undefined ? {} : { toStorage: lake.storage }), signal }),
    );
    printResult(options, relocation, () => describeRelocation(relocation));
  } catch (error) {
    printError(options, error);
  }
}

function describeCheck({ lake, dataPath, snapshots, files, bytes, faults, orphans, scheduled }: LakeCheck): string {
  return [
    `lake      ${lake}`,
    `data      ${dataPath}`,
    `snapshots ${snapshots}`,
    `files     ${files}, ${formatBytes(bytes)}; ${scheduled} more wait for a cleanup`,
    `orphans   ${orphans.length}`,
    ...told(orphans.map((path) => `          ${path}`)),
    `faults    ${faults.length}`,
    ...told(faults.map(({ kind, where, what }) => `          ${kind}: ${where}: ${what}`)),
  ].join('\n');
}

function told(lines: readonly string[]): string[] {
  const more = lines.length > MOST_TOLD ? [`          … and ${lines.length - MOST_TOLD} more`] : [];
  return [...lines.slice(0, MOST_TOLD), ...more];
}

function describeRelocation({ from, to, files, bytes, present, applied, moved }: Relocation): string {
  const size = `${files} files, ${formatBytes(bytes)}`;
  if (!applied) return `would copy ${size}\n  from ${from}\n  to   ${to}\nnothing was changed; pass --apply to do it`;
  return [
    `${moved ? 'moved' : 'copied'} ${size}${present === 0 ? '' : ` (${present} were there)`}`,
    `  from ${from}`,
    `  to   ${to}`,
    `every value was read there; open the lake with --lake-data ${to}`,
  ].join('\n');
}
