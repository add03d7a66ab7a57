import { Command } from 'commander';

const EXAMPLES = `
Examples:
  cube cache ls
  cube cache verify --remove
  cube cache gc --older-than 2024-06-01 --dry-run
  cube cache gc --max-size 20GB

The cache holds what was downloaded of published datasets, and the members of their archives: in $XDG_CACHE_HOME/heliocube or
~/.cache/heliocube, or in the folder that --cache names. gc always removes what nothing refers to, and links, parts and unpacked
members that have no use any more; files that were used go by --older-than and --max-size only. Let no ingest run meanwhile.`;

const CACHE = [
  '--cache <dir>',
  'folder of the cache (default: $XDG_CACHE_HOME/heliocube or ~/.cache/heliocube)',
] as const;
const JSON_OPTION = ['--json', 'print the result as JSON'] as const;

/** `cube cache`: what was downloaded of published datasets. */
export function cacheCommand(): Command {
  const command = new Command('cache')
    .description('downloads of published datasets: list, check, clean up')
    .addHelpText('after', EXAMPLES);
  for (const subcommand of [listCommand(), verifyCommand(), gcCommand()]) command.addCommand(subcommand);
  return command;
}

function listCommand(): Command {
  return new Command('ls')
    .description('downloaded files: size, SHA-256, source, when they were last used')
    .option(...CACHE)
    .option(...JSON_OPTION)
    .action(async (options) => (await import('./run-cache.js')).runCacheList(options));
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('hash every file again; leaves with 5 where one is damaged')
    .option(...CACHE)
    .option('--remove', 'remove damaged files, so that the next fetch brings them anew')
    .option(...JSON_OPTION)
    .action(async (options) => (await import('./run-cache.js')).runCacheVerify(options));
}

function gcCommand(): Command {
  return new Command('gc')
    .description('remove what nothing refers to, what was not used for long, and what is too much')
    .option(...CACHE)
    .option('--older-than <time>', 'files last used before: RFC 3339, or a date for its beginning (UTC)')
    .option('--max-size <size>', 'remove the least recently used files until so much is left, such as 20GB')
    .option('--keep <sha256...>', 'files that stay whatever the rules say')
    .option('--dry-run', 'tell what would go, and remove nothing')
    .option(...JSON_OPTION)
    .action(async (options) => (await import('./run-cache.js')).runCacheGc(options));
}
