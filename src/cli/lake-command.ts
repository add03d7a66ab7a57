import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube lake snapshots --lake lake.ducklake
  cube lake maintain --lake lake.ducklake                    # what would be done
  cube lake maintain --lake lake.ducklake --apply
  cube lake check --target prod --deep
  cube lake relocate --lake lake.ducklake --to s3://bucket/lake/ --apply
  cube lake forget uspvdb --lake lake.ducklake --apply

Nothing changes without --apply. With it, but for forget, nobody else writes meanwhile, the catalog is copied first, and every value is read
before and after. Snapshots stay that are newer than --keep-days, among the newest --keep-last, tagged, or the newest commit
of a run whose cube is a version of an Icechunk repository.
Exit codes: 0 done, 3 no such lake or data set, 7 check has found faults, 8 the lake could not be read or locked.`;

/** `cube lake`: the snapshots and files of a lake. */
export function lakeCommand(): Command {
  const command = new Command('lake')
    .description('snapshots, files and data sets of a lake: list, clean up, check, copy, move, forget')
    .addHelpText('after', EXAMPLES);
  for (const subcommand of [
    snapshotsCommand(),
    ...workCommands(),
    checkCommand(),
    backupCommand(),
    relocateCommand(),
    forgetCommand(),
  ]) {
    command.addCommand(withLakeOptions(subcommand).option('--json', 'print the result as JSON'));
  }
  return command;
}

function snapshotsCommand(): Command {
  return withRetention(new Command('snapshots'))
    .description('every snapshot, and what keeps it')
    .action(async (options) => (await import('./run-lake.js')).runSnapshots(options));
}

/** Each does a part of what `maintain` does. */
function workCommands(): Command[] {
  const work = (name: string, what: string) =>
    new Command(name)
      .description(what)
      .option('--apply', 'do it; without it nothing changes')
      .option('--backup-dir <folder>', 'where the copy of the catalog goes (default: beside the catalog)')
      .option('--quiet', 'no progress')
      .action(async (options) => (await import('./run-lake.js')).runMaintenance(name, options));
  return [
    withAge(
      withRetention(work('maintain', 'all of it in the safe order: flush, expire, merge, rewrite, cleanup')),
    ).option('--orphans', 'last of all delete files that the catalog does not know'),
    withRetention(work('expire', 'give up old snapshots')),
    work('merge', 'write small files, and files with many deleted rows, anew'),
    withAge(work('cleanup', 'delete files that no snapshot needs any more')).option(
      '--orphans',
      'delete files that the catalog does not know as well',
    ),
  ];
}

function checkCommand(): Command {
  return new Command('check')
    .description('compare what the catalog says with the files that are there, for every snapshot')
    .option('--deep', 'open every data file and count its rows')
    .action(async (options) => (await import('./run-lake-files.js')).runCheck(options));
}

function backupCommand(): Command {
  return new Command('backup')
    .description('copy the catalog, and list the data files that belong to it')
    .option('--backup-dir <folder>', 'where to (default: beside the catalog)')
    .action(async (options) => (await import('./run-lake-files.js')).runBackup(options));
}

function relocateCommand(): Command {
  return new Command('relocate')
    .description('copy the data files elsewhere and read every value there')
    .requiredOption('--to <place>', 'folder, or s3://BUCKET/PREFIX/')
    .option('--apply', 'do it; without it nothing changes')
    .option('--move', 'then delete the files in the old place')
    .option('--quiet', 'no progress')
    .action(async (options) => (await import('./run-lake-files.js')).runRelocate(options));
}

function forgetCommand(): Command {
  return new Command('forget')
    .description('take data sets out: their rows go, sites are made anew, in one snapshot; older snapshots keep them')
    .argument('<dataset...>', 'names, as cube ingest has them')
    .option('--apply', 'do it; without it nothing changes')
    .option('--no-models', 'leave the SQL models (raw to curated) as they are')
    .option('--quiet', 'no progress')
    .action(async (datasets, options) => (await import('./run-forget.js')).runForget(datasets, options));
}

function withRetention(command: Command): Command {
  return command
    .option('--keep-days <n>', 'keep snapshots of the last so many days, 1 at least (default: 7)')
    .option('--keep-last <n>', 'keep the newest so many (default: 10)');
}

function withAge(command: Command): Command {
  return command.option(
    '--min-age <days>',
    'delete files only so long after they were given up, 1 at least (default: 1)',
  );
}
