import { Command } from 'commander';
import { withSignOption } from './with-sign-option.js';

const EXAMPLES = `
Examples:
  cube build austria.yaml --out out/austria
  cube build austria.yaml --dry-run
  cube build austria.yaml --out out/austria --set grid.resolution=20 --set 'bands=[red, nir]'
  cube build austria.yaml --out out/austria --resume

Exit codes: 0 done, 2 wrong usage or specification, 3 input missing, 4 unsupported, 5 bad data, 6 network,
7 built but incomplete, 8 output, 130 stopped (go on with --resume)`;

/** `cube build`: a specification to a cube and lake tables. */
export function buildCommand(): Command {
  const command = new Command('build')
    .description('build a cube and its lake tables from a specification')
    .argument('<spec>', 'YAML or JSON file')
    .option('--out <dir>', 'put the cube at DIR/cube.zarr (DIR/cube.icechunk) and the lake at DIR/lake.ducklake')
    .option('--set <key=value>', 'change a key of the specification; may be repeated', collect, [])
    .option('--workers <n>', 'worker threads; 0 runs in this thread (default: one a core)')
    .option('--max-memory <size>', 'memory for tiles and planes, such as 512MB (default: a quarter of the machine)')
    .option('--refs <lake>', 'lake that `cube refs scan` has filled: headers of the rasters that it knows are not read')
    .option('--refs-data <dir>', 'folder of its data files (default: beside the catalog); needed for Postgres')
    .option(
      '--refs-check',
      'ask each of those rasters whether it has changed, and read the headers of those that have',
    );
  return withSignOption(command)
    .option('--dry-run', 'plan and print what would be read, and stop')
    .option('--resume', 'go on with a build that was interrupted')
    .option('--overwrite', 'replace what is there')
    .option('--allow-incomplete', 'go on past reads that fail for good (reason 4, exit code 7)')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (spec, options) => (await import('./run-build.js')).runBuild(spec, options));
}

/** The values of an option that may be repeated, in order. */
export function collect(value: string, all: readonly string[]): string[] {
  return [...all, value];
}
