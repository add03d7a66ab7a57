import type { Command } from 'commander';
import { SIGNERS } from '../ingest/stac/signers.js';

/** The option that names who signs, as it was typed. */
export type SignOptions = { readonly sign?: string };

/** Gives a command that reads rasters the option that names who signs. */
export function withSignOption(command: Command): Command {
  return command.option(
    '--sign <providers>',
    `who signs URLs of its hosts when they are read: ${SIGNERS.join(', ')}, with commas between them, or none (default: all)`,
  );
}
