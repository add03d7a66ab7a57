import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';
import { withVersionOptions } from './version-options.js';

const EXAMPLES = `
Examples:
  cube versions cube.icechunk --lake lake.ducklake
  cube versions diff cube.icechunk v1 main
  cube versions tag cube.icechunk v2 --lake lake.ducklake
  cube versions branch cube.icechunk trial v1
  cube versions expire cube.icechunk --older-than 2024-06-01 --lake lake.ducklake
  cube versions gc cube.icechunk --older-than 2024-06-01 --lake lake.ducklake --delete

A version is the name of a branch or a tag, or the id of a snapshot. Expiry takes old snapshots out of the history, gc deletes
what no history needs; both only tell what would go unless --delete is given, and keep what branches, tags and the runs of the
lake need.`;

const PLACE = ['<place>', 'Icechunk repository: a folder, s3://BUCKET/PREFIX, or a URL to read only'] as const;
const WITH_RUNS = 'lake whose runs have cubes in the repository';
const JSON_OPTION = ['--json', 'print the result as JSON'] as const;

/** `cube versions`: the versions of a cube in an Icechunk repository, and of the lake. */
export function versionsCommand(): Command {
  const command = new Command('versions')
    .description('versions of an Icechunk repository and of the lake: list, compare, name, expire')
    .addHelpText('after', EXAMPLES);
  command.addCommand(listCommand(), { isDefault: true });
  for (const subcommand of [diffCommand(), namingCommand('tag'), namingCommand('branch'), ...cleaningCommands()]) {
    command.addCommand(subcommand);
  }
  return command;
}

function listCommand(): Command {
  const command = new Command('list')
    .description('branches, tags and snapshots, with the runs of the lake that made them (default)')
    .argument(...PLACE)
    .option('--limit <n>', 'snapshots at most');
  return withLakeOptions(withVersionOptions(command), WITH_RUNS)
    .option(...JSON_OPTION)
    .action(async (place, options) => (await import('./run-versions.js')).runVersions(place, options));
}

function diffCommand(): Command {
  return new Command('diff')
    .description('groups, arrays and chunks that differ, from an earlier version to a later one')
    .argument(...PLACE)
    .argument('<from>', 'branch, tag or snapshot')
    .argument('<to>', 'branch, tag or snapshot')
    .option(...JSON_OPTION)
    .action(async (place, from, to, options) =>
      (await import('./run-versions.js')).runDiff(place, { from, to }, options),
    );
}

function namingCommand(kind: 'tag' | 'branch'): Command {
  const command = new Command(kind)
    .description(kind === 'tag' ? 'give a version a name that stays' : 'begin a branch at a version')
    .argument(...PLACE)
    .argument('<name>', `of the new ${kind}`)
    .argument('[version]', 'branch, tag or snapshot (default: main)');
  if (kind === 'tag') {
    withLakeOptions(command, 'lake to tie the tag to, at the snapshot that has the run of the version');
  }
  return command
    .option(...JSON_OPTION)
    .action(async (place, name, version, options) =>
      (await import('./run-versions.js')).runNaming(place, { kind, name, version }, options),
    );
}

function cleaningCommands(): Command[] {
  const command = (name: string, what: string) =>
    withLakeOptions(
      new Command(name)
        .description(what)
        .argument(...PLACE)
        .requiredOption('--older-than <time>', 'what was written before: RFC 3339, or a date for its beginning (UTC)'),
      WITH_RUNS,
    )
      .option('--delete', 'do it; without it nothing changes')
      .option(...JSON_OPTION);
  return [
    command('expire', 'take old snapshots out of the history').action(async (place, options) =>
      (await import('./run-expire.js')).runExpire(place, options),
    ),
    command('gc', 'delete what no history needs').action(async (place, options) =>
      (await import('./run-expire.js')).runCollect(place, options),
    ),
  ];
}
