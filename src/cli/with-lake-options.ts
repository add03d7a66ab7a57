import type { Command } from 'commander';

/** Options that name a lake, as they were typed. */
export type LakeOptions = {
  readonly lake?: string;
  readonly lakeData?: string;
  readonly target?: string;
  readonly config?: string;
};

/** Gives a command the options that name a lake. */
export function withLakeOptions(command: Command, what = 'lake'): Command {
  return command
    .option('--lake <lake>', `${what}: DuckDB file, sqlite:PATH, postgres:CONNECTION or md:NAME`)
    .option('--lake-data <place>', 'its data: folder (default: beside the catalog file) or s3://BUCKET/PREFIX/')
    .option('--target <name>', 'the lake of that name in the file of targets (default: DBT_TARGET)')
    .option('--config <file>', 'file of targets (default: heliocube.yaml in the working directory)');
}
