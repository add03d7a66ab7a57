#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { codeVersion } from '../build/code-version.js';
import { buildCommand } from './build-command.js';
import { cacheCommand } from './cache-command.js';
import { cardCommand } from './card-command.js';
import { doctorCommand } from './doctor-command.js';
import { exportCommand } from './export-command.js';
import { enrichCommand } from './enrich-command.js';
import { flowCommand } from './flow-command.js';
import { importCommand } from './import-command.js';
import { ingestCommand } from './ingest-command.js';
import { inspectCommand } from './inspect-command.js';
import { lakeCommand } from './lake-command.js';
import { modelsCommand } from './models-command.js';
import { printError } from './output.js';
import { readCommand } from './read-command.js';
import { refsCommand } from './refs-command.js';
import { searchCommand } from './search-command.js';
import { stacCommand } from './stac-command.js';
import { statsCommand } from './stats-command.js';
import { versionsCommand } from './versions-command.js';

// A reader that has seen enough (`cube stats … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 8));

const program = new Command('cube')
  .description('From STAC imagery and photovoltaic labels to datacubes and a lakehouse')
  .version(codeVersion())
  .exitOverride()
  .showHelpAfterError('(try it with --help)');

// Commands say what they take; what they do is loaded when it is asked for, so that help and version are quick.
const commands = [
  buildCommand(),
  ingestCommand(),
  exportCommand(),
  importCommand(),
  cardCommand(),
  enrichCommand(),
  refsCommand(),
  inspectCommand(),
  readCommand(),
  statsCommand(),
  versionsCommand(),
  cacheCommand(),
  lakeCommand(),
  modelsCommand(),
  flowCommand(),
  stacCommand(),
  searchCommand(),
  doctorCommand(),
];
for (const command of commands) program.addCommand(inherit(command, program));

const json = process.argv.includes('--json');
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) printError({ json }, error);
  else if (error.exitCode !== 0) {
    // Commander has told people what is wrong; programs read it on stdout.
    const what = error.message.replace(/^error: /, '');
    if (json) process.stdout.write(`${JSON.stringify({ error: { kind: 'invalid-argument', what } })}\n`);
    process.exitCode = 2;
  }
}

/** Subcommands take their parent's settings too. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const subcommand of command.commands) inherit(subcommand, command);
  return command;
}
