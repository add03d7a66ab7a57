import { Command, Option } from 'commander';

const EXAMPLES = `
Examples:
  cube flow show
  cube flow show ingest --format svg --out ingest.svg
  cube flow run ingest --input manifest=manifest.yaml --input lake=lake.ducklake
  cube flow run ./my-flow.mjs --input 'years=[2019,2020]' --target table
  cube flow lineage ingest --down files --up models
  cube flow lineage ./my-flow.mjs --tag layer=raw
  cube flow gc --older-than 2024-06-01

A flow is the name of one that comes with heliocube, or a JavaScript module whose default export is what defineFlow returns. A value of
--input is read as JSON where it is JSON, and is a text elsewhere.
Exit codes: 0 done, 2 a wrong input or name, 7 elements failed (with --keep-going), 130 stopped; others are those of the nodes.`;

/** `cube flow`: graphs of functions. */
export function flowCommand(): Command {
  const command = new Command('flow')
    .description('graphs of functions: show, run, what reads what')
    .addHelpText('after', EXAMPLES);
  for (const subcommand of [showCommand(), runCommand(), lineageCommand(), gcCommand()]) command.addCommand(subcommand);
  return command;
}

function showCommand(): Command {
  return shown(
    new Command('show').description('the nodes of a flow; without a name the flows that come with heliocube'),
  )
    .argument('[flow]', 'name or module')
    .action(async (flow, options) => (await import('./run-flows.js')).runShow(flow, options));
}

function lineageCommand(): Command {
  return shown(
    new Command('lineage').description(
      'what the nodes read, and what reads them; --down A --up B is the way from A to B',
    ),
  )
    .argument('<flow>', 'name or module')
    .option('--up <nodes...>', 'these nodes and all that they read')
    .option('--down <nodes...>', 'these nodes and all that read them')
    .option('--tag <tag>', 'those that bear a tag: NAME or NAME=VALUE')
    .action(async (flow, options) => (await import('./run-flows.js')).runShow(flow, options));
}

function runCommand(): Command {
  return new Command('run')
    .description('run a flow; what has the same code and the same inputs comes from the cache where its nodes say so')
    .argument('<flow>', 'name or module')
    .option(
      '-i, --input <name=value>',
      'value of an input; may be repeated',
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .option('-t, --target <nodes...>', 'only these nodes and what they read')
    .option('-j, --jobs <count>', 'functions that run at once', '4')
    .option('--cache <dir>', 'where values are kept (default: flows in the cache)')
    .option('--again', 'make every value anew')
    .option('--keep-going', 'go on without the elements of maps that fail')
    .option('--json', 'print the report as JSON, with the values of the targets')
    .option('--quiet', 'no progress')
    .action(async (flow, options) => (await import('./run-flows.js')).runFlowCommand(flow, options));
}

function gcCommand(): Command {
  return new Command('gc')
    .description('remove kept values that were not used for long, and files that only they name')
    .requiredOption('--older-than <time>', 'values last used before: RFC 3339, or a date for its beginning (UTC)')
    .option('--cache <dir>', 'where values are kept (default: flows in the cache)')
    .option('--dry-run', 'tell what would go, and remove nothing')
    .option('--json', 'print the result as JSON')
    .action(async (options) => (await import('./run-flows.js')).runFlowGc(options));
}

function shown(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'text, mermaid, dot or svg')
        .choices(['text', 'mermaid', 'dot', 'svg'])
        .default('text'),
    )
    .option('-o, --out <file>', 'write it to a file')
    .option('--json', 'print the nodes as JSON');
}
