import { Command } from 'commander';
import { collect } from './build-command.js';
import { withSignOption } from './with-sign-option.js';

const EXAMPLES = `
Examples:
  cube refs build austria.yaml --kerchunk austria.json
  cube refs build austria.yaml --icechunk austria.icechunk --kerchunk austria.parquet

Nothing is decoded: the arrays are those of the files, so grid, mask, mosaic, resampling, clip and labels do not apply.
Exit codes: as for cube build`;

/** `cube refs build`: a specification to a dataset of references. */
export function refsBuildCommand(): Command {
  const command = new Command('build')
    .description('stack items × bands into virtual arrays (time, y, x) from a specification')
    .argument('<spec>', 'YAML or JSON file, as for cube build')
    .option('--kerchunk <path>', 'write kerchunk references: FILE.json or FOLDER.parquet')
    .option('--zarr <path>', 'write a Zarr v3 store with chunk manifests: FOLDER.zarr')
    .option('--icechunk <place>', 'commit to an Icechunk repository: a folder or s3://BUCKET/PREFIX')
    .option('--set <key=value>', 'change a key of the specification; may be repeated', collect, []);
  return withSignOption(command)
    .option('--overwrite', 'replace what is there')
    .option('--allow-incomplete', 'leave out what cannot be referred to or does not fit the others')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (spec, options) => (await import('./run-refs-build.js')).runRefsBuild(spec, options));
}
