#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { buildCommand } from './build-command.js';
import { doctorCommand } from './doctor-command.js';
import { inspectCommand } from './inspect-command.js';
import { readCommand } from './read-command.js';
import { statsCommand } from './stats-command.js';
import { codeVersion } from '../build/code-version.js';

const program = new Command('cube')
  .description('From STAC imagery and photovoltaic labels to datacubes and a lakehouse')
  .version(codeVersion())
  .exitOverride()
  .showHelpAfterError()
  .addCommand(buildCommand())
  .addCommand(inspectCommand())
  .addCommand(readCommand())
  .addCommand(statsCommand())
  .addCommand(doctorCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed the message; wrong usage exits with 2, help and version with 0.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
