import { Command } from 'commander';
import { refsBuildCommand } from './refs-build-command.js';
import { refsScanCommand } from './refs-scan-command.js';

/** `cube refs`: references to chunks where they lie. */
export function refsCommand(): Command {
  const command = new Command('refs').description('references to the chunks of rasters, where they lie');
  for (const subcommand of [refsBuildCommand(), refsScanCommand()]) command.addCommand(subcommand);
  return command;
}
