import { Command } from 'commander';
import { withLakeOptions } from './with-lake-options.js';

const EXAMPLES = `
Examples:
  cube models run --lake lake.ducklake
  cube models run --lake lake.ducklake --select +pv_by_h3 --vars '{h3_resolution: 7}'
  cube models test --lake lake.ducklake --exclude tag:scenes
  cube models docs --out models.html
  cube models lineage --select +pv_sites --format dot

The models are a dbt project: the one that comes with heliocube, or --project. A selector is a name (with * for any text), a
folder, tag:NAME or path:PATH; a + before it adds what it reads, behind it what reads it; a comma stands for "and".`;

/** `cube models`: the SQL models of a lake. */
export function modelsCommand(): Command {
  const command = new Command('models')
    .description('SQL models over a lake, a dbt project: run, test, describe')
    .addHelpText('after', EXAMPLES);
  for (const subcommand of [runCommand(), testCommand(), docsCommand(), lineageCommand()])
    command.addCommand(subcommand);
  return command;
}

function runCommand(): Command {
  return withLakeOptions(
    selecting('run', 'write the models into the lake, each in one commit, in the order of what they read'),
  )
    .option('--full-refresh', 'write incremental models anew')
    .action(async (options) => (await import('./run-models.js')).runRun(options));
}

function testCommand(): Command {
  return withLakeOptions(selecting('test', 'ask every test; failing rows are counted and the first are shown')).action(
    async (options) => (await import('./run-models.js')).runTest(options),
  );
}

function docsCommand(): Command {
  return project('docs', 'one HTML file: models, columns, tests, lineage')
    .option('-o, --out <file>', 'the file', 'models.html')
    .action(async (options) => (await import('./run-models.js')).runDocs(options));
}

function lineageCommand(): Command {
  return selecting('lineage', 'what reads what')
    .option('--format <format>', 'mermaid, dot or json', 'mermaid')
    .action(async (options) => (await import('./run-models.js')).runLineage(options));
}

function selecting(name: string, what: string): Command {
  return project(name, what)
    .option('--select <selector...>', 'only these models')
    .option('--exclude <selector...>', 'all but these models');
}

function project(name: string, what: string): Command {
  return new Command(name)
    .description(what)
    .option('--project <folder>', 'folder of a dbt project (default: the one that comes with heliocube)')
    .option('--vars <yaml>', "variables, such as '{h3_resolution: 7}'")
    .option('--json', 'print the result as JSON');
}
